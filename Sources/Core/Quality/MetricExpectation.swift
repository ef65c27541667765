/// What the configured signal predicts for one metric's classes, given the offsets that its servers drew, beside what was found.
///
/// Clipping, rounding and outliers are part of the prediction, so a check compares like with like: a quarter end that is clipped at 98 is
/// expected to be. One pass over the slots of each class leaves sums by local day and by time of day, which is all that the checks need.
struct MetricExpectation: Sendable {
    /// Nil where a class has no servers.
    let classes: [ClassExpectation?]
    /// Mean of the published whole numbers.
    let meanWhole: Double

    init(_ signal: MetricSignal, _ tally: MetricTally, _ times: CellTimes) {
        let total = Double(tally.servers.reduce(0) { $0 + $1.bias.count })
        let meanWhole = tally.meanWhole
        self.meanWhole = meanWhole
        var nodes: FactorNodes?
        classes = signal.classes.indices.map { own in
            guard tally.servers[own].bias.count > 0 else { return nil }
            return ClassExpectation(own, signal, tally, times, servers: total, center: tally.grid.value(meanWhole), after: &nodes)
        }
    }
}

/// What is expected of one class, beside what was found.
struct ClassExpectation: Sendable {
    /// Its servers.
    let count: Double
    /// Its share of the servers.
    let weight: Double
    /// Variance of what rounding does to a server as long as its level stays the same: more steps do not average it out.
    let lasting: Double
    /// What the servers' means are expected to be.
    let servers: ServerExpectation
    /// Variance of the servers' offsets.
    let biasVariance: Double
    /// How many times greater the variance of a server's mean is than without memory.
    let memory: Double

    /// The same for the mean of the steps that are left where cells miss independently: what is left stands further apart.
    func memory(missing rate: Double) -> Double { 1 + (memory - 1) * (1 - rate) }

    /// How many times greater the variance of a server's part of a slot's mean is than without memory.
    let slotMemory: Double

    /// The same for the steps that are left.
    func slotMemory(missing rate: Double) -> Double { 1 + (slotMemory - 1) * (1 - rate) }

    /// Excess kurtosis of the noise.
    let kurtosis: Double
    /// Shares of the cells at the bounds; nil where noise is not normal or values saturate.
    let clip: ClipShares?
    /// Sums over the slots of each local day.
    let days: [SlotSums]
    /// The times of day at which the class's shape of the day, or that of `office` where it has none, is high or low; nil where slots are days.
    let shape: DayShape?
    /// Sums over the slots of those.
    let low: SlotSums
    let high: SlotSums
    /// Sums over all slots.
    let whole: SlotSums
    /// What is left when the means of the slots are taken out.
    let noise: NoiseParts
    /// The farthest that a rare cell may lie from common ones.
    let jump: Double

    /// - Parameters:
    ///   - index: Of the class.
    ///   - all: Servers of all classes.
    ///   - center: Near the mean of all cells, in the metric's unit.
    ///   - nodes: Those of the class before; becomes those of this one.
    init(
        _ index: Int, _ signal: MetricSignal, _ tally: MetricTally, _ times: CellTimes, servers all: Double, center: Double,
        after nodes: inout FactorNodes?
    ) {
        let (own, found) = (signal.classes[index], tally.servers[index])
        let law = CellLaw(signal, own)
        let unit = signal.metric.serverBiasStd / 65_536
        let levels = LevelLaw(own, found, law, unit: unit, after: &nodes)
        count = Double(found.bias.count)
        shape = times.shape(of: index, own.metric.shapeOfDay ?? .office)
        let passed = SlotPass(
            signal, own, levels, tally, index, times.zone(of: index), shape, days: times.days.count, servers: count, unit: unit,
            center: center)
        weight = count / all
        biasVariance = levels.whole.variance
        let isCoarse = signal.metric.decimals != nil && law.step > own.metric.baseStd / 2 && biasVariance > 0
        lasting = isCoarse ? law.step * law.step / 12 / count : 0
        servers = ServerExpectation(levels.sums, steps: Double(own.level.count), slots: passed.means)
        memory = passed.memory.inflation(steps: own.level.count)
        slotMemory = passed.memory.inflation(ofSlot: signal.steps.stepsPerSlot)
        kurtosis = own.kurtosis
        clip = levels.clip
        (days, low, high, noise, jump) = (passed.days, passed.low, passed.high, passed.noise, passed.jump)
        whole = passed.days.reduce(into: SlotSums()) { $0.add($1) }
    }
}

extension MetricSpec {
    /// The shape of the day that shows; nil where there is none.
    var shapeOfDay: DiurnalProfile? { diurnalProfile.flatMap { $0.isFlat ? nil : $0 } }
}
