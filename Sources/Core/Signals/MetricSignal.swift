/// The signal of one metric over a window of days: everything that depends on the day or the metric alone, worked out once.
///
/// ```
/// x(server, day) = level[day] + spread[day] * z + bias(server)         level = base_mean * f, spread = base_std * f, f = product of effects
///                  then outlier, clip, round to `decimals`, missing
/// ```
public struct MetricSignal: Sendable {
    /// The metric's settings.
    public let metric: MetricSpec
    /// The days that the signal is worked out for.
    public let days: DayRange
    /// The metric's effects, in order.
    public let effects: [any Effect]
    /// Factor of each effect on each day; same order as `effects`.
    public let effectFactors: [[Double]]
    /// Product of the effects' factors, per day.
    public let factor: [Double]
    /// Mean without bias, per day, in the metric's unit.
    public let level: [Double]
    /// Standard deviation of the noise, per day, in the metric's unit.
    public let spread: [Double]
    /// The offset of each server.
    public let bias: ServerBias
    /// How a value becomes a whole number.
    public let grid: ValueGrid

    /// Level and spread for the kernel of narrow grids; nil for others.
    let narrow: NarrowSignal?
    let noise: DrawStream
    let outliers: RareEvents
    let missing: RareEvents

    /// - Parameter calendar: The dataset's calendar, best covering `days`.
    public init(metric: MetricSpec, data: DataSpec, days: DayRange, calendar: BusinessCalendar) {
        let effects = [any Effect](of: metric, in: data)
        let factors = effects.map { $0.factors(on: days, calendar: calendar) }
        var product = [Double](repeating: 1, count: days.count)
        for factor in factors { for index in product.indices { product[index] *= factor[index] } }
        self.metric = metric
        self.days = days
        self.effects = effects
        effectFactors = factors
        factor = product
        let level = product.map { metric.baseMean * $0 }
        let spread = product.map { metric.baseStd * $0 }
        (self.level, self.spread) = (level, spread)
        bias = ServerBias(metric: metric, seed: data.seed)
        let grid = ValueGrid(metric: metric)
        self.grid = grid
        narrow = grid.isNarrow ? NarrowSignal(level: level, spread: spread, grid: grid, steps: days.steps) : nil
        noise = DrawStream(seed: data.seed, purpose: .noise, metric: metric.name)
        outliers = RareEvents(stream: DrawStream(seed: data.seed, purpose: .outlier, metric: metric.name), rate: metric.outlierRate)
        missing = RareEvents(stream: DrawStream(seed: data.seed, purpose: .missing, metric: metric.name), rate: metric.missingRate)
    }

    /// Absolute steps of the window: days since 1970-01-01.
    var steps: Range<Int> { days.steps }
}

extension DayRange {
    /// The days as absolute steps: days since 1970-01-01.
    fileprivate var steps: Range<Int> { start.number..<end.number + 1 }
}
