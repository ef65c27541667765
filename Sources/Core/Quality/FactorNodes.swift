/// The few factors for which a law is worked out, and how each step's value follows from those.
///
/// All that a step predicts depends on one number, the product of its effects. Where that dependence is smooth, a law at equal steps of the factor
/// and cubic interpolation between four of them stand for thousands of steps.
struct FactorNodes {
    /// The factors to work out a law for.
    let factors: [Double]
    /// The node before the step's place, and the step's distance from it in nodes; nil where every step is a node of its own.
    private let places: [(node: Int, share: Double)]?

    /// - Parameters:
    ///   - steps: Factor of each step of time.
    ///   - width: Widest distance over which the law is smooth; 0 where it is not.
    init(steps: [Double], width widest: Double) {
        let (low, high) = (steps.min() ?? 1, steps.max() ?? 1)
        // One node before the lowest factor and two after the highest: every place lies between its four.
        let count = widest > 0 ? ((high - low) / widest).rounded(.up) + 4 : .infinity
        guard count < Double(steps.count / 2) else {
            (factors, places) = (steps, nil)
            return
        }
        // Without effects all factors are one, and any width does.
        let width = high > low ? (high - low) / (count - 4) : widest
        factors = (0..<Int(count)).map { low + (Double($0) - 1) * width }
        places = steps.map { factor in
            let place = (factor - low) / width
            let node = min(Int(place), Int(count) - 4)
            return (node + 1, place - Double(node))
        }
    }

    /// A step's value, given that of each node.
    func value(step: Int, of values: [Double]) -> Double {
        guard let (node, share) = places?[step] else { return values[step] }
        let weights = Self.weights(share)
        return weights[0] * values[node - 1] + weights[1] * values[node] + weights[2] * values[node + 1] + weights[3] * values[node + 2]
    }

    /// How often each node counts in the sum over all steps.
    var totals: [Double] {
        guard let places else { return [Double](repeating: 1, count: factors.count) }
        var totals = [Double](repeating: 0, count: factors.count)
        for (node, share) in places {
            let weights = Self.weights(share)
            for index in 0..<4 { totals[node - 1 + index] += weights[index] }
        }
        return totals
    }

    /// Lagrange's weights of the nodes at -1, 0, 1 and 2.
    private static func weights(_ x: Double) -> SIMD4<Double> {
        SIMD4(-x * (x - 1) * (x - 2) / 6, (x + 1) * (x - 1) * (x - 2) / 2, -(x + 1) * x * (x - 2) / 2, (x + 1) * x * (x - 1) / 6)
    }
}
