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
    private let normal = NormalTable.shared

    /// Outliers are rare up to this rate: what is known of them to some hundredths is known of all cells to some hundred-thousandths.
    private static let rareRate = 0.002

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
            return (normal.at((lowEdge - m) / s).cdf, normal.at((m - highEdge) / s).cdf)
        }
        let plain = shares(m, s)
        guard rate > 0 else { return plain }
        let outlier = shares(multiplier * m, multiplier.magnitude * s)
        return ((1 - rate) * plain.low + rate * outlier.low, (1 - rate) * plain.high + rate * outlier.high)
    }

    /// - Parameter rare: What outliers are, where that is known of all servers together.
    func cell(level: Double, spread: Double, _ bin: OffsetBin, _ rare: RareOutlier? = nil) -> Cell {
        let m = level + bin.mean
        let s = (spread * spread + bin.variance).squareRoot()
        let plain = kept(m, s)
        guard rate > 0 else {
            let variance = max(0, plain.variance - plain.inside * plain.inside * bin.variance)
            return Cell(mean: plain.mean, variance: variance, slope: plain.inside)
        }
        let outlier = rare?.at(bin) ?? kept(multiplier * m, multiplier.magnitude * s)
        let apart = plain.mean - outlier.mean
        let slope = (1 - rate) * plain.inside + rate * multiplier * outlier.inside
        let variance = (1 - rate) * plain.variance + rate * outlier.variance + rate * (1 - rate) * apart * apart
        return Cell(
            mean: (1 - rate) * plain.mean + rate * outlier.mean, variance: max(0, variance - slope * slope * bin.variance), slope: slope)
    }

    /// Outliers of all servers together; nil where there are none, or so many that each bin of offsets needs its own.
    func rareOutlier(level: Double, spread: Double, _ whole: OffsetBin) -> RareOutlier? {
        guard rate > 0, rate <= Self.rareRate else { return nil }
        let s = (spread * spread + whole.variance).squareRoot()
        return RareOutlier(kept(multiplier * (level + whole.mean), multiplier.magnitude * s, rare: true), whole, multiplier: multiplier)
    }

    private func kept(_ mean: Double, _ std: Double, rare: Bool = false) -> ClippedNormal {
        bent?.kept(mean: mean, std: std, rare: rare) ?? ClippedNormal(mean: mean, std: std, low: low, high: high, step: step, normal)
    }

    /// What a cell of all servers together is where nothing bends it: `cell` without its tables.
    func unbent(level: Double, spread: Double, _ whole: OffsetBin) -> Cell {
        let m = level + whole.mean
        let (square, rounding) = (spread * spread, step * step / 12)
        guard rate > 0 else { return Cell(mean: m, variance: square + rounding, slope: 1) }
        let slope = 1 - rate + rate * multiplier
        let (total, apart) = (square + whole.variance, m - multiplier * m)
        let variance = (1 - rate + rate * multiplier * multiplier) * total + rounding + rate * (1 - rate) * apart * apart
        return Cell(
            mean: (1 - rate) * m + rate * (multiplier * m), variance: max(0, variance - slope * slope * whole.variance), slope: slope)
    }

    /// The logarithm of the parts that an octave of factors is divided into so that cells change smoothly over a part: the bounds move by at most
    /// two fifths of a standard deviation, within five of the mean, and cubics are right to a few ten-thousandths of it. Nil where rounding makes the law wavy, or there is no noise to smooth it.
    func smoothBits(_ own: ClassSignal, factors: ClosedRange<Double>) -> Int? {
        let noise = own.metric.noise
        guard factors.lowerBound > 1e-100, step <= 0.5 * noise.spread(own.std, factor: factors.lowerBound) else { return nil }
        // How fast a bound's distance changes, in standard deviations, when it is five away. The wider end of the range has the narrowest parts.
        func parts(_ factor: Double) -> Double {
            let spread = noise.spread(own.std, factor: factor)
            return (own.mean.magnitude * factor + 5 * noise.loadExponent * spread) / (0.4 * spread)
        }
        let most = max(parts(factors.lowerBound), parts(factors.upperBound))
        return (0...20).first { Double(1 << $0) >= most }
    }

    /// Whether neither bounds nor rounding bend the mean for offsets within `reach` at any factor of a range, by more than a part in 10^11: everything
    /// is a parabola in the factor then, and the bounds hold no cells.
    func isLinear(_ own: ClassSignal, factors: ClosedRange<Double>, reach: Double) -> Bool {
        let noise = own.metric.noise
        // Level and spread are lines in the factor, so that the ends tell.
        guard factors.lowerBound > 1e-100, noise.loadExponent == 0 || noise.loadExponent == 1 else { return false }
        return [factors.lowerBound, factors.upperBound].allSatisfy {
            isLinear(
                level: own.mean * $0, spread: noise.spread(own.std, factor: $0), reach: reach, tail: bent?.tail ?? 7,
                within: (max(low, lowEdge), min(high, highEdge)))
        }
    }

    /// Whether neither bounds nor rounding bend the mean for offsets within `reach`.
    func isLinear(level: Double, spread: Double, reach: Double) -> Bool {
        isLinear(level: level, spread: spread, reach: reach, tail: bent?.tail ?? 5, within: (low, high))
    }

    private func isLinear(level: Double, spread: Double, reach: Double, tail: Double, within bounds: (low: Double, high: Double)) -> Bool {
        guard step <= 0.5 * spread else { return false }
        let (bottom, top) = (level - reach - tail * spread, level + reach + tail * spread)
        let (low, high) = (bent?.lowEdge ?? bounds.low, bent?.highEdge ?? bounds.high)
        guard bottom >= low, top <= high else { return false }
        return rate == 0 || min(multiplier * bottom, multiplier * top) >= low && max(multiplier * bottom, multiplier * top) <= high
    }

    /// The distance of a rare cell from common ones, within the bounds.
    ///
    /// - Parameter reach: Of the servers' offsets.
    func jump(reach: Double) -> RareJump {
        let tail = bent.map { $0.tail / 5 } ?? 1
        guard rate > 0 else { return RareJump(perLevel: 0, perSpread: tail, fixed: step, most: high - low) }
        let apart = (multiplier - 1).magnitude
        return RareJump(perLevel: apart, perSpread: tail + multiplier.magnitude, fixed: apart * reach + step, most: high - low)
    }
}

/// What bounds leave of outliers, for all servers of a class together, and from there in a line for offsets.
struct RareOutlier {
    private let all: ClippedNormal
    private let whole: OffsetBin
    private let slope: Double

    init(_ all: ClippedNormal, _ whole: OffsetBin, multiplier: Double) {
        (self.all, self.whole, slope) = (all, whole, multiplier * all.inside)
    }

    /// Those of the servers of a bin.
    func at(_ bin: OffsetBin) -> ClippedNormal {
        ClippedNormal(
            mean: all.mean + slope * (bin.mean - whole.mean),
            variance: max(0, all.variance - slope * slope * (whole.variance - bin.variance)), inside: all.inside)
    }
}

/// How far a rare cell may lie from common ones: a line in the size of level and spread, up to a limit.
struct RareJump {
    let perLevel: Double
    let perSpread: Double
    let fixed: Double
    let most: Double

    func callAsFunction(level: Double, spread: Double) -> Double {
        let jump = perLevel * level.magnitude + perSpread * spread.magnitude + fixed
        return jump < most ? jump : most
    }
}
