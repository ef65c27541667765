import Kernels

/// What is known of one metric's noise in a class of servers: how it is distributed, and how long it remembers.
package struct NoiseLaw: Hashable, Sendable {
    /// Of the innovations.
    package let shape: NoiseShape
    /// Of the fast component; nil for none.
    package let memory: NoiseMemory?
    /// Share of the slow component in the variance.
    package let slowShare: Double
    /// The slow component; nil for none.
    package let slow: SlowNoise?

    /// The slow component's half-life unless given, in steps.
    private static let usualSlowHalfLife = 100.0

    /// - Parameter stepSeconds: Length of a step.
    package init(_ spec: NoiseSpec, stepSeconds: Int64) {
        shape = NoiseShape(skewness: spec.skewness, kurtosis: spec.kurtosis)
        memory = spec.halfLife.map { NoiseMemory(halfLife: Double($0) / Double(stepSeconds)) }
        guard spec.slowShare > 0 else {
            (slowShare, slow) = (0, nil)
            return
        }
        slowShare = spec.slowShare
        let steps = spec.slowHalfLife.map { Double($0) / Double(stepSeconds) } ?? Self.usualSlowHalfLife
        slow = SlowNoise(halfLife: steps, share: spec.slowShare)
    }

    /// Independent normal deviates.
    package static let plain = NoiseLaw(.plain, stepSeconds: 1)

    /// Standard deviation of the fast component.
    package var fast: Double { (1 - slowShare).squareRoot() }

    /// Skewness of the noise: that of the innovations, less what summing them takes.
    package func skewness(innovations: Double) -> Double {
        let phi = memory?.phi ?? 0
        let scale = memory?.scale ?? 1
        return innovations * fast * fast * fast * scale * scale * scale / (1 - phi * phi * phi)
    }

    /// Excess kurtosis of the noise.
    package func kurtosis(innovations: Double) -> Double {
        let square = memory.map { $0.phi * $0.phi } ?? 0
        return innovations * (1 - slowShare) * (1 - slowShare) * (1 - square) / (1 + square)
    }

    /// How much the correlation of two metrics' noise is less than that of their innovations.
    package func dilution(_ other: NoiseLaw) -> Double {
        let (a, b) = (memory?.phi ?? 0, other.memory?.phi ?? 0)
        if a == b { return fast * other.fast }
        return fast * other.fast * (memory?.scale ?? 1) * (other.memory?.scale ?? 1) / (1 - a * b)
    }
}

/// What memory does to sums over the steps of one server.
extension NoiseLaw {
    /// The correlation of two steps of one server, on average over the places of the slow component's nodes.
    /// - Complexity: O(2^shift).
    package func autocorrelation(_ lag: Int) -> Double {
        if lag == 0 { return 1 }
        let fast = memory.map { ExactMath.power($0.phi, Double(lag)) } ?? 0
        guard let slow else { return fast }
        return (1 - slowShare) * fast + slowShare * slow.autocorrelation(lag)
    }

    /// The correlations of steps that are 0 to `most` apart: those of `autocorrelation`, by products instead of powers.
    package func autocorrelations(upTo most: Int) -> [Double] {
        let slow = slow?.autocorrelations(0...most)
        let phi = memory?.phi ?? 0
        var fast = 1.0
        return (0...most).map { lag in
            defer { fast *= phi }
            if lag == 0 { return 1 }
            return slow.map { (1 - slowShare) * fast + slowShare * $0[lag] } ?? fast
        }
    }

    /// The correlation of neighbours within the slow component, as if it had no nodes.
    private var slowPhi: Double { slow.map { ExactMath.power($0.memory.phi, 1 / Double(1 << $0.shift)) } ?? 0 }

    /// How much greater the variance of any weighted sum over `steps` steps can be than without memory: the sum of the autocorrelations, which is
    /// the greatest value of the spectrum.
    func mostInflation(steps: Int) -> Double {
        let (phi, slow) = (memory?.phi ?? 0, slowPhi)
        // Lines between nodes raise the nearest correlations by up to a fiftieth.
        let sum = (1 - slowShare) * (1 + phi) / (1 - phi) + 1.02 * slowShare * (1 + slow) / (1 - slow)
        return min(max(1, sum), Double(steps))
    }

    /// The same for sums of what is orthogonal to the noise itself, such as its square: the sum of the squared autocorrelations.
    func squaredInflation(steps: Int) -> Double {
        let (a, b, q) = (memory?.phi ?? 0, slowPhi, slowShare)
        let sum =
            (1 - q) * (1 - q) * (1 + a * a) / (1 - a * a) + 2 * q * (1 - q) * (1 + a * b) / (1 - a * b) + 1.04 * q * q * (1 + b * b)
            / (1 - b * b)
        return min(max(1, sum), Double(steps))
    }

    /// The variance of the sum of `weights` times noise whose neighbours are correlated by `phi`, over consecutive steps or nodes.
    ///
    /// - Complexity: O(weights).
    static func varianceOfSum(_ weights: [Double], phi: Double) -> Double {
        fleetsynth_remembered(weights, Int32(weights.count), phi)
    }
}

extension SlowNoise {
    /// The correlation of two steps, on average over their places between nodes.
    package func autocorrelation(_ lag: Int) -> Double { autocorrelations(lag...lag)[0] }

    /// The same for several distances of steps, with what they have in common worked out once.
    ///
    /// ```
    /// lag = j 2^shift + rest      places before 2^shift - rest have their partner j nodes on, the others j + 1
    /// ```
    /// What the weights of a place and its partner multiply to depends on the rest alone.
    /// - Complexity: O(lags + 4^shift).
    func autocorrelations(_ lags: ClosedRange<Int>) -> [Double] {
        let (weights, count) = (Self.weights(shift: shift, phi: memory.phi), 1 << shift)
        let mask = count - 1
        var products = [(near: NodeProducts, far: NodeProducts)](repeating: (NodeProducts(), NodeProducts()), count: count)
        for rest in lags.count >= count ? Array(0..<count) : lags.map({ $0 & mask }) {
            var (near, far) = (NodeProducts(), NodeProducts())
            for place in 0..<count - rest { near.add(weights[place], weights[place + rest]) }
            for place in count - rest..<count { far.add(weights[place], weights[place + rest - count]) }
            products[rest] = (near, far)
        }
        var power = 1.0
        let powers = (0...(lags.upperBound >> shift) + 2).map { _ in
            defer { power *= memory.phi }
            return power
        }
        return lags.map { lag in
            let (near, far) = products[lag & mask]
            let nodes = lag >> shift
            return (near.correlation(nodes: nodes, powers) + far.correlation(nodes: nodes + 1, powers)) / Double(count)
        }
    }
}

/// Sums of products of two places' weights of the nodes around them.
private struct NodeProducts {
    /// Of both nodes before, and of both after.
    private var level = 0.0
    /// Of the earlier place's node before with the later one's after, and the other way round.
    private var wide = 0.0
    private var narrow = 0.0

    mutating func add(_ earlier: (before: Double, after: Double), _ later: (before: Double, after: Double)) {
        level += earlier.before * later.before + earlier.after * later.after
        wide += earlier.before * later.after
        narrow += earlier.after * later.before
    }

    /// - Parameters:
    ///   - nodes: From the earlier place's node before to the later one's.
    ///   - powers: Of the correlation of neighbouring nodes.
    func correlation(nodes: Int, _ powers: [Double]) -> Double {
        level * powers[nodes] + wide * powers[nodes + 1] + narrow * powers[nodes == 0 ? 1 : nodes - 1]
    }
}
