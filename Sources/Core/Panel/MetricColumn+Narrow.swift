import Kernels
import Parquet

extension MetricColumn {
    /// Servers whose numbers below 2^16 surely add up to less than 2^32, and whose differences to less than 2^31.
    private static let serversPerSum = 32_768

    /// The chunk of a narrow grid: cells are 16-bit numbers from the kernel to the page.
    func narrowChunk(
        servers: Range<Int>, spans: RowSpans, layout: PageLayout, scratch: ColumnScratch
    ) -> (chunk: EncodedChunk, tally: MetricTally) {
        let steps = signal.steps.count
        let rows = spans.rows / cellsPerRow
        let picks = ClassPicks(directory, servers: servers)
        // A server's whole row is kept before some of it comes twice or not at all.
        let room = rows + (spans.areOdd ? steps : 0)
        scratch.reserveNarrow(row: cells.rowCount, classes: picks.present.count, cells: room, counts: signal.grid.bins)
        scratch.nullRows.removeAll(keepingCapacity: true)
        var tally = emptyTally(servers: servers.count, picks, spans)
        var (kept, firstRow) = (0, 0)
        for (index, server) in servers.enumerated() {
            scratch.span = spans.of(index)
            if (index + 1) % Self.serversPerSum == 0 { addSums(picks, scratch, &tally) }
            guard !scratch.span.isEmpty else { continue }
            let deviate = signal.bias.deviate(server: UInt32(server))
            let own = picks.of(index)
            let place = picks.place(own)
            let row =
                rich?.fillNarrow(of: own, place: place, server: UInt32(server), deviate: deviate, scratch: scratch)
                ?? cells.fillNarrow(of: own, place: place, server: UInt32(server), deviate: deviate, scratch: scratch)
            if let sample, sample.sampler.wants(server) {
                let missing = rich != nil && scratch.rich.isTouched ? scratch.rich.drawn : scratch.missing
                sample.sampler.noiseSampled(row, server: server, metric: sample.metric, missing: missing, outliers: scratch.outliers)
            }
            if scratch.span.count < steps { takeOut(row, at: place, scratch) }
            var published = row
            if rich != nil, scratch.rich.isTouched {
                published = publishNarrow(row, at: place, deviate: deviate, scratch: scratch, tally: &tally)
            } else {
                tallyNarrow(row, at: place, deviate: deviate, scratch: scratch, tally: &tally)
            }
            if spans.areOdd, rollUp == nil {
                kept += keep(published, spans.marks(index), at: kept, firstRow: firstRow, scratch: scratch, tally: &tally)
                firstRow += spans.count(index)
                continue
            }
            let count = keep(published, at: kept, firstRow: firstRow, scratch: scratch)
            if spans.areOdd {
                let lowest = signal.grid.range.lowerBound
                kept += spread(
                    scratch.narrow.baseAddress.unsafelyUnwrapped + kept, kept: count, spans.marks(index), firstRow: firstRow,
                    scratch: scratch, tally: &tally, whole: { lowest + Int32($0) })
                firstRow += spans.count(index)
            } else {
                kept += count
                firstRow += scratch.span.count / cellsPerRow
            }
        }
        addSums(picks, scratch, &tally)
        finish(scratch, &tally)
        tallyRows(kept: kept, servers: servers.count, spans: spans, scratch: scratch, tally: &tally)
        let present = UnsafeBufferPointer(rebasing: scratch.narrow.prefix(kept))
        let counts = UnsafeBufferPointer(rebasing: (rollUp == nil ? scratch.counts : scratch.rowCounts).prefix(signal.grid.bins))
        let nulls = scratch.nullRows
        let chunk = ChunkEncoder.decimals(
            narrow: present.span, nullRows: nulls.span, rows: rows, decimals: signal.grid.decimals ?? 0,
            lowest: signal.grid.range.lowerBound, counts: counts.span, column: column, layout: layout, cache: dictionaries)
        return (chunk, tally)
    }

    /// Takes the cells of a server outside its span out of the sums and counts, and out of the missing ones.
    private func takeOut(_ row: UnsafePointer<UInt16>, at place: Int, _ scratch: ColumnScratch) {
        let (counts, sums) = (scratch.counts, scratch.sums.baseAddress.unsafelyUnwrapped + place * cells.rowCount)
        let span = scratch.span
        for outside in [0..<span.lowerBound, span.upperBound..<signal.steps.count] {
            for step in outside {
                if scratch.isCounted { counts[Int(row[step])] -= 1 }
                sums[NarrowSignal.place(cells.offset + step)] &-= UInt32(row[step])
            }
        }
        scratch.missing.removeAll { !span.contains(Int($0)) }
    }

    /// Tallies one server's row and takes its missing cells out of the sums and counts.
    private func tallyNarrow(
        _ row: UnsafePointer<UInt16>, at place: Int, deviate: Double, scratch: ColumnScratch, tally: inout MetricTally
    ) {
        let span = scratch.span
        var sum = Int64(fleetsynth_sum_narrow(row + span.lowerBound, Int32(span.count)))
        let (counts, sums) = (scratch.counts, scratch.sums.baseAddress.unsafelyUnwrapped + place * cells.rowCount)
        let (first, perSlot) = (place * tally.slots, signal.steps.stepsPerSlot)
        for step in scratch.missing {
            let value = row[Int(step)]
            counts[Int(value)] -= 1
            sums[NarrowSignal.place(cells.offset + Int(step))] &-= UInt32(value)
            tally.slotCells[first + (perSlot == 1 ? Int(step) : Int(step) / perSlot)] -= 1
            sum -= Int64(value)
        }
        let present = span.count - scratch.missing.count
        let lowest = Int64(signal.grid.range.lowerBound)
        tallyServer(sum: sum + Int64(present) * lowest, at: place, deviate: deviate, scratch: scratch, tally: &tally)
    }

    /// Copies one server's present cells, or the rows made of them, to the chunk's and notes the rows of the missing ones.
    /// - Returns: The rows copied.
    private func keep(_ row: UnsafeMutablePointer<UInt16>, at kept: Int, firstRow: Int, scratch: ColumnScratch) -> Int {
        let target = scratch.narrow.baseAddress.unsafelyUnwrapped + kept
        let span = scratch.span
        if let rollUp {
            return rollUp.keepNarrow(
                row, span: span, missing: scratch.missing, lowest: Int64(signal.grid.range.lowerBound), row: firstRow,
                nulls: &scratch.nullRows, into: target)
        }
        let (nulls, shift) = (scratch.nullRows.count, Int32(firstRow - span.lowerBound))
        scratch.nullRows.append(contentsOf: scratch.missing)
        scratch.nullRows.withUnsafeMutableBufferPointer { rows in
            for place in nulls..<rows.count { rows[place] += shift }
        }
        fleetsynth_close(row, scratch.missing, Int32(scratch.missing.count), Int32(span.lowerBound), Int32(span.upperBound), target)
        return span.count - scratch.missing.count
    }

    /// Moves the sums in the kernel's order to the tally's slots.
    private func addSums(_ picks: ClassPicks, _ scratch: ColumnScratch, _ tally: inout MetricTally) {
        let (slots, perSlot) = (tally.slots, signal.steps.stepsPerSlot)
        for place in picks.present.indices {
            let sums = scratch.sums.baseAddress.unsafelyUnwrapped + place * cells.rowCount
            tally.slotSums.withUnsafeMutableBufferPointer { slotSums in
                let own = slotSums.baseAddress.unsafelyUnwrapped + place * slots
                fleetsynth_add_sums(sums, Int32(cells.offset), Int32(slots), Int32(perSlot), own)
            }
            sums.update(repeating: 0, count: cells.rowCount)
        }
        guard scratch.hasExcess, let excess = scratch.excess.baseAddress, let hidden = scratch.hidden.baseAddress else { return }
        tally.addExcess(excess, hidden: hidden, stepsPerSlot: perSlot, lowest: Int64(signal.grid.range.lowerBound))
        scratch.forgetExcess(cells.rowCount)
    }

    /// Completes the tally: numbers above the lowest become whole numbers of the grid.
    private func finish(_ scratch: ColumnScratch, _ tally: inout MetricTally) {
        let grid = signal.grid
        let lowest = Int64(grid.range.lowerBound)
        for slot in tally.slotSums.indices { tally.slotSums[slot] += lowest * tally.slotCells[slot] }
        for bin in tally.counts.indices { tally.counts[bin] = UInt64(scratch.counts[bin]) }
        if let low = tally.counts.firstIndex(where: { $0 > 0 }), let high = tally.counts.lastIndex(where: { $0 > 0 }) {
            tally.include(grid.value(Double(Int(lowest) + low)), grid.value(Double(Int(lowest) + high)))
        }
    }
}
