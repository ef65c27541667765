/// What one pass over residuals of noise adds up: moments, and products of neighbours.
struct ResidualSums: Sendable {
    /// Residuals.
    private(set) var count = 0.0
    /// Sum of 1 / variance of the noise.
    private(set) var inverseVariances = 0.0
    /// Neighbours, the sum of their products, and of the means of their squares.
    private(set) var pairs = 0.0
    private(set) var products = 0.0
    private(set) var pairSquares = 0.0
    /// Sums of the first four powers.
    private var powers = SIMD4<Double>.zero

    /// The second to fourth moment around the mean.
    var centralMoments: (second: Double, third: Double, fourth: Double) {
        let raw = powers / max(1, count)
        let (mean, square) = (raw[0], raw[0] * raw[0])
        return (
            raw[1] - square, raw[2] - 3 * mean * raw[1] + 2 * mean * square,
            raw[3] - 4 * mean * raw[2] + 6 * square * raw[1] - 3 * square * square
        )
    }

    @inline(__always)
    fileprivate mutating func add(_ x: Double, after previous: Double, inverseSpread: Double) {
        let square = x * x
        count += 1
        inverseVariances += inverseSpread * inverseSpread
        powers += SIMD4(x, square, square * x, square * square)
        guard previous == previous else { return }
        pairs += 1
        products += previous * x
        pairSquares += 0.5 * (previous * previous + square)
    }
}

/// Where one server's cells show its noise: neither bound is near, and the noise is wider than the grid's steps.
struct ResidualWindow {
    /// The server's offset.
    let bias: Double
    /// Where cells begin to be bent.
    let low: Double
    let high: Double
    /// Standard deviations of the noise that fit between the level and either of those.
    let reach: Double
    let leastSpread: Double

    /// Adds one server's cells.
    ///
    /// - Parameter out: One residual per cell: the cell less its level, over the spread; not a number where it is left out.
    func add(
        _ cells: [Float], _ level: [Double], _ spread: [Double], to sums: inout ResidualSums, _ out: UnsafeMutablePointer<Float>
    ) {
        precondition(level.count >= cells.count && spread.count >= cells.count, "a level for every cell")
        var found = sums
        cells.withUnsafeBufferPointer { cells in
            level.withUnsafeBufferPointer { level in
                spread.withUnsafeBufferPointer { spread in
                    var previous = Double.nan
                    for index in cells.indices {
                        let (cell, mean, wide) = (cells[index], level[index] + bias, spread[index].magnitude)
                        guard cell == cell, wide >= leastSpread, mean - reach * wide >= low, mean + reach * wide <= high else {
                            out[index] = .nan
                            previous = .nan
                            continue
                        }
                        let inverse = 1 / spread[index]
                        let value = Float((Double(cell) - mean) * inverse)
                        out[index] = value
                        let x = Double(value)
                        found.add(x, after: previous, inverseSpread: inverse)
                        previous = x
                    }
                }
            }
        }
        sums = found
    }
}
