import Kernels

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
        let steps = slots * perSlot
        // The slots of a day by whether the shape is neither, low or high there.
        let groups = shape.map { zone.timeOfSlot.isEmpty ? [] : $0.groups } ?? []
        let perDay = groups.isEmpty ? 1 : 3
        // All steps of a class and all places, so that the kernel is never out of bounds.
        precondition(own.factor.count == steps && own.level.count == steps && own.spread.count == steps)
        precondition(tally.slotCells.count >= (index + 1) * slots && tally.slotCells.count == tally.slotSums.count)
        precondition(zone.dayOfSlot.count == slots && zone.lastDay < count)
        precondition(groups.isEmpty || zone.timeOfSlot.count == slots && groups.count == zone.middles.count)
        let (course, lives) = (levels.course, tally.lives?.pairs(of: index) ?? [])
        let covariances = lives.isEmpty ? [] : levels.covariances
        precondition(
            course.covers(steps: steps) && (lives.isEmpty || lives.count == 2 * slots && 4 * covariances.count == 4 * course.cubics.count))

        var parts = [Double](repeating: 0, count: SlotSums.width * count * perDay)
        let remembers = !MemorySum.isPlain(own)
        var weights = [Double](repeating: 0, count: remembers ? steps : 0)
        var law = fleetsynth_slots()
        (law.first, law.places, law.shift) = (course.first, Int64(course.places), course.shift)
        (law.slots, law.per_slot, law.place) = (Int32(slots), Int32(perSlot), Int64(index))
        (law.divided, law.ragged, law.remembers) = (groups.isEmpty ? 0 : 1, lives.isEmpty ? 0 : 1, remembers ? 1 : 0)
        (law.unit, law.offset, law.variance) = (unit, levels.whole.mean, levels.whole.variance)
        (law.origin, law.step, law.center, law.servers) = (tally.grid.origin, 1 / tally.grid.scale, center, servers)
        // Sums over slots feel memory: at most by the sum of the autocorrelations, whatever their weights.
        law.inflation = own.noise?.law.mostInflation(steps: steps) ?? 1
        (law.per_level, law.per_spread) = (levels.jump.perLevel, levels.jump.perSpread)
        (law.fixed, law.most, law.rate) = (levels.jump.fixed, levels.jump.most, own.metric.outlierRate)
        var found = fleetsynth_slots_found()
        course.cubics.withUnsafeBytes {
            fleetsynth_slots_pass(
                &law, $0.assumingMemoryBound(to: Double.self).baseAddress, covariances, own.factor, own.level, own.spread,
                tally.slotCells, tally.slotSums, zone.dayOfSlot, zone.timeOfSlot, groups, lives, &parts, &weights, &found)
        }
        (noise, jump) = (NoiseParts(found), found.jump)
        means = SlotMeans(found, slots: slots)
        memory = MemorySum(own, found, weights: weights, first: signal.steps.absolute.lowerBound)

        var groupSums = [SlotSums](repeating: SlotSums(), count: 3)
        days = parts.withUnsafeBufferPointer { parts in
            (0..<count).map { day in
                var sums = SlotSums()
                for group in 0..<perDay {
                    let own = SlotSums(parts, place: day * perDay + group)
                    sums.add(own)
                    groupSums[group].add(own)
                }
                return sums
            }
        }
        (low, high) = (groupSums[1], groupSums[2])
    }
}
