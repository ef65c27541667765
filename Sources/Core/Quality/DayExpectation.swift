/// What the configured signal predicts for one metric's days, given the offsets that its servers drew.
///
/// Clipping, rounding and outliers are part of the prediction, so a check compares like with like: a quarter end that is clipped at 98 is
/// expected to be.
struct DayExpectation: Sendable {
    /// Expected mean over the servers, per day, in the metric's unit.
    let means: [Double]
    /// Variance of one cell as far as a day's mean feels it: around its server's mean, and from servers missing that day.
    let variances: [Double]
    /// How far a single rare cell may lie from the others, per day: sums of few such cells are skewed.
    let jumps: [Double]
    /// Variance of what rounding does to a server as long as its level stays the same: more days do not average it out.
    let lasting: Double
    /// What the servers' means are expected to be.
    let servers: ServerExpectation
    /// Variance of the servers' offsets.
    let biasVariance: Double

    init(_ signal: MetricSignal, tally: MetricTally) {
        let unit = signal.metric.serverBiasStd / 65_536
        let law = CellLaw(signal)
        let whole = OffsetBin(tally.serverBias, unit: unit)
        let bins = unit == 0 ? [whole] : tally.biasBins.filter { $0.count > 0 }.map { OffsetBin($0, unit: unit) }
        let reach = bins.reduce(0) { max($0, $1.mean.magnitude) } + unit * 6554
        let count = Double(max(1, tally.serverBias.count))
        let (base, std) = (signal.metric.baseMean, signal.metric.baseStd)
        let nodes = FactorNodes(days: signal.factor, step: law.smoothStep(base: base, std: std, factors: signal.factor))
        // Per node: the mean's distance from the level, and over the servers its square and the variance of a cell.
        var (distances, squares, cellVariances) = ([Double](), [Double](), [Double]())
        var perBin = [ServerExpectation.Bin](repeating: .init(), count: bins.count)
        for (factor, weight) in zip(nodes.factors, nodes.totals) {
            let (level, spread) = (base * factor, (std * factor).magnitude)
            // Where nothing is clipped a cell's mean is linear in the offset, and one bin for all is exact.
            let single = law.isLinear(level: level, spread: spread, reach: reach) ? law.cell(level: level, spread: spread, whole) : nil
            var (mean, square, variance) = (0.0, 0.0, 0.0)
            for (index, bin) in bins.enumerated() {
                let cell = single ?? law.cell(level: level, spread: spread, bin)
                let center = cell.mean + (single == nil ? 0 : cell.slope * (bin.mean - whole.mean))
                let distance = center - level
                mean += bin.count * distance
                square += bin.count * (distance * distance + cell.slope * cell.slope * bin.variance)
                variance += bin.count * cell.variance
                perBin[index].add(weight, mean: center, variance: cell.variance, slope: cell.slope)
            }
            distances.append(mean / count)
            squares.append(square / count)
            cellVariances.append(variance / count)
        }
        var (means, variances, jumps) = ([Double](), [Double](), [Double]())
        for day in signal.level.indices {
            let mean = nodes.value(day: day, of: distances)
            let missing = 1 - Double(tally.dayCells[day]) / count
            means.append(signal.level[day] + mean)
            variances.append(
                max(0, nodes.value(day: day, of: cellVariances))
                    + max(0, missing) * max(0, nodes.value(day: day, of: squares) - mean * mean))
            jumps.append(law.jump(level: signal.level[day], spread: signal.spread[day].magnitude, reach: reach))
        }
        self.means = means
        self.variances = variances
        self.jumps = jumps
        let isCoarse = signal.metric.decimals != nil && law.step > signal.metric.baseStd / 2 && whole.variance > 0
        lasting = isCoarse ? law.step * law.step / 12 / count : 0
        biasVariance = whole.variance
        servers = ServerExpectation(zip(bins, perBin), days: Double(signal.level.count), dayMeans: means)
    }
}

/// Offsets that are predicted together, in the metric's unit.
struct OffsetBin {
    let count: Double
    let mean: Double
    let variance: Double

    init(_ moments: Moments, unit: Double) {
        count = Double(moments.count)
        mean = moments.mean * unit
        variance = moments.variance * unit * unit
    }
}
