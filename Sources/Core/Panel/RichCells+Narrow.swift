import Kernels

extension RichCells {
    /// Cells of a narrow grid; adds the judged ones to the sums as `MetricCells.fillNarrow` does, and the published ones to the counts, missing ones
    /// included.
    ///
    /// - Returns: The first step's judged cell, above the grid's lowest. The published numbers are in `scratch.rich.row` where
    ///   `scratch.rich.isRenumbered` is true; else they are the judged ones. `scratch.missing` has all missing steps.
    func fillNarrow(
        of own: Int, place: Int = 0, server: UInt32, deviate: Double, scratch: ColumnScratch
    ) -> UnsafeMutablePointer<UInt16> {
        let (steps, rich) = (signal.steps.count, scratch.rich)
        let isTouched = prepare(server, scratch)
        var runs: [Range<Int>] = []
        if rich.isRenumbered { rich.changes.forEachChangedRun { runs.append($0) } }
        // Where most cells are changed, judged ones are not counted: that would be undone.
        let isMost = 2 * runs.reduce(0) { $0 + $1.count } >= steps
        let judged = plain.fillNarrow(of: own, place: place, server: server, deviate: deviate, counting: !isMost, scratch: scratch)
        guard isTouched else { return judged }
        if rich.isRenumbered { renumber(judged, signal.classes[own], runs, scratch) }
        if rich.changes.missingUnderLoad > 0 { findUnderLoadNarrow(server, scratch) }
        gatherMissing(scratch)
        return judged
    }

    /// From values and judged numbers to published ones.
    ///
    /// - Parameter runs: Steps that may be changed, rising and apart.
    private func renumber(_ judged: UnsafePointer<UInt16>, _ own: ClassSignal, _ runs: [Range<Int>], _ scratch: ColumnScratch) {
        let rich = scratch.rich
        rich.reserveRow(signal.steps.count + Int(FLEETSYNTH_CLOSE_SLACK))
        // Read once: each access through the class is checked for overlaps.
        let (changes, row, span, isCounted, offset) = (rich.changes, rich.row, scratch.span, scratch.isCounted, plain.offset)
        let scaled = UnsafePointer(scratch.noise.baseAddress.unsafelyUnwrapped)
        let (counts, excess) = (scratch.counts.baseAddress.unsafelyUnwrapped, scratch.excess.baseAddress.unsafelyUnwrapped)
        var (difference, start, law) = (Int64(0), 0, law(own))
        func clean(_ step: Int) -> Double { Double(scaled[NarrowSignal.place(offset + step)]) + low }
        func changed(_ step: Int) -> Double { changes.factor[step] * clean(step) + changes.addend[step] * scale }
        /// Takes over judged cells.
        func leave(_ steps: Range<Int>) {
            (row + steps.lowerBound).update(from: judged + steps.lowerBound, count: steps.count)
            let alive = steps.clamped(to: span)
            if !isCounted { fleetsynth_count_narrow(judged + alive.lowerBound, Int32(alive.count), 1, counts) }
        }
        /// Writes another number for a step.
        func put(_ number: Double, _ step: Int) {
            let (old, new) = (row[step], UInt16(number - low))
            row[step] = new
            counts[Int(old)] -= 1
            counts[Int(new)] += 1
            excess[step] += Int32(new) - Int32(old)
            difference += Int64(new) - Int64(old)
        }
        changes.factor.withUnsafeBufferPointer { factor in
            changes.addend.withUnsafeBufferPointer { addend in
                var cells = fleetsynth_changed(
                    scaled: scaled, offset: Int32(offset), judged: judged, published: row, factor: factor.baseAddress,
                    addend: changes.hasAddends ? addend.baseAddress : nil, excess: excess, counts: counts)
                for run in runs {
                    leave(start..<run.lowerBound)
                    if isCounted { fleetsynth_count_narrow(judged + run.lowerBound, Int32(run.count), .max, counts) }
                    difference += fleetsynth_publish(&cells, &law, Int32(run.lowerBound), Int32(run.upperBound))
                    start = run.upperBound
                }
            }
        }
        leave(start..<signal.steps.count)
        for step in scratch.outliers.lazy.map(Int.init) where changes.isChanged(step) {
            put(number(changed(step) * signal.metric.outlierMultiplier, own), step)
        }
        for slip in changes.slips {
            for step in slip.steps { put(written((Double(row[step]) + low) * slip.factor), step) }
        }
        for stuck in changes.stuck {
            // A value from before the run is saturated already.
            let measured = stuck.origin.map { $0.factor * clean($0.step) + $0.addend * scale } ?? changed(stuck.steps.lowerBound)
            let first = stuck.value.map { written($0 * scale) } ?? number(measured, own)
            for step in stuck.steps { put(first, step) }
        }
        rich.difference = difference
    }

    private func findUnderLoadNarrow(_ server: UInt32, _ scratch: ColumnScratch) {
        let (rich, span, offset) = (scratch.rich, scratch.span, plain.offset)
        let reach = fleetsynth_reach(
            scaled: UnsafePointer(scratch.noise.baseAddress.unsafelyUnwrapped),
            origin: Int32(truncatingIfNeeded: signal.steps.absolute.lowerBound - offset), offset: Int32(offset),
            from: Int32(offset + span.lowerBound), to: Int32(offset + span.upperBound),
            threshold: rich.leastNarrow(reaching: rich.changes.heavyLoad * scale, above: low))
        rich.heavy = Int(fleetsynth_count_scaled(reach.scaled, reach.from, reach.to, reach.threshold))
        rich.underLoad = underLoad(rich.changes.missingUnderLoad).reaching(reach, server: server, most: rich.heavy)
    }
}
