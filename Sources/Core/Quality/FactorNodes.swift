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
    /// How often each of them counts in the sum over all steps.
    let totals: [Double]
    private let steps: [Double]
    private let bits: Int?
    /// The high bits of the lowest factor, and how many bits are low; nil where every step is a node of its own.
    private let places: (first: UInt64, shift: UInt64)?
    /// For each place between two nodes the weights of the four around it: coefficients of the powers of the distance from the node before.
    private let weights: [SIMD4<Double>]

    /// - Parameters:
    ///   - steps: Factor of each step of time.
    ///   - range: Of those.
    ///   - bits: Logarithm of the parts of an octave, for which the law is smooth; nil where it is not, or where factors are not above 0.
    init(steps: [Double], range: ClosedRange<Double>, bits: Int?) {
        (self.steps, self.bits) = (steps, bits)
        let shift = UInt64(52 - (bits ?? 0))
        let (first, last) = (range.lowerBound.bitPattern >> shift, range.upperBound.bitPattern >> shift)
        // One node before the lowest place and two after the highest: every place lies between its four.
        guard bits != nil, last - first + 4 < UInt64(steps.count / 2) else {
            (factors, places, weights) = (steps, nil, [])
            totals = [Double](repeating: 1, count: steps.count)
            return
        }
        let factors = (first - 1...last + 2).map { Double(bitPattern: $0 << shift) }
        var weights: [SIMD4<Double>] = []
        weights.reserveCapacity(4 * (factors.count - 3))
        for node in 1..<factors.count - 2 {
            let nodes = SIMD4(factors[node - 1], factors[node], factors[node + 1], factors[node + 2]) - factors[node]
            weights.append(Self.lagrange(nodes[0], nodes[1], nodes[2], nodes[3]))
            weights.append(Self.lagrange(nodes[1], nodes[0], nodes[2], nodes[3]))
            weights.append(Self.lagrange(nodes[2], nodes[0], nodes[1], nodes[3]))
            weights.append(Self.lagrange(nodes[3], nodes[0], nodes[1], nodes[2]))
        }
        (self.factors, places, self.weights) = (factors, (first, shift), weights)
        totals = Self.totals(steps, weights, first: first, shift: shift)
    }

    /// Whether these are the nodes of such steps: those of the class before, more often than not.
    func isFor(_ steps: [Double], bits: Int?) -> Bool { bits == self.bits && steps == self.steps }

    /// Lagrange's weight of a node at x beside nodes at a, b and c: its coefficients of 1, x, x^2 and x^3.
    private static func lagrange(_ x: Double, _ a: Double, _ b: Double, _ c: Double) -> SIMD4<Double> {
        SIMD4(-a * b * c, a * b + a * c + b * c, -(a + b + c), 1) / ((x - a) * (x - b) * (x - c))
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

    private static func totals(_ steps: [Double], _ weights: [SIMD4<Double>], first: UInt64, shift: UInt64) -> [Double] {
        // Sums of the powers of the distances from the node before.
        var powers = [SIMD4<Double>](repeating: .zero, count: weights.count / 4)
        var sums = powers.mutableSpan
        for factor in steps {
            let bits = factor.bitPattern &>> shift
            let x = factor - Double(bitPattern: bits &<< shift)
            let square = x * x
            sums[Int(truncatingIfNeeded: bits &- first)] += SIMD4(1, x, square, square * x)
        }
        var totals = [Double](repeating: 0, count: powers.count + 3)
        for place in powers.indices {
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
        return FactorCourse(cubics: cubics, first: Int64(places.first), shift: Int32(places.shift))
    }
}

/// Four values as functions of the factor: a cubic for each place between two nodes, or values of the steps themselves.
struct FactorCourse {
    /// Coefficients of 1, x, x^2 and x^3, place after place; one value per step where there are no nodes. x is the distance from the node before.
    let cubics: [SIMD4<Double>]
    /// The high bits of the first node.
    let first: Int64
    /// Bits of a factor that do not tell its place; 64 where there are no nodes.
    let shift: Int32

    /// Places between nodes; 0 where there are none.
    var places: Int { shift < 64 ? cubics.count / 4 : 0 }

    /// Whether every step has values: a factor beyond the nodes has those of the nearest place.
    func covers(steps: Int) -> Bool { shift < 64 ? cubics.count >= 4 : cubics.count == steps }
}
