/// What a metric's noise is like beyond its standard deviation; see docs/CONFIG.md.
public struct NoiseSpec: Hashable, Sendable {
    /// Seconds in which half of a disturbance is forgotten; nil for noise without memory.
    public var halfLife: Int64?
    /// Share of the slow component in the variance, 0...0.95.
    public var slowShare: Double
    /// Seconds in which half of the slow component is forgotten; nil for 100 steps.
    public var slowHalfLife: Int64?
    /// Skewness of the innovations, -2...2.
    public var skewness: Double
    /// Excess kurtosis of the innovations, 0...20.
    public var kurtosis: Double
    /// Power of the effects' product that the standard deviation goes with, 0...2; 1 unless given.
    public var loadExponent: Double
    /// Share of the clip range at either end in which values are compressed, 0...0.5.
    public var saturation: Double

    /// Normal, without memory, proportional to the load.
    public static let plain = NoiseSpec(
        halfLife: nil, slowShare: 0, slowHalfLife: nil, skewness: 0, kurtosis: 0, loadExponent: 1, saturation: 0)

    /// The noise's standard deviation where the effects' product is `factor`.
    /// - Parameter std: At a product of 1.
    func spread(_ std: Double, factor: Double) -> Double {
        if loadExponent == 1 { return std * factor }
        if loadExponent == 0 { return std }
        return factor < 1e-300 ? 0 : std * ExactMath.power(factor, loadExponent)
    }

    /// The same for many products.
    func spread(_ std: Double, factors: [Double]) -> [Double] {
        if loadExponent == 1 { return factors.map { std * $0 } }
        if loadExponent == 0 { return [Double](repeating: std, count: factors.count) }
        let powers = ExactMath.powers(of: factors.map { $0 < 1e-300 ? 1 : $0 }, loadExponent)
        return factors.indices.map { factors[$0] < 1e-300 ? 0 : std * powers[$0] }
    }
}

/// What an archetype changes about a metric's noise; nil for what it does not.
public struct NoiseDifference: Hashable, Sendable {
    /// As the properties of `NoiseSpec`.
    public var halfLife: Int64?
    /// Share of the slow component in the variance.
    public var slowShare: Double?
    /// Seconds in which half of the slow component is forgotten.
    public var slowHalfLife: Int64?
    /// Skewness of the innovations.
    public var skewness: Double?
    /// Excess kurtosis of the innovations.
    public var kurtosis: Double?
    /// Power of the effects' product.
    public var loadExponent: Double?
    /// Share of the clip range.
    public var saturation: Double?

    /// No difference.
    public init() {}

    /// The noise of a metric as the archetype has it.
    func applied(to noise: NoiseSpec) -> NoiseSpec {
        NoiseSpec(
            halfLife: halfLife ?? noise.halfLife, slowShare: slowShare ?? noise.slowShare, slowHalfLife: slowHalfLife ?? noise.slowHalfLife,
            skewness: skewness ?? noise.skewness, kurtosis: kurtosis ?? noise.kurtosis, loadExponent: loadExponent ?? noise.loadExponent,
            saturation: saturation ?? noise.saturation)
    }
}

/// A correlation of two metrics' noise that a config asks for.
public struct NoiseCorrelation: Hashable, Sendable {
    /// The metric whose name is the lesser by its bytes.
    public let first: String
    /// The other metric.
    public let second: String
    /// The correlation, between -1 and 1.
    public let value: Double

    /// - Parameters: Two metrics in either order, and their correlation.
    public init(_ a: String, _ b: String, _ value: Double) {
        let isSorted = !b.utf8.lexicographicallyPrecedes(a.utf8)
        (first, second, self.value) = (isSorted ? a : b, isSorted ? b : a, value)
    }
}

extension Array where Element == NoiseCorrelation {
    /// By the metrics' names.
    func sortedByName() -> [NoiseCorrelation] {
        sorted {
            $0.first == $1.first
                ? $0.second.utf8.lexicographicallyPrecedes($1.second.utf8) : $0.first.utf8.lexicographicallyPrecedes($1.first.utf8)
        }
    }
}
