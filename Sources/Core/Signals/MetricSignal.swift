/// The signal of one metric over a run's steps: everything that depends on the time, the class of servers or the metric alone, worked out once.
///
/// ```
/// x(server, step) = level[step] + spread[step] * z + bias(server)         level and spread are those of the server's class
///                   then outlier, clip, round to `decimals`, missing
/// ```
public struct MetricSignal: Sendable {
    /// The metric's settings.
    public let metric: MetricSpec
    /// The steps that the signal is worked out for.
    public let steps: StepRange
    /// Level and spread of each class, in the order of the fleet's classes.
    public let classes: [ClassSignal]
    /// The offset of each server.
    public let bias: ServerBias
    /// How a value becomes a whole number.
    public let grid: ValueGrid

    let noise: DrawStream
    private(set) var outliers: RareEvents
    private(set) var missing: RareEvents

    /// - Parameters:
    ///   - clocks: One for each zone of the classes.
    ///   - calendars: One for each calendar of the classes, best covering the clocks' days.
    ///   - noise: That of the dataset.
    init(
        metric: MetricSpec, data: DataSpec, classes: ServerClasses, clocks: [LocalClock], calendars: [BusinessCalendar], noise: FleetNoise
    ) {
        let grid = ValueGrid(metric: metric)
        self.metric = metric
        self.grid = grid
        steps = clocks[0].steps
        var (signals, twins) = ([ClassSignal](), [[Int]: Int]())
        for index in 0..<classes.count {
            let (own, kind) = (classes[index], classes.kind(of: index))
            // Labels' factors are all that differs between classes of one archetype, zone and calendar.
            let key = [kind, own.zone, own.calendar]
            signals.append(
                ClassSignal(
                    metric: own.settings(metric), constant: own.factor(metric), noise: noise.source(metric.name, kind: kind), data,
                    clocks[own.zone], calendars[own.calendar], grid, twin: twins[key].map { signals[$0] }))
            twins[key] = index
        }
        self.classes = signals
        bias = ServerBias(metric: metric, seed: data.seed)
        self.noise = DrawStream(seed: data.seed, purpose: .noise, metric: metric.name)
        outliers = RareEvents(stream: DrawStream(seed: data.seed, purpose: .outlier, metric: metric.name), rate: metric.outlierRate)
        missing = RareEvents(stream: DrawStream(seed: data.seed, purpose: .missing, metric: metric.name), rate: metric.missingRate)
    }

    /// The same signal without outliers and missing values.
    var undisturbed: MetricSignal {
        var twin = self
        (twin.outliers, twin.missing) = (outliers.silenced, missing.silenced)
        return twin
    }
}
