import Kernels

extension MetricColumn {
    /// Tallies one server's row of a narrow grid when something touches it: all gaps, and what differs from the judged cells.
    ///
    /// - Parameter judged: Already in the sums; the counts have what is published of all steps.
    /// - Returns: What is published, by step.
    func publishNarrow(
        _ judged: UnsafeMutablePointer<UInt16>, at place: Int, deviate: Double, scratch: ColumnScratch, tally: inout MetricTally
    ) -> UnsafeMutablePointer<UInt16> {
        // Pointers of their own: each access through a class is checked for overlaps.
        let (made, counts) = (scratch.rich, scratch.counts.baseAddress.unsafelyUnwrapped)
        let (excess, hides) = (scratch.excess.baseAddress.unsafelyUnwrapped, scratch.hidden.baseAddress.unsafelyUnwrapped)
        let (span, missing, drawn) = (scratch.span, scratch.missing, made.drawn)
        let published = made.isRenumbered ? made.row : judged
        let sums = scratch.sums.baseAddress.unsafelyUnwrapped + place * cells.rowCount
        let (first, perSlot, lowest) = (place * tally.slots, signal.steps.stepsPerSlot, Int64(signal.grid.range.lowerBound))
        var sum = Int64(fleetsynth_sum_narrow(judged + span.lowerBound, Int32(span.count)))
        var publishedSum = made.isRenumbered ? sum + made.difference : sum
        tally.keepExcess()
        scratch.hasExcess = true
        publishedSum -= fleetsynth_withdraw(published, missing, Int32(missing.count), excess, hides, counts)
        tally.slotCells.withUnsafeMutableBufferPointer { slotCells in
            // What is missing for its value, or for long, would bend every mean: it is judged all the same, unlike what is missing at random.
            for step in drawn.lazy.map(Int.init) {
                let old = judged[step]
                excess[step] += Int32(old)
                hides[step] -= 1
                sums[NarrowSignal.place(cells.offset + step)] &-= UInt32(old)
                slotCells[first + (perSlot == 1 ? step : step / perSlot)] -= 1
                sum -= Int64(old)
            }
        }
        let hidden = missing.count - drawn.count
        let count = span.count - drawn.count
        tallyServer(
            sum: sum + Int64(count) * lowest, at: place, deviate: deviate, drawnMissing: drawn.count, hidden: hidden,
            scratch: scratch, tally: &tally)
        made.count(in: &tally)
        tally.publishedExcess += publishedSum - Int64(hidden) * lowest - sum
        return published
    }

    /// One server's cells of other grids by the rich path: whole numbers into `scratch.whole`, for full precision values into `scratch.real`.
    /// - Returns: Rows kept.
    func keepRich(
        _ rich: RichCells, _ server: UInt32, of own: Int, at place: Int, kept: Int, row: Int, scratch: ColumnScratch,
        tally: inout MetricTally
    ) -> Int {
        rich.fillWide(of: own, server: server, scratch: scratch)
        let (made, grid) = (scratch.rich, signal.grid)
        let (first, perSlot) = (place * tally.slots, signal.steps.stepsPerSlot)
        var (target, gap, hidden) = (kept, 0, 0)
        var (sum, excess): (Int64, Int64) = (0, 0)
        if made.isTouched { tally.keepExcess() }
        for step in scratch.span {
            if gap < scratch.missing.count, scratch.missing[gap] == step {
                gap += 1
                if hidden < made.hidden.count, made.hidden[hidden] == step {
                    hidden += 1
                    let judged = Int64(signal.metric.decimals == nil ? grid.gridPoint(made.judged[step]) : Int32(made.judged[step]))
                    tally.slotSums[first + step / perSlot] += judged
                    sum += judged
                    excess -= judged
                    tally.hide(judged, slot: step / perSlot)
                    continue
                }
                tally.slotCells[first + step / perSlot] -= 1
                continue
            }
            let (judged, published): (Int32, Int32)
            if signal.metric.decimals == nil {
                (judged, published) = (grid.gridPoint(made.judged[step]), grid.gridPoint(made.published[step]))
                scratch.real[target] = made.published[step]
                if rollUp != nil { tally.include(made.published[step], made.published[step]) }
            } else {
                (judged, published) = (Int32(made.judged[step]), Int32(made.published[step]))
                scratch.whole[target] = published
                if rollUp != nil, !grid.isDictionary { tally.include(grid.value(Double(published)), grid.value(Double(published))) }
            }
            tally.slotSums[first + step / perSlot] += Int64(judged)
            sum += Int64(judged)
            if published != judged {
                excess += Int64(published) - Int64(judged)
                tally.addExcess(Int64(published) - Int64(judged), slot: step / perSlot)
            }
            scratch.counts[Int(published - grid.range.lowerBound) >> grid.shift] += 1
            target += 1
        }
        tallyServer(
            sum: sum, at: place, deviate: signal.bias.deviate(server: server), drawnMissing: made.drawn.count, hidden: hidden,
            scratch: scratch, tally: &tally)
        if made.isTouched { made.count(in: &tally) }
        tally.publishedExcess += excess
        guard rollUp == nil else {
            // Rows are made of cells at their places.
            if signal.metric.decimals == nil {
                let real = scratch.real.baseAddress.unsafelyUnwrapped + kept
                for step in scratch.span { real[step] = made.published[step] }
                return keep(real, row: row, scratch: scratch)
            }
            let whole = scratch.whole.baseAddress.unsafelyUnwrapped + kept
            for step in scratch.span { whole[step] = Int32(made.published[step]) }
            return keep(whole, row: row, scratch: scratch)
        }
        for step in scratch.missing { scratch.nullRows.append(Int32(row - scratch.span.lowerBound) + step) }
        return target - kept
    }
}
