/// One metric's level and spread over a run's steps, as the servers of one class have them.
///
/// ```
/// level = base_mean * f      spread = base_std * f^noise_load_exponent      f = product of the effects on the local day * diurnal profile at the local time
/// ```
public struct ClassSignal: Sendable {
    /// The metric's settings as the class has them.
    public let metric: MetricSpec
    /// The effects that act by the day, in order.
    public let effects: [any Effect]
    /// Mean and standard deviation before the effects, with the class's constant factor, in the metric's unit.
    let mean: Double
    let std: Double
    /// Product of the effects' factors, per step.
    let factor: [Double]
    /// Mean without bias, per step, in the metric's unit.
    public let level: [Double]
    /// Standard deviation of the noise, per step, in the metric's unit.
    public let spread: [Double]

    /// What the class's clocks show.
    let clock: LocalClock
    /// Level and spread for the kernel of narrow grids; nil for others.
    let narrow: NarrowSignal?
    /// How the noise is made; nil where it is independent normal deviates.
    let noise: NoiseSource?
    /// What keeps values off their bounds; nil for nothing.
    let saturation: Saturation?

    /// Whether noise is independent normal deviates and nothing keeps values off their bounds.
    let isPlain: Bool

    /// Excess kurtosis and skewness of the noise.
    var kurtosis: Double { noise?.law.kurtosis(innovations: metric.noise.kurtosis) ?? 0 }
    var skewness: Double { noise?.law.skewness(innovations: metric.noise.skewness) ?? 0 }

    /// A value as saturation leaves it.
    func saturated(_ x: Double) -> Double { saturation.map { $0(x) } ?? x }

    /// - Parameters:
    ///   - constant: A factor of level and spread, unitless.
    ///   - noise: How the noise is made; nil where it is independent normal deviates.
    ///   - twin: One with the same settings, clock and calendar.
    init(
        metric: MetricSpec, constant: Double, noise: NoiseSource?, _ data: DataSpec, _ clock: LocalClock, _ calendar: BusinessCalendar,
        _ grid: ValueGrid, twin: ClassSignal?
    ) {
        self.noise = noise
        saturation = Saturation(metric)
        isPlain = noise == nil && saturation == nil
        let effects = twin?.effects ?? [any Effect](of: metric, in: data)
        let product = twin?.factor ?? Self.product(effects, metric, clock, calendar)
        let (mean, std) = (metric.baseMean * constant, metric.baseStd * constant)
        (self.mean, self.std) = (mean, std)
        self.metric = metric
        self.effects = effects
        self.clock = clock
        factor = product
        let level = product.map { mean * $0 }
        let spread = metric.noise.spread(std, factors: product)
        (self.level, self.spread) = (level, spread)
        narrow = grid.isNarrow ? NarrowSignal(level: level, spread: spread, grid: grid, steps: clock.steps.absolute) : nil
    }

    /// The factor of each step.
    private static func product(_ effects: [any Effect], _ metric: MetricSpec, _ clock: LocalClock, _ calendar: BusinessCalendar)
        -> [Double]
    {
        var product = [Double](repeating: 1, count: clock.days.count)
        for effect in effects {
            for (index, value) in effect.factors(on: clock.days, calendar: calendar).enumerated() {
                product[index] = bounded(product[index] * bounded(value))
            }
        }
        return clock.steps.granularity.isDaily ? product : spread(product, over: clock, shape: metric.diurnalProfile)
    }

    /// Centuries of growth leave the range of numbers; whatever is a million million times the mean is at a bound anyway.
    private static func bounded(_ factor: Double) -> Double { min(max(factor, -1e12), 1e12) }

    /// The factor of each step, from the factors of the local days.
    private static func spread(_ days: [Double], over clock: LocalClock, shape: DiurnalProfile?) -> [Double] {
        var factors = [Double](repeating: 1, count: clock.steps.count)
        let shape = shape.flatMap { $0.isFlat ? nil : $0 }
        let length = clock.steps.seconds
        clock.forEach { index, seconds in
            let day = days[clock.dayIndex(seconds)]
            factors[index] = shape.map { day * $0.factor(middle: seconds, length: length) } ?? day
        }
        return factors
    }
}
