import Kernels

/// What bounds, saturation and rounding leave of noise that need not be normal, by the trapezoidal rule over a normal deviate.
///
/// ```
/// value = round(clip(saturate(mean + std * g(z))))        g: the cubic with the noise's skewness and kurtosis
/// ```
/// With memory the noise is a sum of cubics; the cubic with that sum's skewness and kurtosis stands for it.
final class BentLaw: Sendable {
    /// How many standard deviations the noise is within but for one cell in two million.
    let tail: Double
    /// Where values begin to be bent.
    let lowEdge: Double
    let highEdge: Double
    /// The noise's cubic.
    let shape: NoiseShape
    private let low: Double
    private let high: Double
    private let step: Double
    private let saturation: Saturation?

    private static let reach = 6.5
    private static let perUnit = 8.0
    private static let count = Int(2 * reach * perUnit) + 1
    /// Probability of each node's deviate.
    static let weights: [Double] = weights(of: deviates)
    static let deviates: [Double] = (0..<count).map { Double($0) / perUnit - reach }
    /// Every fourth node, for what is rare and need not be known as well.
    private static let sparseDeviates = stride(from: 0, to: count, by: 4).map { deviates[$0] }
    private static let sparseWeights = weights(of: sparseDeviates)
    /// The noise at the nodes, and half a node before each and after the last.
    private let nodes: [Double]
    private let between: [Double]
    private let sparseNodes: [Double]
    private let weights = BentLaw.filled(BentLaw.weights)
    private let sparseWeights = BentLaw.filled(BentLaw.sparseWeights)

    /// Zeros at the end, so that there are whole eights.
    private static func filled(_ numbers: [Double]) -> [Double] {
        numbers + [Double](repeating: 0, count: -numbers.count & 7)
    }

    private static func weights(of deviates: [Double]) -> [Double] {
        let densities = deviates.map { ExactMath.normalDensity($0) }
        let sum = densities.reduce(0, +)
        return densities.map { $0 / sum }
    }

    /// Nil where the noise is normal and nothing saturates.
    init?(_ own: ClassSignal, low: Double, high: Double, step: Double) {
        let shape = Self.shape(own)
        guard shape != .normal || own.saturation != nil else { return nil }
        self.shape = shape
        saturation = own.saturation
        (self.low, self.high, self.step) = (low, high, step)
        tail = max(5, shape(5).magnitude, shape(-5).magnitude)
        (lowEdge, highEdge) = (own.saturation?.lower ?? low, own.saturation?.upper ?? high)
        nodes = Self.filled(Self.deviates.map { shape($0) })
        sparseNodes = Self.filled(Self.sparseDeviates.map { shape($0) })
        between = (0...Self.count).map { shape((Double($0) - 0.5) / Self.perUnit - Self.reach) }
    }

    /// The cubic that stands for a class's noise.
    static func shape(_ own: ClassSignal) -> NoiseShape {
        let skewness = own.skewness
        return NoiseShape(skewness: skewness, kurtosis: max(own.kurtosis, NoiseShape.leastKurtosis(skewness: skewness)))
    }

    private func limited(_ x: Double) -> Double { min(max(saturation.map { $0(x) } ?? x, low), high) }

    /// Mean, variance and the mean's slope.
    ///
    /// - Parameter rare: Whether only a small part of the cells is like this, so that few nodes are enough.
    func kept(mean m: Double, std s: Double, rare: Bool = false) -> ClippedNormal {
        guard s > step * 1e-9 else {
            let value = min(max((limited(m) / step).rounded(.toNearestOrEven) * step, low), high)
            return ClippedNormal(mean: value, variance: 0, inside: m > low && m < high ? saturation?.slope(m) ?? 1 : 0)
        }
        let center = limited(m)
        let sums: Sums
        if step > 0.5 * s {
            sums = coarse(m, s, center)
        } else {
            sums = rare ? fine(m, s, center, sparseWeights, sparseNodes) : fine(m, s, center, weights, nodes)
        }
        return ClippedNormal(
            mean: min(max(center + sums.first, low), high), variance: max(0, sums.second - sums.first * sums.first) + sums.rounding,
            inside: sums.slope)
    }

    /// Sums over the nodes, of distances from a center.
    private struct Sums {
        /// Mean and mean square.
        var first = 0.0
        var second = 0.0
        /// How much the mean moves with the mean before bending.
        var slope = 0.0
        /// What rounding adds to the variance, where that is not in the mean square.
        var rounding = 0.0
    }

    private func fine(_ m: Double, _ s: Double, _ center: Double, _ weights: [Double], _ nodes: [Double]) -> Sums {
        var law = fleetsynth_bend(
            mean: m, spread: s, center: center, low: low, high: high, lower: saturation?.lower ?? low, upper: saturation?.upper ?? high,
            width: saturation?.width ?? 0)
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { found in
            fleetsynth_bent(weights, nodes, Int32(weights.count), &law, found.baseAddress)
            let rounding = step * step / 12
            return Sums(
                first: found[0], second: found[1], slope: found[2], rounding: saturation == nil ? rounding * found[2] : rounding)
        }
    }

    /// Where steps are wider than half a standard deviation: rounded values, as if spread evenly from one node to the next.
    private func coarse(_ m: Double, _ s: Double, _ center: Double) -> Sums {
        var sums = Sums()
        for index in 0..<Self.count {
            let (weight, x) = (weights[index], m + s * nodes[index])
            let (mean, square) = rounded(
                limited(m + s * between[index]) - center, limited(m + s * between[index + 1]) - center, center)
            sums.first += weight * mean
            sums.second += weight * square
            sums.slope += saturation.map { weight * $0.slope(x) } ?? (x > low && x < high ? weight : 0)
        }
        return sums
    }

    /// Mean and mean square of what rounding makes of values spread evenly between two; all as distances from `center`.
    private func rounded(_ a: Double, _ b: Double, _ center: Double) -> (Double, Double) {
        guard (b - a).magnitude > 1e-6 * step else {
            let value = ((a + center) / step).rounded(.toNearestOrEven) * step - center
            return (value, value * value)
        }
        let base = (center / step).rounded(.toNearestOrEven)
        let shift = base * step - center
        func sums(_ x: Double) -> (Double, Double) {
            let u = (x + center) / step - base
            let k = (u + 0.5).rounded(.down)
            let rest = u + 0.5 - k
            return (k * (k - 1) / 2 + k * rest, (k - 1) * k * (2 * k - 1) / 6 + k * k * rest)
        }
        let (p, q, width) = (sums(a), sums(b), (b - a) / step)
        let (mean, square) = ((q.0 - p.0) / width * step, (q.1 - p.1) / width * step * step)
        return (mean + shift, square + 2 * shift * mean + shift * shift)
    }
}

extension ClippedNormal {
    init(mean: Double, variance: Double, inside: Double) {
        (self.mean, self.variance, self.inside) = (mean, variance, inside)
    }
}
