/// What the configured signal predicts for one metric's classes and slots of time, given the offsets that its servers drew.
///
/// Clipping, rounding and outliers are part of the prediction, so a check compares like with like: a quarter end that is clipped at 98 is
/// expected to be. Arrays are laid out as those of `MetricTally`.
struct SlotExpectation: Sendable {
    /// Realised mean over the servers and steps, per class and slot, in the metric's unit; nil where every cell is missing.
    let realised: [Double?]
    /// Expected mean over the servers and steps, per class and slot, in the metric's unit.
    private(set) var means: [Double] = []
    /// Variance of one cell as far as a slot's mean feels it: around its server's mean, and from servers missing in it.
    private(set) var variances: [Double] = []
    /// How far a single rare cell may lie from the others, per class and slot: sums of few such cells are skewed.
    private(set) var jumps: [Double] = []
    /// How far, per class and slot, clipping moves the mean of the servers that there are from what their offsets say: a standard deviation, common to
    /// the slots of a class. All 0 where every server exists always.
    private(set) var partings: [Double] = []
    /// Variance of a cell around its server's mean, per class and slot, without what memory and missing cells add.
    private(set) var noises: [Double] = []
    /// Variance between the servers' means and between the steps of a slot, per class and slot.
    private(set) var betweens: [Double] = []
    /// The same for each class as a whole; nil where it has no servers.
    private(set) var classes: [ClassExpectation?] = []

    init(_ signal: MetricSignal, tally: MetricTally) {
        realised = tally.slotMeans
        let total = Double(tally.servers.reduce(0) { $0 + $1.bias.count })
        for (index, own) in signal.classes.enumerated() {
            let servers = tally.servers[index]
            guard servers.bias.count > 0 else {
                // No cells, so nothing is compared.
                for _ in 0..<tally.slots {
                    means.append(0)
                    variances.append(0)
                    jumps.append(0)
                    partings.append(0)
                    noises.append(0)
                    betweens.append(0)
                }
                classes.append(nil)
                continue
            }
            let cells = tally.slotCells[index * tally.slots..<(index + 1) * tally.slots]
            append(own, signal, servers, cells, tally.lives?.slots(of: index), CellLaw(signal, own), total: total)
        }
    }

    private mutating func append(
        _ own: ClassSignal, _ signal: MetricSignal, _ servers: ServerTally, _ cells: ArraySlice<Int64>,
        _ lives: [(servers: Int64, offsets: Int64)]?, _ law: CellLaw, total: Double
    ) {
        let unit = signal.metric.serverBiasStd / 65_536
        let levels = LevelLaw(own, servers, law, unit: unit)
        let perSlot = signal.steps.stepsPerSlot
        let count = Double(servers.bias.count)
        // Sums over slots feel memory: at most by the sum of the autocorrelations, whatever their weights.
        let memory = own.noise?.law.mostInflation(steps: own.level.count) ?? 1
        let first = means.count
        means.reserveCapacity(first + cells.count)
        variances.reserveCapacity(first + cells.count)
        jumps.reserveCapacity(first + cells.count)
        for (slot, present) in cells.enumerated() {
            var (level, mean, square, variance, jump, within, apart) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
            let start = own.level[slot * perSlot]
            for step in slot * perSlot..<(slot + 1) * perSlot {
                let distance = levels.distance(step)
                // From the slot's first level, so that no large squares are subtracted.
                let moved = own.level[step] + distance - start
                within += moved * moved
                level += own.level[step]
                mean += distance
                let own = levels.square(step)
                square += own
                apart += max(0, own - distance * distance)
                variance += levels.variance(step)
                jump = max(jump, levels.jump(step))
            }
            if perSlot > 1 {
                let steps = Double(perSlot)
                (level, mean, square, variance) = (level / steps, mean / steps, square / steps, variance / steps)
                within /= steps
                apart /= steps
            }
            let moved = level + mean - start
            within = max(0, within - moved * moved)
            var (there, shift, parting) = (count, 0.0, 0.0)
            if let life = lives?[slot], life.servers > 0 {
                // The servers of the slot are a part of all: what their offsets differ in is known, and what clipping makes of that to first order.
                there = Double(life.servers)
                let slope = levels.slope(slot * perSlot)
                shift = slope * (Double(life.offsets) / there * unit - levels.whole.mean)
                let bent = max(0, square - mean * mean - slope * slope * levels.whole.variance)
                // Twice, because what clipping leaves of offsets is skewed, and the servers are few.
                parting = 2 * (bent * max(0, 1 / there - 1 / count)).squareRoot()
            }
            let missing = 1 - Double(present) / (there * Double(perSlot))
            means.append(level + mean + shift)
            partings.append(parting)
            // Missing cells shift the mean where servers differ, and where the slot's steps do.
            noises.append(variance)
            betweens.append(apart + within)
            variances.append(memory * variance + max(0, missing) * (max(0, square - mean * mean) + within))
            jumps.append(jump)
        }
        let offset = levels.whole.variance
        let isCoarse = signal.metric.decimals != nil && law.step > own.metric.baseStd / 2 && offset > 0
        classes.append(
            ClassExpectation(
                weight: count / total, lasting: isCoarse ? law.step * law.step / 12 / count : 0,
                servers: ServerExpectation(levels.sums, steps: Double(own.level.count), slotMeans: means[first...]), biasVariance: offset,
                memory: levels.inflation(first: signal.steps.absolute.lowerBound), kurtosis: own.kurtosis, clip: levels.clip))
    }
}

/// What is expected of one class as a whole.
struct ClassExpectation: Sendable {
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
    /// Excess kurtosis of the noise.
    let kurtosis: Double
    /// Shares of the cells at the bounds; nil where noise is not normal or values saturate.
    let clip: ClipShares?
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
