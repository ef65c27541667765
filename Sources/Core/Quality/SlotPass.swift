/// One pass over the slots of a class: what is expected of each, beside what was found, goes into sums.
struct SlotPass {
    // Results.
    private(set) var days: [SlotSums] = []
    private(set) var times: [SlotSums] = []
    private(set) var noise = NoiseSum()
    private(set) var means = SlotMeans()
    private(set) var memory: MemorySum
    private(set) var jump = 0.0

    private let own: ClassSignal
    private let levels: LevelLaw
    private let terms: NoiseSum.Terms
    private let perSlot: Int
    private let first: Int
    private let servers: Double
    private let unit: Double
    /// Sums over slots feel memory: at most by the sum of the autocorrelations, whatever their weights.
    private let inflation: Double

    /// - Parameters:
    ///   - servers: Of the class.
    ///   - unit: Of the offsets, in the metric's unit.
    ///   - center: Near the mean of all cells, in the metric's unit.
    ///   - kurtosis: Excess, of the noise.
    init(
        _ signal: MetricSignal, _ own: ClassSignal, _ levels: LevelLaw, servers: Double, unit: Double, center: Double, kurtosis: Double
    ) {
        (self.own, self.levels, self.servers, self.unit) = (own, levels, servers, unit)
        perSlot = signal.steps.stepsPerSlot
        first = signal.steps.absolute.lowerBound
        memory = MemorySum(own, steps: signal.steps.absolute)
        inflation = own.noise?.law.mostInflation(steps: own.level.count) ?? 1
        terms = NoiseSum.Terms(
            servers: servers, rate: signal.metric.outlierRate, kurtosis: kurtosis,
            memory: own.noise?.law.squaredInflation(steps: signal.steps.count) ?? 1, center: center)
    }

    /// What one slot is expected to have, on average over its steps.
    private struct Slot {
        /// Mean without offsets, and how far the servers' mean is from it.
        var level = 0.0
        var distance = 0.0
        /// Mean square of the servers' distances from the level.
        var square = 0.0
        /// Variance of a cell around its server's mean.
        var variance = 0.0
        /// Variance between the servers' means, and between the steps.
        var apart = 0.0
        var within = 0.0
        var jump = 0.0
    }

    /// - Parameters:
    ///   - index: Of the class.
    ///   - zone: Its clocks.
    ///   - days: How many local days there are.
    /// - Complexity: O(steps).
    consuming func run(_ tally: MetricTally, _ index: Int, _ zone: CellTimes.Zone, days count: Int) -> SlotPass {
        days = [SlotSums](repeating: SlotSums(), count: count)
        times = [SlotSums](repeating: SlotSums(), count: zone.middles.count)
        let cells = index * tally.slots..<(index + 1) * tally.slots
        let lives = tally.lives?.slots(of: index)
        let (factors, level, spread, jumps) = (own.factor, own.level, own.spread, levels.jump)
        let (course, whole) = (levels.course, levels.whole)
        let covariances = lives == nil ? course : levels.covariance
        course.withLookup { law in
            covariances.withLookup { covariance in
                for slot in 0..<tally.slots {
                    let steps = slot * perSlot..<(slot + 1) * perSlot
                    let expected = expect(steps, law, factors, level, spread, jumps)
                    var (there, shift, parting) = (servers, 0.0, 0.0)
                    if let life = lives?[slot], life.servers > 0 {
                        // The servers of the slot are a part of all: what their offsets differ in is known, and what clipping makes of that
                        // to first order.
                        there = Double(life.servers)
                        let step = steps.lowerBound
                        let slope = whole.variance > 0 ? covariance.values(step: step, factor: factors[step])[0] / whole.variance : 0
                        shift = slope * (Double(life.offsets) / there * unit - whole.mean)
                        let bent = max(0, expected.square - expected.distance * expected.distance - slope * slope * whole.variance)
                        // Twice, because what clipping leaves of offsets is skewed, and the servers are few.
                        parting = 2 * (bent * max(0, 1 / there - 1 / servers)).squareRoot()
                    }
                    let mean = expected.level + expected.distance + shift
                    means.add(mean)
                    jump = expected.jump > jump ? expected.jump : jump
                    let present = tally.slotCells[cells.lowerBound + slot]
                    guard present > 0 else { continue }
                    add(
                        expected, mean: mean, parting: parting, there: there, cells: Double(present),
                        sum: Double(tally.slotSums[cells.lowerBound + slot]), tally.grid, day: Int(zone.dayOfSlot[slot]),
                        time: zone.timeOfSlot.isEmpty ? nil : Int(zone.timeOfSlot[slot]))
                }
            }
        }
        return self
    }

    /// What the steps of one slot are expected to have.
    @inline(__always)
    private mutating func expect(
        _ steps: Range<Int>, _ law: FactorCourse.Lookup, _ factors: [Double], _ level: [Double], _ spread: [Double], _ jumps: RareJump
    ) -> Slot {
        var slot = Slot()
        let start = level[steps.lowerBound]
        for step in steps {
            let own = law.values(step: step, factor: factors[step])
            let (distance, square, variance) = (own[0], own[1], own[2] > 0 ? own[2] : 0)
            // From the slot's first level, so that no large squares are subtracted.
            let moved = level[step] + distance - start
            slot.within += moved * moved
            slot.level += level[step]
            slot.distance += distance
            slot.square += square
            slot.apart += max(0, square - distance * distance)
            slot.variance += variance
            let reach = jumps(level: level[step], spread: spread[step])
            slot.jump = reach > slot.jump ? reach : slot.jump
            if !memory.isPlain { memory.add(step: first + step, variance: variance, weight: own[3] * spread[step], jump: reach) }
        }
        if perSlot > 1 {
            let part = 1 / Double(perSlot)
            slot.level *= part
            slot.distance *= part
            slot.square *= part
            slot.variance *= part
            slot.apart *= part
            slot.within *= part
        }
        let moved = slot.level + slot.distance - start
        slot.within = max(0, slot.within - moved * moved)
        return slot
    }

    /// Adds a slot that has values.
    ///
    /// - Parameters:
    ///   - there: Servers that exist.
    ///   - cells: With values.
    ///   - sum: Of the cells' whole numbers.
    @inline(__always)
    private mutating func add(
        _ slot: Slot, mean: Double, parting: Double, there: Double, cells: Double, sum: Double, _ grid: ValueGrid, day: Int, time: Int?
    ) {
        let part = 1 / cells
        let realised = grid.value(sum * part)
        let missing = 1 - cells / (there * Double(perSlot))
        // Missing cells shift the mean where servers differ, and where the slot's steps do.
        let lost = missing > 0 ? missing * (max(0, slot.square - slot.distance * slot.distance) + slot.within) : 0
        let variance = (inflation * slot.variance + lost) * part
        days[day].add(realised: realised, expected: mean, variance: variance, parting: parting, jump: slot.jump * part)
        if let time {
            times[time].add(realised: realised, expected: mean, variance: variance, parting: parting, jump: slot.jump * part)
        }
        let between = slot.apart + slot.within
        let absent = servers - cells / Double(perSlot)
        terms.add(
            cells: cells, mean: realised, absent: absent, noise: slot.variance, between: between, jump: slot.jump, to: &noise)
    }
}
