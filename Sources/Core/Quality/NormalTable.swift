/// The standard normal's distribution and density by table and Taylor series: absolute error below 1e-9, at a fraction of the exact cost.
///
/// A judgement needs some 100,000 values per metric, and its tolerances are coarser than that by orders of magnitude.
enum NormalTable {
    private static let perUnit = 64.0
    /// Standard deviations beyond which nothing is left.
    static let reach = 8.0
    private static let nodes: [(cdf: Double, density: Double)] = (0...Int(2 * reach * perUnit)).map {
        let x = Double($0) / perUnit - reach
        return (ExactMath.normalCDF(x), ExactMath.normalDensity(x))
    }

    /// Distribution function and density at `x`; 0 or 1, and 0, beyond 8 standard deviations.
    static func at(_ x: Double) -> (cdf: Double, density: Double) {
        guard x > -reach else { return (0, 0) }
        guard x < reach else { return (1, 0) }
        // Converting cuts off; rounding would be a call of the C library on processors without SSE 4.1.
        let index = Int((x + reach) * perUnit + 0.5)
        let position = Double(index)
        let node = nodes[index]
        let (x0, h) = (position / perUnit - reach, x - (position / perUnit - reach))
        let (second, third) = (x0 * x0 - 1, x0 * (3 - x0 * x0))
        return (
            node.cdf + node.density * h * (1 - h * (x0 / 2 - h * (second / 6 + h * third / 24))),
            node.density * (1 - h * (x0 - h * (second / 2 + h * third / 6)))
        )
    }
}
