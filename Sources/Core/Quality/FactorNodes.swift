/// The few factors for which a law is worked out, and how each step's value follows from those.
///
/// All that a step predicts depends on one number, the product of its effects. Where that dependence is smooth, a law at some factors and cubic
/// interpolation between four of them stand for thousands of steps.
///
/// ```
/// factor  1/2    .    .    .    1         .         .         .         2        nodes: equal parts of each octave
/// ```
/// A law's features are as wide as the noise, which mostly grows with the level; so does the distance of the nodes. The high bits of a factor
/// are the number of the node before it.
struct FactorNodes {
    /// The factors to work out a law for.
    let factors: [Double]
    /// The high bits of the lowest factor, and how many bits are low; nil where every step is a node of its own.
    private let places: (first: UInt64, shift: UInt64)?
    /// For each place between two nodes the weights of the four around it: coefficients of the powers of the distance from the node before.
    private let weights: [SIMD4<Double>]

    /// - Parameters:
    ///   - steps: Factor of each step of time.
    ///   - range: Of those.
    ///   - bits: Logarithm of the parts of an octave, for which the law is smooth; nil where it is not, or where factors are not above 0.
    init(steps: [Double], range: ClosedRange<Double>, bits: Int?) {
        let shift = UInt64(52 - (bits ?? 0))
        let (first, last) = (range.lowerBound.bitPattern >> shift, range.upperBound.bitPattern >> shift)
        // One node before the lowest place and two after the highest: every place lies between its four.
        guard bits != nil, last - first + 4 < UInt64(steps.count / 2) else {
            (factors, places, weights) = (steps, nil, [])
            return
        }
        let factors = (first - 1...last + 2).map { Double(bitPattern: $0 << shift) }
        self.factors = factors
        places = (first, shift)
        weights = (1..<factors.count - 2).flatMap { node in
            Self.lagrange((-1...2).map { factors[node + $0] - factors[node] })
        }
    }

    /// Lagrange's weights of four nodes: their coefficients of 1, x, x^2 and x^3.
    private static func lagrange(_ nodes: [Double]) -> [SIMD4<Double>] {
        nodes.indices.map { own in
            let (a, b, c) = (nodes[own == 0 ? 1 : 0], nodes[own <= 1 ? 2 : 1], nodes[own <= 2 ? 3 : 2])
            let x = nodes[own]
            return SIMD4(-a * b * c, a * b + a * c + b * c, -(a + b + c), 1) / ((x - a) * (x - b) * (x - c))
        }
    }

    /// The lowest and the highest factor. Complexity: O(steps), four at a time.
    static func range(_ steps: [Double]) -> ClosedRange<Double> {
        guard let first = steps.first else { return 1...1 }
        var (low, high) = (SIMD4(repeating: first), SIMD4(repeating: first))
        let whole = steps.count & ~3
        let all = steps.span
        for index in stride(from: 0, to: whole, by: 4) {
            let own = SIMD4(all[unchecked: index], all[unchecked: index + 1], all[unchecked: index + 2], all[unchecked: index + 3])
            low.replace(with: own, where: own .< low)
            high.replace(with: own, where: own .> high)
        }
        let rest = steps[whole...]
        return rest.reduce(low.min()) { min($0, $1) }...rest.reduce(high.max()) { max($0, $1) }
    }

    /// How often each node counts in the sum over all steps.
    func totals(_ steps: [Double]) -> [Double] {
        guard let places else { return [Double](repeating: 1, count: factors.count) }
        // Sums of the powers of the distances from the node before.
        var powers = [SIMD4<Double>](repeating: .zero, count: factors.count)
        var sums = powers.mutableSpan
        for factor in steps {
            let bits = factor.bitPattern >> places.shift
            let x = factor - Double(bitPattern: bits << places.shift)
            let square = x * x
            sums[Int(bits - places.first)] += SIMD4(1, x, square, square * x)
        }
        var totals = [Double](repeating: 0, count: factors.count)
        for place in 0..<weights.count / 4 {
            for node in 0..<4 { totals[place + node] += (weights[4 * place + node] * powers[place]).sum() }
        }
        return totals
    }

    /// What interpolates values of the nodes.
    func course(_ values: [SIMD4<Double>]) -> FactorCourse {
        guard let places else { return FactorCourse(cubics: values, first: 0, shift: 64) }
        var cubics: [SIMD4<Double>] = []
        cubics.reserveCapacity(weights.count)
        for place in 0..<weights.count / 4 {
            for power in 0..<4 {
                var sum = SIMD4<Double>.zero
                for node in 0..<4 { sum += weights[4 * place + node][power] * values[place + node] }
                cubics.append(sum)
            }
        }
        return FactorCourse(cubics: cubics, first: places.first, shift: places.shift)
    }
}

/// Four values as functions of the factor: a cubic for each place between two nodes, or values of the steps themselves.
struct FactorCourse {
    /// Coefficients of 1, x, x^2 and x^3, place after place; one value per step where there are no nodes.
    let cubics: [SIMD4<Double>]
    fileprivate let first: UInt64
    /// Bits of a factor that do not tell its place; 64 where there are no nodes.
    fileprivate let shift: UInt64

    /// A step's values.
    ///
    /// - Parameters:
    ///   - cubics: Those of this course.
    ///   - factor: That of the step.
    @inline(__always)
    func values(_ cubics: borrowing Span<SIMD4<Double>>, step: Int, factor: Double) -> SIMD4<Double> {
        guard shift < 64 else { return cubics[step] }
        let bits = factor.bitPattern &>> shift
        let x = factor - Double(bitPattern: bits &<< shift)
        let place = 4 * Int(truncatingIfNeeded: bits &- first)
        return ((cubics[place + 3] * x + cubics[unchecked: place + 2]) * x + cubics[unchecked: place + 1]) * x + cubics[unchecked: place]
    }
}
