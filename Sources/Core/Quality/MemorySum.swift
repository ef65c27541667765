/// How much more the mean of one server's cells over all steps varies because noise remembers, summed up step by step.
///
/// What clipping leaves of the noise itself remembers as the noise does, the rest as its square does; outliers remember nothing.
struct MemorySum: Sendable {
    /// Whether there is anything to sum up.
    let isPlain: Bool
    private let law: NoiseLaw
    private let phi: Double
    private let rate: Double
    // Without memory; what is orthogonal to the noise; outliers.
    private var white = 0.0
    private var rest = 0.0
    private var rare = 0.0
    // The fast component: the variance of the weighted sum so far, and what of it the next step feels.
    private var fast = 0.0
    private var carry = 0.0
    // The slow component: weights of its nodes, and of the two places' nodes by place.
    private let shift: Int
    private let firstNode: Int
    private let places: [(before: Double, after: Double)]
    private var nodes: [Double] = []

    /// - Parameter steps: Absolute.
    init(_ own: ClassSignal, steps: Range<Int>) {
        let law = own.noise?.law ?? .plain
        self.law = law
        isPlain = law.memory == nil && law.slow == nil
        (phi, rate) = (law.memory?.phi ?? 0, own.metric.outlierRate)
        guard let slow = law.slow else {
            (shift, firstNode, places) = (0, 0, [])
            return
        }
        shift = slow.shift
        firstNode = steps.lowerBound >> slow.shift
        places = SlowNoise.weights(shift: slow.shift, phi: slow.memory.phi)
        nodes = [Double](repeating: 0, count: ((steps.upperBound - 1) >> slow.shift) - firstNode + 2)
    }

    /// - Parameters:
    ///   - step: Absolute; one after the other.
    ///   - variance: Of a cell around its server's mean.
    ///   - weight: How much of it is the noise: its standard deviation times the slope of the mean.
    ///   - jump: How far a rare cell may lie from common ones.
    @inline(__always)
    mutating func add(step: Int, variance: Double, weight: Double, jump: Double) {
        white += variance
        let square = variance - weight * weight
        let other = square > 0 ? square : 0
        let outliers = min(other, rate * (jump * jump))
        rest += other - outliers
        rare += outliers
        fast += weight * (weight + 2 * carry)
        carry = phi * (carry + weight)
        guard !places.isEmpty else { return }
        let node = step >> shift
        let place = places[step - node << shift]
        nodes[node - firstNode] += weight * place.before
        nodes[node - firstNode + 1] += weight * place.after
    }

    /// How many times greater the variance is than without memory.
    func inflation(steps: Int) -> Double {
        guard !isPlain, white > 0 else { return 1 }
        let slow = law.slow.map { NoiseLaw.varianceOfSum(nodes, phi: $0.memory.phi) } ?? 0
        let noise = law.slow == nil ? fast : (1 - law.slowShare) * fast + law.slowShare * slow
        return (noise + rest * law.squaredInflation(steps: steps) + rare) / white
    }
}
