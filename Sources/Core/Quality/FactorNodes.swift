/// The few factors for which a law is worked out, and how each day's value follows from those.
///
/// All that a day predicts depends on one number, the product of its effects. Where that dependence is smooth, a law at equal steps of the factor
/// and cubic interpolation between four of them stand for thousands of days.
struct FactorNodes {
    /// The factors to work out a law for.
    let factors: [Double]
    /// The node before the day's place, and the day's distance from it in steps; nil where every day is a node of its own.
    private let places: [(node: Int, share: Double)]?

    /// - Parameters:
    ///   - days: Factor of each day.
    ///   - step: Widest step over which the law is smooth; 0 where it is not.
    init(days: [Double], step: Double) {
        let (low, high) = (days.min() ?? 1, days.max() ?? 1)
        // One node before the lowest factor and two after the highest: every place lies between its four.
        let count = step > 0 ? ((high - low) / step).rounded(.up) + 4 : .infinity
        guard count < Double(days.count / 2) else {
            (factors, places) = (days, nil)
            return
        }
        // A metric without effects has one factor, and any width does.
        let width = count > 4 ? (high - low) / (count - 4) : 1
        factors = (0..<Int(count)).map { low + (Double($0) - 1) * width }
        places = days.map { factor in
            let place = (factor - low) / width
            let node = min(Int(place), Int(count) - 4)
            return (node + 1, place - Double(node))
        }
    }

    /// A day's value, given that of each node.
    func value(day: Int, of values: [Double]) -> Double {
        guard let (node, share) = places?[day] else { return values[day] }
        let weights = Self.weights(share)
        return weights[0] * values[node - 1] + weights[1] * values[node] + weights[2] * values[node + 1] + weights[3] * values[node + 2]
    }

    /// How often each node counts in the sum over all days.
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
