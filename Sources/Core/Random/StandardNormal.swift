import Kernels

/// Standard normal deviates by inversion, one for each 32-bit word.
///
/// `deviate` is the plain twin of the kernel: bit-identical to it on every instruction set.
public enum StandardNormal {
    /// Time steps drawn together; a window is widened to whole superblocks, whose surplus is dropped.
    public static let superblock = 32

    /// The word of `step` within its superblock: block `step % 8`, word `step / 8`.
    ///
    /// With this order eight neighbouring steps are the same word of eight neighbouring blocks: what a vector unit computes at once.
    public static func address(step: Int) -> (block: UInt32, word: Int) {
        let base = Int(floorDivide(step, superblock))
        let within = step - base * superblock
        return (UInt32(truncatingIfNeeded: base * 8 + within % 8), within / 8)
    }

    /// Deviates of `count` superblocks from superblock `first`, written to `out`.
    ///
    /// - Parameter out: At least `count * superblock` floats.
    public static func fill(_ out: UnsafeMutableBufferPointer<Float>, stream: DrawStream, server: UInt32, first: Int, count: Int) {
        precondition(out.count >= count * superblock, "the buffer holds whole superblocks")
        fleetsynth_normals(stream.seed, stream.stream, server, Int32(truncatingIfNeeded: first), Int32(count), out.baseAddress)
    }

    /// The deviate of one word: bit 0 is the sign, the upper 31 bits give the two-sided tail probability t.
    ///
    /// With w = -ln(t (2 - t)), |z| / (1 - t) is a polynomial in w (w < 5) or in sqrt(w); greatest |z| 6.34, relative error below 5e-7.
    public static func deviate(_ word: UInt32) -> Float {
        let t = (Float(word >> 1) + 0.5) * 0x1p-31
        let x = 1 - t
        let y = t * (2 - t)
        let bits = y.bitPattern &+ (0x3F80_0000 - 0x3F35_04F3)
        let e = Float(Int32(bits >> 23) - 127)
        let f = Float(bitPattern: (bits & 0x007F_FFFF) &+ 0x3F35_04F3) - 1
        let w = -(e * 0.6931471824645996 + horner(f, logarithm) * f)
        let magnitude = w < 5 ? x * horner(w - 2.5, central) : x * horner(w.squareRoot() - 3.5, tail)
        return Float(bitPattern: magnitude.bitPattern | (word << 31))
    }

    private static func horner(_ x: Float, _ coefficients: [Float]) -> Float {
        var value = coefficients[0]
        for coefficient in coefficients.dropFirst() { value = value * x + coefficient }
        return value
    }

    // Highest power first; minimax fits in relative error of ln(1 + f) / f, and of |z| / (1 - t) in w - 2.5 and in sqrt(w) - 3.5.
    private static let logarithm: [Float] = [
        -0.10106763988733292, 0.16222524642944336, -0.17250847816467285, 0.1990017294883728, -0.24969908595085144, 0.33335059881210327,
        -0.5000036358833313, 0.9999999403953552,
    ]
    private static let central: [Float] = [
        4.0354287023092184e-08, 4.861034881287196e-07, -4.990561137674376e-06, -6.217987902346067e-06, 0.00030915020033717155,
        -0.0017730101244524121, -0.005908171180635691, 0.3488026559352875, 2.1233136653900146,
    ]
    private static let tail: [Float] = [
        -0.0002395644405623898, 0.0007984386756017182, -0.0010966104455292225, 0.001411834149621427, -0.0028498489409685135,
        0.004669325891882181, 1.4246262311935425, 4.717087745666504,
    ]
}

/// The quotient rounded down, for steps before 1970.
func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }
