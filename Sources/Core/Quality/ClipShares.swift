/// How much of a class's cells lies at the bounds, over all its servers and steps.
struct ClipShares: Sendable {
    /// Share of the cells in the lowest bin, and variance of one cell's being there.
    private(set) var low = (share: 0.0, variance: 0.0)
    /// The same of the highest bin.
    private(set) var high = (share: 0.0, variance: 0.0)

    /// - Parameter weight: Part of the cells that has these probabilities; interpolation makes some of them negative.
    mutating func add(_ probabilities: (low: Double, high: Double), weight: Double) {
        let (a, b) = probabilities
        low = (low.share + weight * a, low.variance + weight * a * (1 - a))
        high = (high.share + weight * b, high.variance + weight * b * (1 - b))
    }
}
