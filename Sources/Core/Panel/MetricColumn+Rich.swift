extension MetricColumn {
    /// What one server's judged row of a narrow grid becomes when something touches it: published cells in the counts and in the row, and all gaps
    /// in the tally.
    ///
    /// - Parameter row: Judged cells, already in sums and counts; published ones afterwards.
    func publishNarrow(
        _ row: UnsafeMutablePointer<UInt16>, at place: Int, deviate: Double, scratch: ColumnScratch, tally: inout MetricTally
    ) {
        let (made, counts) = (scratch.rich, scratch.counts)
        let sums = scratch.sums.baseAddress.unsafelyUnwrapped + place * cells.rowCount
        let (first, perSlot, lowest) = (place * tally.slots, signal.steps.stepsPerSlot, Double(signal.grid.range.lowerBound))
        var sum: Int64 = 0
        for step in scratch.span { sum += Int64(row[step]) }
        for step in scratch.missing.lazy.map(Int.init) {
            counts[Int(row[step])] -= 1
            sums[NarrowSignal.place(cells.offset + step)] &-= UInt32(row[step])
            tally.slotCells[first + step / perSlot] -= 1
            sum -= Int64(row[step])
        }
        let present = scratch.span.count - scratch.missing.count
        tallyServer(
            sum: sum + Int64(present) * Int64(lowest), at: place, deviate: deviate, drawnMissing: made.drawnMissing, scratch: scratch,
            tally: &tally)
        var gap = 0
        for step in scratch.span {
            if gap < scratch.missing.count, scratch.missing[gap] == step {
                gap += 1
                continue
            }
            let published = UInt16(made.published[step] - lowest)
            guard published != row[step] else { continue }
            counts[Int(row[step])] -= 1
            counts[Int(published)] += 1
            row[step] = published
        }
    }

    /// One server's cells of other grids by the rich path: whole numbers into `scratch.whole`, for full precision values into `scratch.real`.
    /// - Returns: Cells kept.
    func keepRich(
        _ rich: RichCells, _ server: UInt32, of own: Int, at place: Int, kept: Int, row: Int, scratch: ColumnScratch,
        tally: inout MetricTally
    ) -> Int {
        rich.fillWide(of: own, server: server, scratch: scratch)
        let span = scratch.span
        if span.count < signal.steps.count { scratch.missing.removeAll { !span.contains(Int($0)) } }
        let (made, grid) = (scratch.rich, signal.grid)
        let (first, perSlot) = (place * tally.slots, signal.steps.stepsPerSlot)
        var (target, gap) = (kept, 0)
        var sum: Int64 = 0
        for step in scratch.span {
            if gap < scratch.missing.count, scratch.missing[gap] == step {
                gap += 1
                tally.slotCells[first + step / perSlot] -= 1
                continue
            }
            let (judged, published): (Int32, Int32)
            if signal.metric.decimals == nil {
                (judged, published) = (grid.gridPoint(made.judged[step]), grid.gridPoint(made.published[step]))
                scratch.real[target] = made.published[step]
                tally.include(made.published[step], made.published[step])
            } else {
                (judged, published) = (Int32(made.judged[step]), Int32(made.published[step]))
                scratch.whole[target] = published
            }
            tally.slotSums[first + step / perSlot] += Int64(judged)
            sum += Int64(judged)
            scratch.counts[Int(published - grid.range.lowerBound) >> grid.shift] += 1
            target += 1
        }
        tallyServer(
            sum: sum, at: place, deviate: signal.bias.deviate(server: server), drawnMissing: made.drawnMissing, scratch: scratch,
            tally: &tally)
        for step in scratch.missing { scratch.nullRows.append(Int32(row - span.lowerBound) + step) }
        return target - kept
    }
}
