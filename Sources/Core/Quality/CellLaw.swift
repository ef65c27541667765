/// The distribution of one metric's cells as a function of the day's level and the server's offset.
struct CellLaw {
    /// Distance of two values that can be written.
    let step: Double
    private let low: Double
    private let high: Double
    private let rate: Double
    private let multiplier: Double

    struct Cell {
        let mean: Double
        /// Around the mean of its own server.
        let variance: Double
        /// How much the mean moves with the offset.
        let slope: Double
    }

    init(_ signal: MetricSignal) {
        let grid = signal.grid
        step = 1 / grid.scale
        low = grid.value(Double(grid.range.lowerBound))
        high = grid.value(Double(grid.range.upperBound))
        rate = signal.metric.outlierRate
        multiplier = signal.metric.outlierMultiplier
    }

    func cell(level: Double, spread: Double, _ bin: OffsetBin) -> Cell {
        let m = level + bin.mean
        let s = (spread * spread + bin.variance).squareRoot()
        let plain = ClippedNormal(mean: m, std: s, low: low, high: high, step: step)
        guard rate > 0 else {
            let variance = max(0, plain.variance - plain.inside * plain.inside * bin.variance)
            return Cell(mean: plain.mean, variance: variance, slope: plain.inside)
        }
        let outlier = ClippedNormal(mean: multiplier * m, std: multiplier.magnitude * s, low: low, high: high, step: step)
        let apart = plain.mean - outlier.mean
        let slope = (1 - rate) * plain.inside + rate * multiplier * outlier.inside
        let variance = (1 - rate) * plain.variance + rate * outlier.variance + rate * (1 - rate) * apart * apart
        return Cell(
            mean: (1 - rate) * plain.mean + rate * outlier.mean, variance: max(0, variance - slope * slope * bin.variance), slope: slope)
    }

    /// A step of the factor over which cells change smoothly: the bounds move by at most a fifth of a standard deviation, within five of the mean.
    /// 0 where rounding makes the law wavy, or there is no noise to smooth it.
    func smoothStep(base: Double, std: Double, factors: [Double]) -> Double {
        let least = factors.reduce(Double.infinity) { min($0, $1) }
        guard least > 0, step <= 0.5 * std * least else { return 0 }
        return 0.2 * std * least / (base.magnitude + 5 * std)
    }

    /// Whether neither bounds nor rounding bend the mean for offsets within `reach`.
    func isLinear(level: Double, spread: Double, reach: Double) -> Bool {
        guard step <= 0.5 * spread else { return false }
        let (bottom, top) = (level - reach - 5 * spread, level + reach + 5 * spread)
        guard bottom >= low, top <= high else { return false }
        return rate == 0 || min(multiplier * bottom, multiplier * top) >= low && max(multiplier * bottom, multiplier * top) <= high
    }

    /// The distance of a rare cell from common ones, within the bounds.
    func jump(level: Double, spread: Double, reach: Double) -> Double {
        let outlier = rate > 0 ? (multiplier - 1).magnitude * (level.magnitude + reach) + multiplier.magnitude * spread : 0
        return min(high - low, spread + outlier + step)
    }
}
