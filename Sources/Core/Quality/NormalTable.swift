/// The standard normal's distribution and density by table and Taylor series: absolute error below 1e-9, at a fraction of the exact cost.
///
/// A judgement needs some 100,000 values per metric, and its tolerances are coarser than that by orders of magnitude.
struct NormalTable: @unchecked Sendable {
    private static let perUnit = 64.0
    /// Standard deviations beyond which nothing is left.
    static let reach = 8.0
    /// Never written after it is filled, and never freed: a call of the lazy constant, or a count of references, takes longer than the series.
    private let nodes: UnsafePointer<(cdf: Double, density: Double)>

    static let shared = NormalTable()

    private init() {
        let count = Int(2 * Self.reach * Self.perUnit) + 1
        let nodes = UnsafeMutablePointer<(cdf: Double, density: Double)>.allocate(capacity: count)
        for index in 0..<count {
            let x = Double(index) / Self.perUnit - Self.reach
            nodes.advanced(by: index).initialize(to: (ExactMath.normalCDF(x), ExactMath.normalDensity(x)))
        }
        self.nodes = UnsafePointer(nodes)
    }

    /// Distribution function and density at `x`; 0 or 1, and 0, beyond 8 standard deviations.
    @inline(__always)
    func at(_ x: Double) -> (cdf: Double, density: Double) {
        guard x > -Self.reach else { return (0, 0) }
        guard x < Self.reach else { return (1, 0) }
        // Converting cuts off; rounding would be a call of the C library on processors without SSE 4.1.
        let index = Int((x + Self.reach) * Self.perUnit + 0.5)
        let position = Double(index)
        let node = nodes[index]
        let x0 = position / Self.perUnit - Self.reach
        let h = x - x0
        // The series' halves, sixths and twenty-fourths by multiplication.
        let (second, third) = (x0 * x0 - 1, x0 * (3 - x0 * x0))
        return (
            node.cdf + node.density * h * (1 - h * (x0 * 0.5 - h * (second * (1.0 / 6) + h * third * (1.0 / 24)))),
            node.density * (1 - h * (x0 - h * (second * 0.5 + h * third * (1.0 / 6))))
        )
    }
}
