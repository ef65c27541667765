import Kernels

/// Elementary functions from IEEE add, multiply, divide and own series only, so that values never depend on a C library.
///
/// Accuracy: a few units in the last place, checked against the platform's library in the tests.
public enum ExactMath {
    /// The natural logarithm of a positive, normal number.
    public static func log(_ x: Double) -> Double {
        precondition(x > 0 && x.isNormal, "logarithm of a positive number")
        var m = x.significand
        var e = Double(x.exponent)
        if m > 1.4142135623730951 {
            m *= 0.5
            e += 1
        }
        // ln m = 2 artanh(s); |s| < 0.1716, so 12 terms reach double precision.
        let s = (m - 1) / (m + 1)
        let s2 = s * s
        var sum = 0.0
        for k in stride(from: 23, through: 3, by: -2) { sum = (sum + 1 / Double(k)) * s2 }
        return e * 0.6931471803691238 + (e * 1.9082149292705877e-10 + 2 * s * (1 + sum))
    }

    /// e to the power `x`, |x| < 700.
    public static func exp(_ x: Double) -> Double {
        precondition(x.magnitude < 700, "argument of exp within range")
        let k = (x * 1.4426950408889634).rounded(.toNearestOrEven)
        let r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10
        var sum = 1.0
        for n in stride(from: 16, through: 1, by: -1) { sum = 1 + sum * r / Double(n) }
        return Double(sign: .plus, exponent: Int(k), significand: 1) * sum
    }

    /// `base` to the power `years`, exact at whole numbers: repeated multiplication for the whole part, exp(log) for the rest.
    public static func power(_ base: Double, _ exponent: Double) -> Double {
        precondition(base > 0, "power of a positive base")
        let whole = exponent.rounded(.down)
        let fraction = exponent - whole
        var result = 1.0
        for _ in 0..<Int(whole.magnitude) { result *= base }
        if whole < 0 { result = 1 / result }
        return fraction == 0 ? result : result * exp(fraction * log(base))
    }

    /// `power` of many bases, bit for bit, eight at a time.
    public static func powers(of bases: [Double], _ exponent: Double) -> [Double] {
        precondition(bases.allSatisfy { $0 > 0 && $0.isNormal }, "powers of positive numbers")
        let whole = exponent.rounded(.down)
        return [Double](unsafeUninitializedCapacity: bases.count) { powers, count in
            fleetsynth_powers(bases, Int32(bases.count), Int32(whole), exponent - whole, powers.baseAddress)
            count = bases.count
        }
    }

    /// sin(2 pi x): the argument is a phase in turns, reduced exactly.
    public static func sinTurns(_ x: Double) -> Double {
        let turn = x - x.rounded(.down)
        let quadrant = (turn * 4).rounded(.toNearestOrEven)
        let r = (turn - quadrant * 0.25) * 6.283185307179586
        let r2 = r * r
        switch Int(quadrant) & 3 {
        case 0: return sine(r, r2)
        case 1: return cosine(r2)
        case 2: return -sine(r, r2)
        default: return -cosine(r2)
        }
    }

    private static func sine(_ r: Double, _ r2: Double) -> Double {
        var sum = 1.0
        for n in stride(from: 18, through: 2, by: -2) { sum = 1 - sum * r2 / Double(n * (n + 1)) }
        return r * sum
    }

    private static func cosine(_ r2: Double) -> Double {
        var sum = 1.0
        for n in stride(from: 17, through: 1, by: -2) { sum = 1 - sum * r2 / Double(n * (n + 1)) }
        return sum
    }

    /// The standard normal density.
    public static func normalDensity(_ x: Double) -> Double { x.magnitude > 37 ? 0 : 0.3989422804014327 * exp(-0.5 * x * x) }

    /// The standard normal distribution function: a series near 0, a continued fraction in the tails; absolute error below 1e-14.
    public static func normalCDF(_ x: Double) -> Double {
        let a = x.magnitude
        if a > 37 { return x < 0 ? 0 : 1 }
        if a < 3 {
            // Phi(x) = 1/2 + phi(x) * (x + x^3/3 + x^5/15 + ...)
            var term = x
            var sum = x
            var n = 3.0
            while (term / sum).magnitude > 1e-17, n < 200 {
                term *= x * x / n
                sum += term
                n += 2
            }
            return 0.5 + normalDensity(x) * sum
        }
        var fraction = 0.0
        for k in stride(from: 60, through: 1, by: -1) { fraction = Double(k) / (a + fraction) }
        let upper = normalDensity(a) / (a + fraction)
        return x < 0 ? upper : 1 - upper
    }
}
