/// A cubic of a standard normal deviate with mean 0, variance 1 and a chosen skewness and excess kurtosis.
///
/// ```
/// y = -square + linear z + square z^2 + cubic z^3          = h1 He1(z) + h2 He2(z) + h3 He3(z)
/// ```
/// Fleishman, "A method for simulating non-normal distributions", Psychometrika 43 (1978). The Hermite coefficients give the correlation of two
/// such variables from that of their deviates.
package struct NoiseShape: Hashable, Sendable {
    package let linear: Double
    package let square: Double
    package let cubic: Double

    /// The deviate itself.
    package static let normal = NoiseShape(linear: 1, square: 0, cubic: 0)

    /// The least excess kurtosis that some cubic has at a skewness, with a margin of at most 0.15 so that the equations stay well-posed.
    package static func leastKurtosis(skewness: Double) -> Double { 1.6 * skewness * skewness - 1.1 }

    private init(linear: Double, square: Double, cubic: Double) {
        (self.linear, self.square, self.cubic) = (linear, square, cubic)
    }

    /// - Parameters:
    ///   - skewness: -2...2.
    ///   - kurtosis: Excess, at least `leastKurtosis(skewness:)`, at most 20.
    package init(skewness: Double, kurtosis: Double) {
        guard skewness != 0 || kurtosis != 0 else {
            self = .normal
            return
        }
        // From the normal distribution in 32 steps, 4 iterations of Newton each: always as many, so always the same bits. Solvable all the
        // way, because the least kurtosis is a convex function of the skewness and below 0 at 0.
        var x = SIMD3(1.0, 0, 0)
        let sign = skewness < 0 ? -1.0 : 1
        for step in 1...32 {
            let t = Double(step) / 32
            for _ in 0..<4 { x = Self.improved(x, skewness: t * skewness.magnitude, kurtosis: t * kurtosis) }
        }
        self.init(linear: x[0], square: sign * x[1], cubic: x[2])
    }

    /// One Newton step of (variance, skewness, kurtosis) = (1, skewness, kurtosis).
    private static func improved(_ x: SIMD3<Double>, skewness: Double, kurtosis: Double) -> SIMD3<Double> {
        let (b, c, d) = (x[0], x[1], x[2])
        let inner = b * b + 24 * b * d + 105 * d * d + 2
        let last = 12 + 48 * b * d + 141 * c * c + 225 * d * d
        let middle = 1 + b * b + 28 * b * d
        let rest = SIMD3(
            b * b + 6 * b * d + 2 * c * c + 15 * d * d - 1, 2 * c * inner - skewness,
            24 * (b * d + c * c * middle + d * d * last) - kurtosis)
        // The columns of the Jacobian.
        let byB = SIMD3(2 * b + 6 * d, 2 * c * (2 * b + 24 * d), 24 * (d + c * c * (2 * b + 28 * d) + 48 * d * d * d))
        let byC = SIMD3(4 * c, 2 * inner, 24 * (2 * c * middle + 282 * c * d * d))
        let byD = SIMD3(
            6 * b + 30 * d, 2 * c * (24 * b + 210 * d), 24 * (b + 28 * b * c * c + 2 * d * last + d * d * (48 * b + 450 * d)))
        let determinant = Self.determinant(byB, byC, byD)
        return SIMD3(
            b - Self.determinant(rest, byC, byD) / determinant, c - Self.determinant(byB, rest, byD) / determinant,
            d - Self.determinant(byB, byC, rest) / determinant)
    }

    private static func determinant(_ a: SIMD3<Double>, _ b: SIMD3<Double>, _ c: SIMD3<Double>) -> Double {
        a[0] * (b[1] * c[2] - c[1] * b[2]) - b[0] * (a[1] * c[2] - c[1] * a[2]) + c[0] * (a[1] * b[2] - b[1] * a[2])
    }

    /// The value at a deviate.
    package func callAsFunction(_ z: Double) -> Double { ((cubic * z + square) * z + linear) * z - square }

    /// Coefficients of the Hermite polynomials He1 to He3.
    package var hermite: (first: Double, second: Double, third: Double) { (linear + 3 * cubic, square, cubic) }

    /// The correlation of this cubic and another one of deviates with correlation `rho`.
    package func correlation(_ other: NoiseShape, deviates rho: Double) -> Double {
        let (a, b) = (hermite, other.hermite)
        return ((6 * a.third * b.third * rho + 2 * a.second * b.second) * rho + a.first * b.first) * rho
    }

    /// The correlation of the deviates that gives the cubics a correlation, or nil with the farthest that they can have.
    package func deviates(_ other: NoiseShape, correlation wanted: Double) -> (rho: Double?, most: Double) {
        if self == .normal, other == .normal { return (wanted.magnitude <= 1 ? wanted : nil, wanted < 0 ? -1 : 1) }
        let sign = wanted < 0 ? -1.0 : 1
        var (low, most) = (0.0, 0.0)
        for index in 1...64 {
            let high = Double(index) / 64
            let reached = sign * correlation(other, deviates: sign * high)
            most = max(most, reached)
            guard reached >= wanted.magnitude else {
                low = high
                continue
            }
            var (below, above) = (low, high)
            for _ in 0..<60 {
                let middle = 0.5 * (below + above)
                if sign * correlation(other, deviates: sign * middle) < wanted.magnitude { below = middle } else { above = middle }
            }
            return (sign * above, sign * most)
        }
        return (nil, sign * most)
    }
}
