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

    /// The correlations of steps that are 0 to `most` apart: those of `autocorrelation`, bit for bit.
    package func autocorrelations(upTo most: Int) -> [Double] {
        let slow = slow.map { $0.autocorrelations(upTo: most) }
        return (0...most).map { lag in
            if lag == 0 { return 1 }
            let fast = memory.map { ExactMath.power($0.phi, Double(lag)) } ?? 0
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

    /// The variance of the sum of noise times `weights` over consecutive steps.
    ///
    /// - Parameter first: The first step's absolute number.
    /// - Complexity: O(steps).
    func varianceOfSum(_ weights: [Double], first: Int) -> Double {
        let fast = Self.varianceOfSum(weights, phi: memory?.phi ?? 0)
        guard let slow else { return fast }
        let places = SlowNoise.weights(shift: slow.shift, phi: slow.memory.phi)
        let start = floorDivide(first, places.count)
        var nodes = [Double](repeating: 0, count: floorDivide(first + weights.count - 1, places.count) - start + 2)
        for (index, weight) in weights.enumerated() {
            let node = floorDivide(first + index, places.count)
            let place = places[first + index - node * places.count]
            nodes[node - start] += weight * place.before
            nodes[node - start + 1] += weight * place.after
        }
        return (1 - slowShare) * fast + slowShare * Self.varianceOfSum(nodes, phi: slow.memory.phi)
    }

    private static func varianceOfSum(_ weights: [Double], phi: Double) -> Double {
        var (sum, carry) = (0.0, 0.0)
        for weight in weights {
            sum += weight * (weight + 2 * carry)
            carry = phi * (carry + weight)
        }
        return sum
    }
}

extension SlowNoise {
    /// The correlation of two steps, on average over their places between nodes.
    package func autocorrelation(_ lag: Int) -> Double {
        let distances = lag >> shift - 1...(lag + (1 << shift) - 1) >> shift
        let powers = distances.map { ExactMath.power(memory.phi, Double(max(0, $0))) }
        return autocorrelation(lag, Self.weights(shift: shift, phi: memory.phi)) { powers[$0 - distances.lowerBound] }
    }

    /// The same for steps that are 0 to `most` apart, with what they have in common worked out once.
    func autocorrelations(upTo most: Int) -> [Double] {
        let weights = Self.weights(shift: shift, phi: memory.phi)
        let powers = (0...(most >> shift) + 1).map { ExactMath.power(memory.phi, Double($0)) }
        return (0...most).map { lag in autocorrelation(lag, weights) { powers[max(0, $0)] } }
    }

    /// - Parameter power: A power of phi, that of 0 for less.
    private func autocorrelation(_ lag: Int, _ weights: [(before: Double, after: Double)], power: (Int) -> Double) -> Double {
        let phi = memory.phi
        var sum = 0.0
        for (place, own) in weights.enumerated() {
            let distance = (place + lag) >> shift
            let other = weights[(place + lag) & (1 << shift - 1)]
            let base = power(distance - 1)
            // Powers of phi at the distances of the nodes before and after.
            let (less, same, more) = distance == 0 ? (phi, 1, phi) : (base, base * phi, base * phi * phi)
            sum +=
                (own.before * other.before + own.after * other.after) * same + own.before * other.after * more + own.after * other.before
                * less
        }
        return sum / Double(weights.count)
    }
}
