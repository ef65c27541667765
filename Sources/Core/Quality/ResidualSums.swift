import Kernels

/// What one pass over residuals of noise adds up: moments, and products of neighbours.
struct ResidualSums: Sendable {
    /// Eight lanes of each sum, in the order of `fleetsynth_residuals`.
    private var lanes = [Double](repeating: 0, count: 72)

    private func sum(_ index: Int) -> Double { lanes[8 * index..<8 * index + 8].reduce(0, +) }

    /// Residuals.
    var count: Double { sum(0) }
    /// Sum of 1 / variance of the noise.
    var inverseVariances: Double { sum(1) }
    /// Neighbours, the sum of their products, and of the means of their squares.
    var pairs: Double { sum(6) }
    var products: Double { sum(7) }
    var pairSquares: Double { sum(8) }

    /// The second to fourth moment around the mean.
    var centralMoments: (second: Double, third: Double, fourth: Double) {
        let raw = SIMD4(sum(2), sum(3), sum(4), sum(5)) / max(1, count)
        let (mean, square) = (raw[0], raw[0] * raw[0])
        return (
            raw[1] - square, raw[2] - 3 * mean * raw[1] + 2 * mean * square,
            raw[3] - 4 * mean * raw[2] + 6 * square * raw[1] - 3 * square * square
        )
    }

    /// Adds one server's cells, and makes residuals of them: less level and offset, over the spread; not a number where they are left out.
    ///
    /// - Parameter window: Where they show its noise: neither bound is near, and the noise is wider than the grid's steps.
    mutating func add(
        _ cells: UnsafeMutableBufferPointer<Float>, _ level: [Double], _ spread: [Double], _ window: fleetsynth_window
    ) {
        precondition(level.count >= cells.count && spread.count >= cells.count, "a level for every cell")
        var window = window
        fleetsynth_residuals(cells.baseAddress, level, spread, Int32(cells.count), &window, cells.baseAddress, &lanes)
    }
}
