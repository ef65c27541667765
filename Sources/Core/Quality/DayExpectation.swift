/// What the configured signal predicts for one metric's days, given the offsets that its servers drew.
///
/// Clipping and outliers are part of the prediction, so a check compares like with like: a quarter end that is clipped at 98 is expected to be.
struct DayExpectation {
    /// Expected mean over the servers, per day, in the metric's unit.
    let means: [Double]
    /// Variance of one cell around its server's own mean, per day.
    let variances: [Double]
    /// How much a server's mean moves with its offset, averaged over the days: below 1 where cells are clipped.
    let slope: Double
    /// Mean and variance of the servers' offsets.
    let biasMean: Double
    let biasVariance: Double

    init(_ signal: MetricSignal, tally: MetricTally) {
        let metric = signal.metric
        let unit = metric.serverBiasStd / 65_536
        biasMean = tally.serverBias.mean * unit
        biasVariance = tally.serverBias.variance * unit * unit
        var (means, variances, slopes) = ([Double](), [Double](), 0.0)
        for day in signal.level.indices {
            let m = signal.level[day] + biasMean
            let s = (signal.spread[day] * signal.spread[day] + biasVariance).squareRoot()
            let plain = ClippedNormal(mean: m, std: s, low: metric.minClip, high: metric.maxClip)
            let k = metric.outlierMultiplier
            let outlier = ClippedNormal(mean: k * m, std: k.magnitude * s, low: metric.minClip, high: metric.maxClip)
            let r = metric.outlierRate
            let mean = (1 - r) * plain.mean + r * outlier.mean
            let second = (1 - r) * plain.secondMoment + r * outlier.secondMoment
            means.append(mean)
            let slope = (1 - r) * plain.inside + r * k * outlier.inside
            variances.append(max(0, second - mean * mean - biasVariance * slope * slope))
            slopes += slope
        }
        self.means = means
        self.variances = variances
        slope = slopes / Double(signal.level.count)
    }
}
