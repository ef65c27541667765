import Kernels

/// How much more the mean of one server's cells over all steps varies because noise remembers, summed up step by step.
///
/// What clipping leaves of the noise itself remembers as the noise does, the rest as its square does; outliers remember nothing.
struct MemorySum: Sendable {
    private let law: NoiseLaw
    // Without memory; what is orthogonal to the noise; outliers.
    private let white: Double
    private let rest: Double
    private let rare: Double
    // Sums over all pairs of steps, of the fast and of the slow component.
    private let fast: Double
    private let slow: Double

    /// Whether the steps' weights are asked for.
    static func isPlain(_ own: ClassSignal) -> Bool { own.noise.map { $0.law.memory == nil && $0.law.slow == nil } ?? true }

    /// - Parameters:
    ///   - found: Sums of the steps' variances.
    ///   - weights: By step, the noise's standard deviation times the slope of the mean; empty where noise remembers nothing.
    ///   - first: The first step, absolute.
    init(_ own: ClassSignal, _ found: fleetsynth_slots_found, weights: [Double], first: Int) {
        law = own.noise?.law ?? .plain
        (white, rest, rare) = (found.white, found.rest, found.rare)
        guard !weights.isEmpty else {
            (fast, slow) = (0, 0)
            return
        }
        fast = NoiseLaw.varianceOfSum(weights, phi: law.memory?.phi ?? 0)
        slow = law.slow.map { Self.slow($0, weights, first: first) } ?? 0
    }

    /// What the steps give each node of the slow component, and from there the variance of their sum.
    private static func slow(_ slow: SlowNoise, _ weights: [Double], first: Int) -> Double {
        let firstNode = first >> slow.shift
        let places = SlowNoise.weights(shift: slow.shift, phi: slow.memory.phi)
        var nodes = [Double](repeating: 0, count: ((first + weights.count - 1) >> slow.shift) - firstNode + 2)
        weights.withUnsafeBufferPointer { weights in
            places.withUnsafeBufferPointer { places in
                var (node, place, before, after) = (0, first - firstNode << slow.shift, 0.0, 0.0)
                for index in weights.indices {
                    before += weights[index] * places[place].before
                    after += weights[index] * places[place].after
                    place += 1
                    guard place == places.count || index == weights.count - 1 else { continue }
                    nodes[node] += before
                    nodes[node + 1] += after
                    (node, place, before, after) = (node + 1, 0, 0, 0)
                }
            }
        }
        return NoiseLaw.varianceOfSum(nodes, phi: slow.memory.phi)
    }

    /// How many times greater the variance is than without memory.
    func inflation(steps: Int) -> Double {
        guard white > 0, law.memory != nil || law.slow != nil else { return 1 }
        let noise = law.slow == nil ? fast : (1 - law.slowShare) * fast + law.slowShare * slow
        return (noise + rest * law.squaredInflation(steps: steps) + rare) / white
    }

    /// The same for the mean of one server's cells of one slot of so many steps.
    func inflation(ofSlot steps: Int) -> Double {
        guard steps > 1, white > 0, law.memory != nil || law.slow != nil else { return 1 }
        let noise = white - rest - rare
        var sum = 0.0
        for (lag, correlation) in law.autocorrelations(upTo: steps - 1).enumerated().dropFirst() {
            sum += 2 * (1 - Double(lag) / Double(steps)) * correlation * (noise + rest * correlation)
        }
        return 1 + sum / white
    }
}
