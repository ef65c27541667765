/// One pass over the slots of a class: what is expected of each, beside what was found, goes into sums.
struct SlotPass {
    /// By local day, and over the times of day at which the shape of the day is low and high.
    let days: [SlotSums]
    let low: SlotSums
    let high: SlotSums
    /// What the checks of the noise and of the servers' offsets need.
    let noise: NoiseParts
    let means: SlotMeans
    let memory: MemorySum
    /// The farthest that a rare cell may lie from common ones.
    let jump: Double

    /// - Parameters:
    ///   - index: Of the class.
    ///   - zone: Its clocks.
    ///   - shape: Nil where slots are days.
    ///   - count: Local days.
    ///   - servers: Of the class.
    ///   - unit: Of the offsets, in the metric's unit.
    ///   - center: Near the mean of all cells, in the metric's unit.
    /// - Complexity: O(steps).
    init(
        _ signal: MetricSignal, _ own: ClassSignal, _ levels: LevelLaw, _ tally: MetricTally, _ index: Int, _ zone: CellTimes.Zone,
        _ shape: DayShape?, days count: Int, servers: Double, unit: Double, center: Double
    ) {
        let (slots, perSlot) = (tally.slots, signal.steps.stepsPerSlot)
        // All steps of a class, so that nothing below is out of bounds.
        precondition(own.factor.count == slots * perSlot && own.level.count == own.factor.count && own.spread.count == own.factor.count)
        precondition(zone.dayOfSlot.count == slots && tally.slotCells.count == tally.slotSums.count)
        precondition(tally.slotSums.count >= (index + 1) * slots && (zone.timeOfSlot.isEmpty || zone.timeOfSlot.count == slots))
        // The slots of a day by whether the shape is neither, low or high there.
        let groups = shape.map { zone.timeOfSlot.isEmpty ? [] : $0.groups } ?? []
        let perDay = groups.isEmpty ? 1 : 3
        var parts = [SlotSums](repeating: SlotSums(), count: count * perDay)
        var (noise, means, largest) = (NoiseParts(), SlotMeans(), 0.0)
        let first = signal.steps.absolute.lowerBound
        var memory = MemorySum(own, steps: signal.steps.absolute)
        // Sums over slots feel memory: at most by the sum of the autocorrelations, whatever their weights.
        let inflation = own.noise?.law.mostInflation(steps: own.level.count) ?? 1
        let (origin, perStep) = (tally.grid.origin, 1 / tally.grid.scale)
        let lives = SlotLives(tally, index, levels, servers: servers, unit: unit)
        let ofLives = lives?.covariance.cubics ?? []
        let covariances = ofLives.span

        let (factors, level, spread) = (own.factor.span, own.level.span, own.spread.span)
        let (slotCells, slotSums) = (tally.slotCells.span, tally.slotSums.span)
        let (dayOfSlot, timeOfSlot, groupOfTime) = (zone.dayOfSlot.span, zone.timeOfSlot.span, groups.span)
        let (course, jumps, cubics) = (levels.course, levels.jump, levels.course.cubics.span)
        // Slots that follow each other mostly belong together.
        var (part, current) = (SlotSums(), 0)
        do {
            var sumsOfParts = parts.mutableSpan
            for slot in 0..<slots {
                var sums = StepSums(start: level[unchecked: slot * perSlot])
                for step in slot * perSlot..<(slot + 1) * perSlot {
                    let values = course.values(cubics, step: step, factor: factors[unchecked: step])
                    let (ownLevel, wide) = (level[unchecked: step], spread[unchecked: step])
                    let jump = jumps(level: ownLevel, spread: wide)
                    sums.add(level: ownLevel, values, jump: jump)
                    if !memory.isPlain { memory.add(step: first + step, variance: max(0, values[2]), weight: values[3] * wide, jump: jump) }
                }
                let expected = sums.means(steps: perSlot)
                let life = lives?.shift(slot, step: slot * perSlot, factor: factors[unchecked: slot * perSlot], expected, covariances)
                let mean = expected.mean + (life?.mean ?? 0)
                means.add(mean)
                largest = expected.jump > largest ? expected.jump : largest
                let present = slotCells[unchecked: index * slots + slot]
                guard present > 0 else { continue }

                let cells = Double(present)
                let perCell = 1 / cells
                let realised = origin + Double(slotSums[unchecked: index * slots + slot]) * perCell * perStep
                // Missing cells shift the mean where servers differ, and where the slot's steps do.
                let missing = 1 - cells / ((life?.servers ?? servers) * Double(perSlot))
                let lost = missing > 0 ? missing * (max(0, expected.square - expected.distance * expected.distance) + expected.within) : 0
                let variance = (inflation * expected.variance + lost) * perCell
                var place = Int(dayOfSlot[unchecked: slot]) * perDay
                if perDay > 1 { place += Int(groupOfTime[Int(timeOfSlot[unchecked: slot])]) }
                if place != current {
                    sumsOfParts[current].add(part)
                    (part, current) = (SlotSums(), place)
                }
                part.add(
                    realised: realised, expected: mean, variance: variance, parting: life?.parting ?? 0, jump: expected.jump * perCell)
                noise.add(
                    cells: cells, absent: servers - cells / Double(perSlot), noise: expected.variance,
                    between: expected.apart + expected.within, jump: expected.jump, distance: realised - center)
            }
        }
        parts[current].add(part)
        var groupSums = [SlotSums](repeating: SlotSums(), count: 3)
        days = (0..<count).map { day in
            var sums = SlotSums()
            for group in 0..<perDay {
                sums.add(parts[day * perDay + group])
                groupSums[group].add(parts[day * perDay + group])
            }
            return sums
        }
        (low, high) = (groupSums[1], groupSums[2])
        (self.noise, self.means, self.memory, jump) = (noise, means, memory, largest)
    }
}

/// What the steps of one slot are expected to have, as sums and then as means over them.
struct StepSums {
    /// Mean without offsets at the first step, from which others are counted, so that no large squares are subtracted.
    private let start: Double
    /// Mean without offsets, and how far the servers' mean is from it.
    private var level = 0.0
    private(set) var distance = 0.0
    /// Mean square of the servers' distances from the level.
    private(set) var square = 0.0
    /// Variance of a cell around its server's mean.
    private(set) var variance = 0.0
    /// Variance between the servers' means, and between the steps.
    private(set) var apart = 0.0
    private(set) var within = 0.0
    /// The farthest that a rare cell may lie from common ones.
    private(set) var jump = 0.0

    init(start: Double) { self.start = start }

    /// Mean over the servers.
    var mean: Double { level + distance }

    /// - Parameter values: Those of the law's course.
    @inline(__always)
    mutating func add(level own: Double, _ values: SIMD4<Double>, jump reach: Double) {
        let (distance, square, variance) = (values[0], values[1], values[2])
        let (moved, apart) = (own + distance - start, square - distance * distance)
        level += own
        self.distance += distance
        self.square += square
        self.variance += variance > 0 ? variance : 0
        self.apart += apart > 0 ? apart : 0
        within += moved * moved
        jump = reach > jump ? reach : jump
    }

    @inline(__always)
    func means(steps: Int) -> StepSums {
        var result = self
        guard steps > 1 else {
            result.within = 0
            return result
        }
        let part = 1 / Double(steps)
        result.level *= part
        result.distance *= part
        result.square *= part
        result.variance *= part
        result.apart *= part
        let moved = result.mean - start
        result.within = max(0, within * part - moved * moved)
        return result
    }
}

/// What it does to a slot that only some of a class's servers exist in it: what their offsets differ in is known, and what clipping makes of that
/// to first order.
final class SlotLives: Sendable {
    private let lives: [(servers: Int64, offsets: Int64)]
    let covariance: FactorCourse
    private let whole: OffsetBin
    private let servers: Double
    private let unit: Double

    /// Nil where all servers always exist.
    init?(_ tally: MetricTally, _ index: Int, _ levels: LevelLaw, servers: Double, unit: Double) {
        guard let lives = tally.lives?.slots(of: index) else { return nil }
        (self.lives, self.servers, self.unit) = (lives, servers, unit)
        (covariance, whole) = (levels.covariance, levels.whole)
    }

    /// The servers of a slot, how far their mean is from that of all, and the standard deviation of what clipping adds; nil where there are none.
    ///
    /// - Parameter cubics: Those of `covariance`.
    func shift(
        _ slot: Int, step: Int, factor: Double, _ expected: StepSums, _ cubics: borrowing Span<SIMD4<Double>>
    ) -> (servers: Double, mean: Double, parting: Double)? {
        guard lives[slot].servers > 0 else { return nil }
        let there = Double(lives[slot].servers)
        let moved = covariance.values(cubics, step: step, factor: factor)[0]
        let slope = whole.variance > 0 ? moved / whole.variance : 0
        let bent = max(0, expected.square - expected.distance * expected.distance - slope * slope * whole.variance)
        // Twice, because what clipping leaves of offsets is skewed, and the servers are few.
        let parting = 2 * (bent * max(0, 1 / there - 1 / servers)).squareRoot()
        return (there, slope * (Double(lives[slot].offsets) / there * unit - whole.mean), parting)
    }
}
