import Kernels

/// Standard normal deviates, two from each 48 random bits (Box and Muller): `r cos(angle)` and `r sin(angle)`.
///
/// ```
/// r      sqrt(-2 ln((w + 1/2) / 2^31)), w the upper 31 bits of a word; up to 6.6
/// angle  16 bits: two signs, and one of 2^14 midpoints of a quadrant
/// ```
/// The mean of a smooth periodic function over 2^16 equal steps is its integral to far more digits than single precision has, so each deviate is
/// normal as far as the polynomials are (relative error below 2e-6), and neighbours are independent.
/// `pair` is the plain twin of the kernel: bit-identical to it on every instruction set.
public enum StandardNormal {
    /// Time steps drawn together; a window is widened to whole superblocks, whose surplus is dropped.
    public static let superblock = 64

    /// Where the bits of one deviate are.
    public struct Address: Equatable, Sendable {
        /// Block and word of the radius.
        public let block: UInt32, word: Int
        /// Block and word of the angle, and whether it is the upper half of that word.
        public let angleBlock: UInt32, angleWord: Int, upper: Bool
        /// Whether the deviate is the sine of the pair.
        public let isSine: Bool
    }

    /// Where the bits of `step` are. A superblock has twelve blocks: eight for radii, four for angles.
    ///
    /// Eight neighbouring lanes are the same words of four neighbouring blocks: what a vector unit computes at once.
    public static func address(step: Int) -> Address {
        let base = floorDivide(step, superblock)
        let within = step - base * superblock
        let (pair, place) = (within / 16, within % 16)
        let lane = place % 4 + (place < 8 ? 0 : 4)
        let first = UInt32(truncatingIfNeeded: base) &* 12 &+ UInt32(lane / 2)
        // A 64-bit lane holds words 0 and 1, or 2 and 3, the first one high.
        func word(_ half: Int) -> Int { half * 2 + 1 - lane % 2 }
        return Address(
            block: first &+ UInt32(pair / 2 * 4), word: word(pair % 2), angleBlock: first &+ 8, angleWord: word(pair / 2),
            upper: pair % 2 == 1, isSine: place / 4 % 2 == 1)
    }

    /// Deviates of `count` superblocks from superblock `first`, written to `out` in the order of time.
    ///
    /// - Parameter out: At least `count * superblock` floats.
    public static func fill(_ out: UnsafeMutableBufferPointer<Float>, stream: DrawStream, server: UInt32, first: Int, count: Int) {
        precondition(out.count >= count * superblock, "the buffer holds whole superblocks")
        fleetsynth_normals(stream.seed, stream.stream, server, Int32(truncatingIfNeeded: first), Int32(count), out.baseAddress)
    }

    /// The deviate of one step, plainly.
    public static func deviate(stream: DrawStream, server: UInt32, step: Int) -> Float {
        let address = address(step: step)
        let angle = stream.words(server: server, block: address.angleBlock)[address.angleWord]
        let pair = pair(
            word: stream.words(server: server, block: address.block)[address.word],
            angle: UInt16(truncatingIfNeeded: address.upper ? angle >> 16 : angle))
        return address.isSine ? pair.sine : pair.cosine
    }

    /// Both deviates of a word and an angle.
    public static func pair(word: UInt32, angle: UInt16) -> (cosine: Float, sine: Float) {
        let r = squaredRadius(word).squareRoot()
        let bits = UInt32(angle) << 16
        let a = Float(Int32(bitPattern: bits << 2 | 0x20000)) * 0x1.921FB6p-32
        let a2 = a * a
        let c = (cosine[0] + cosine[1] * a2) + (cosine[2] + cosine[3] * a2) * (a2 * a2)
        let s = ((sine[2] * a2 + sine[1]) * a2 + sine[0]) * a
        func signed(_ sign: UInt32) -> Float { Float(bitPattern: r.bitPattern ^ (sign & 0x8000_0000)) }
        return (signed(bits) * (c - s), signed(bits << 1) * (c + s))
    }

    /// `-2 ln u`, u the middle of cell `word >> 1` of 2^31: exponential with mean 2. Relative error below 3e-6.
    public static func squaredRadius(_ word: UInt32) -> Float {
        let t = Float(Int32(word >> 1)) + 0.5
        let bits = t.bitPattern &+ (0x3F80_0000 - 0x3F35_04F3)
        let e = Float(Int32(bits >> 23) - 158)
        let f = Float(bitPattern: (bits & 0x007F_FFFF) &+ 0x3F35_04F3) - 1
        let f2 = f * f
        let low = logarithm[0] + logarithm[1] * f
        let middle = logarithm[2] + logarithm[3] * f
        let high = (logarithm[4] + logarithm[5] * f) + logarithm[6] * f2
        return e * -1.3862943611198906 + (low + (middle + high * f2) * f2) * f
    }

    // Lowest power first: our own minimax fits of -2 ln(1 + f) / f, of sqrt(1/2) cos a and of sqrt(1/2) sin a / a.
    private static let logarithm: [Float] = [
        -2.000001907348633, 1.000022292137146, -0.6662901639938354, 0.49819499254226685, -0.40992704033851624, 0.37335634231567383,
        -0.2379193753004074,
    ]
    private static let cosine: [Float] = [0.7071067690849304, -0.35355237126350403, 0.029454555362462997, -0.0009606716921553016]
    private static let sine: [Float] = [0.7071032524108887, -0.11780513823032379, 0.005742809269577265]
}

/// The quotient rounded down, for steps before 1970.
func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }
