/// The few factors for which a law is worked out, and how each step's value follows from those.
///
/// All that a step predicts depends on one number, the product of its effects. Where that dependence is smooth, a law at equal steps of the factor
/// and cubic interpolation between four of them stand for thousands of steps.
struct FactorNodes {
    /// The factors to work out a law for.
    let factors: [Double]
    /// The lowest factor of a step, and nodes per unit of the factor; nil where every step is a node of its own.
    private let places: (low: Double, perUnit: Double)?

    /// - Parameters:
    ///   - steps: Factor of each step of time.
    ///   - range: Of those.
    ///   - width: Widest distance over which the law is smooth; 0 where it is not.
    init(steps: [Double], range: ClosedRange<Double>, width widest: Double) {
        let (low, high) = (range.lowerBound, range.upperBound)
        // One node before the lowest factor and two after the highest: every place lies between its four.
        let count = widest > 0 ? ((high - low) / widest).rounded(.up) + 4 : .infinity
        guard count < Double(steps.count / 2) else {
            (factors, places) = (steps, nil)
            return
        }
        // Without effects all factors are one, and any width does.
        let width = high > low ? (high - low) / (count - 4) : widest
        factors = (0..<Int(count)).map { low + (Double($0) - 1) * width }
        places = (low, 1 / width)
    }

    /// The lowest and the highest factor. Complexity: O(steps), four at a time.
    static func range(_ steps: [Double]) -> ClosedRange<Double> {
        guard let first = steps.first else { return 1...1 }
        var (low, high) = (SIMD4(repeating: first), SIMD4(repeating: first))
        let whole = steps.count & ~3
        steps.withUnsafeBufferPointer { steps in
            for index in stride(from: 0, to: whole, by: 4) {
                let own = SIMD4(steps[index], steps[index + 1], steps[index + 2], steps[index + 3])
                low.replace(with: own, where: own .< low)
                high.replace(with: own, where: own .> high)
            }
        }
        let rest = steps[whole...]
        return rest.reduce(low.min()) { min($0, $1) }...rest.reduce(high.max()) { max($0, $1) }
    }

    /// How often each node counts in the sum over all steps.
    func totals(_ steps: [Double]) -> [Double] {
        guard let places else { return [Double](repeating: 1, count: factors.count) }
        // By the node before a place: sums of the powers of the distance from it.
        var powers = [SIMD4<Double>](repeating: .zero, count: factors.count)
        let last = factors.count - 4
        powers.withUnsafeMutableBufferPointer { powers in
            for factor in steps {
                let place = (factor - places.low) * places.perUnit
                let node = min(Int(place), last)
                let x = place - Double(node)
                powers[node + 1] += SIMD4(1, x, x * x, x * x * x)
            }
        }
        var totals = [Double](repeating: 0, count: factors.count)
        for node in 1...last + 1 {
            let sums = powers[node]
            for (place, weight) in Self.lagrange.enumerated() { totals[node - 1 + place] += (weight * sums).sum() }
        }
        return totals
    }

    /// What interpolates values of the nodes.
    func course(_ values: [SIMD4<Double>]) -> FactorCourse {
        guard let places else { return FactorCourse(cubics: values, low: 0, perUnit: 0, last: -1) }
        var cubics: [SIMD4<Double>] = []
        cubics.reserveCapacity(4 * (values.count - 3))
        for node in 1..<values.count - 2 {
            for power in 0..<4 {
                cubics.append(
                    (0..<4).reduce(SIMD4.zero) { sum, place in sum + Self.lagrange[place][power] * values[node - 1 + place] })
            }
        }
        return FactorCourse(cubics: cubics, low: places.low, perUnit: places.perUnit, last: values.count - 4)
    }

    /// The same for one value per node.
    func course(_ values: [Double]) -> FactorCourse { course(values.map { SIMD4($0, 0, 0, 0) }) }

    /// Lagrange's weights of the nodes at -1, 0, 1 and 2: their coefficients of 1, x, x^2 and x^3.
    private static let lagrange: [SIMD4<Double>] = [
        SIMD4(0, -1.0 / 3, 1.0 / 2, -1.0 / 6), SIMD4(1, -1.0 / 2, -1, 1.0 / 2), SIMD4(0, 1, 1.0 / 2, -1.0 / 2),
        SIMD4(0, -1.0 / 6, 0, 1.0 / 6),
    ]
}

/// Four values as functions of the factor: a cubic for each between every two nodes, or values of the steps themselves.
struct FactorCourse {
    /// Coefficients of 1, x, x^2 and x^3, node after node; one value per step where there are no nodes.
    fileprivate let cubics: [SIMD4<Double>]
    fileprivate let low: Double
    fileprivate let perUnit: Double
    /// The last node that a place may lie after; -1 where there are no nodes.
    fileprivate let last: Int

    /// Lends what looks values up, for loops over all steps.
    func withLookup<Result>(_ body: (Lookup) -> Result) -> Result {
        cubics.withUnsafeBufferPointer { body(Lookup(cubics: $0, low: low, perUnit: perUnit, last: last)) }
    }

    struct Lookup {
        fileprivate let cubics: UnsafeBufferPointer<SIMD4<Double>>
        fileprivate let low: Double
        fileprivate let perUnit: Double
        fileprivate let last: Int

        /// A step's values.
        /// - Parameter factor: That of the step.
        @inline(__always)
        func values(step: Int, factor: Double) -> SIMD4<Double> {
            guard last >= 0 else { return cubics[step] }
            let place = (factor - low) * perUnit
            let node = min(Int(place), last)
            let x = place - Double(node)
            let first = 4 * node
            return ((cubics[first + 3] * x + cubics[first + 2]) * x + cubics[first + 1]) * x + cubics[first]
        }
    }
}
