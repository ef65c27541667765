/// The distribution of one metric's cells as a function of the day's level and the server's offset.
struct CellLaw {
    /// Distance of two values that can be written.
    let step: Double
    private let low: Double
    private let high: Double
    private let rate: Double
    private let multiplier: Double
    /// Nil where the noise is normal and nothing but the bounds and rounding bends values.
    private let bent: BentLaw?
    /// Where the lowest bin of a tally ends and the highest begins.
    private let lowEdge: Double
    private let highEdge: Double

    struct Cell {
        let mean: Double
        /// Around the mean of its own server.
        let variance: Double
        /// How much the mean moves with the offset.
        let slope: Double
    }

    init(_ signal: MetricSignal, _ own: ClassSignal) {
        let grid = signal.grid
        step = 1 / grid.scale
        low = grid.value(Double(grid.range.lowerBound))
        high = grid.value(Double(grid.range.upperBound))
        rate = signal.metric.outlierRate
        multiplier = signal.metric.outlierMultiplier
        bent = BentLaw(own, low: low, high: high, step: step)
        let first = Double(grid.range.lowerBound)
        lowEdge = grid.value(first + Double(1 << grid.shift) - 0.5)
        highEdge = grid.value(first + Double((grid.bins - 1) << grid.shift) - 0.5)
    }

    /// Whether nothing but the bounds and rounding bends values.
    var isNormal: Bool { bent == nil }

    /// Probabilities of the lowest and of the highest bin.
    func beyond(level: Double, spread: Double, _ bin: OffsetBin) -> (low: Double, high: Double) {
        let m = level + bin.mean
        let s = (spread * spread + bin.variance).squareRoot()
        func shares(_ m: Double, _ s: Double) -> (low: Double, high: Double) {
            guard s > step * 1e-9 else { return (m < lowEdge ? 1 : 0, m >= highEdge ? 1 : 0) }
            return (NormalTable.at((lowEdge - m) / s).cdf, NormalTable.at((m - highEdge) / s).cdf)
        }
        let plain = shares(m, s)
        guard rate > 0 else { return plain }
        let outlier = shares(multiplier * m, multiplier.magnitude * s)
        return ((1 - rate) * plain.low + rate * outlier.low, (1 - rate) * plain.high + rate * outlier.high)
    }

    func cell(level: Double, spread: Double, _ bin: OffsetBin) -> Cell {
        let m = level + bin.mean
        let s = (spread * spread + bin.variance).squareRoot()
        let plain = kept(m, s)
        guard rate > 0 else {
            let variance = max(0, plain.variance - plain.inside * plain.inside * bin.variance)
            return Cell(mean: plain.mean, variance: variance, slope: plain.inside)
        }
        let outlier = kept(multiplier * m, multiplier.magnitude * s)
        let apart = plain.mean - outlier.mean
        let slope = (1 - rate) * plain.inside + rate * multiplier * outlier.inside
        let variance = (1 - rate) * plain.variance + rate * outlier.variance + rate * (1 - rate) * apart * apart
        return Cell(
            mean: (1 - rate) * plain.mean + rate * outlier.mean, variance: max(0, variance - slope * slope * bin.variance), slope: slope)
    }

    private func kept(_ mean: Double, _ std: Double) -> ClippedNormal {
        bent?.kept(mean: mean, std: std) ?? ClippedNormal(mean: mean, std: std, low: low, high: high, step: step)
    }

    /// A step of the factor over which cells change smoothly: the bounds move by at most a fifth of a standard deviation, within five of the mean.
    /// 0 where rounding makes the law wavy, or there is no noise to smooth it.
    func smoothStep(_ own: ClassSignal) -> Double {
        let (least, most) = own.factor.reduce((Double.infinity, 0)) { (min($0.0, $1), max($0.1, $1)) }
        let exponent = own.metric.noise.loadExponent
        guard least > 0 else { return 0 }
        let smallest = own.metric.noise.spread(own.std, factor: least)
        guard step <= 0.5 * smallest else { return 0 }
        // How fast a bound's distance changes, in standard deviations, when it is five away.
        func steepness(_ factor: Double) -> Double {
            exponent == 1 ? own.std : exponent * own.metric.noise.spread(own.std, factor: factor) / factor
        }
        return 0.2 * smallest / (own.mean.magnitude + 5 * max(steepness(least), steepness(most)))
    }

    /// Whether neither bounds nor rounding bend the mean for offsets within `reach`.
    func isLinear(level: Double, spread: Double, reach: Double) -> Bool {
        guard step <= 0.5 * spread else { return false }
        let tail = bent?.tail ?? 5
        let (bottom, top) = (level - reach - tail * spread, level + reach + tail * spread)
        let (low, high) = (bent?.lowEdge ?? low, bent?.highEdge ?? high)
        guard bottom >= low, top <= high else { return false }
        return rate == 0 || min(multiplier * bottom, multiplier * top) >= low && max(multiplier * bottom, multiplier * top) <= high
    }

    /// The distance of a rare cell from common ones, within the bounds.
    func jump(level: Double, spread: Double, reach: Double) -> Double {
        let outlier = rate > 0 ? (multiplier - 1).magnitude * (level.magnitude + reach) + multiplier.magnitude * spread : 0
        return min(high - low, spread * (bent.map { $0.tail / 5 } ?? 1) + outlier + step)
    }
}
