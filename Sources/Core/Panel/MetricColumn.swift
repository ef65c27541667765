import Kernels
import Parquet

/// Makes one metric's column chunk for a range of servers, and the tally of what it holds.
struct MetricColumn {
    let cells: MetricCells
    let column: Column
    var signal: MetricSignal { cells.signal }

    /// Nil where the plain signal is all there is.
    let rich: RichCells?
    /// How rows come from cells; nil where each row is a cell of its own.
    let rollUp: RollUp?
    let directory: ServerDirectory
    let dictionaries: DictionaryCache
    /// Keeps cells of some servers under the metric's index; nil for none.
    let sample: (sampler: NoiseSampler, metric: Int)?

    init(
        signal: MetricSignal, rich: RichCells?, rollUp: RollUp?, directory: ServerDirectory, column: Column,
        dictionaries: DictionaryCache, sample: (sampler: NoiseSampler, metric: Int)? = nil
    ) {
        cells = MetricCells(signal)
        self.rich = rich
        self.rollUp = rollUp
        self.directory = directory
        self.column = column
        self.dictionaries = dictionaries
        self.sample = sample
    }

    /// - Parameters:
    ///   - servers: Ordinals, 0-based.
    ///   - spans: The steps that each of them has cells for.
    /// - Returns: The chunk with one row per server and step (or as many as make a row) of its span, servers in order, steps within them.
    /// - Complexity: O(servers * steps); memory of one chunk.
    func chunk(
        servers: Range<Int>, spans: RowSpans, layout: PageLayout, scratch: ColumnScratch
    ) -> (chunk: EncodedChunk, tally: MetricTally) {
        if signal.grid.isNarrow { return narrowChunk(servers: servers, spans: spans, layout: layout, scratch: scratch) }
        let steps = signal.steps.count
        let rows = spans.rows / cellsPerRow
        // A server's whole row is made before its span is kept, or becomes fewer rows.
        let room = rows + (spans.areRagged || rollUp != nil ? steps : 0)
        let isPrecise = signal.metric.decimals == nil
        let picks = ClassPicks(directory, servers: servers)
        let isReal = !signal.grid.isDictionary
        // Full precision is tallied on the grid server by server; only its values are kept for the chunk.
        scratch.reserve(
            noise: cells.noiseCount, whole: isPrecise ? steps : room, real: isReal ? room : 0, counts: signal.grid.bins)
        scratch.nullRows.removeAll(keepingCapacity: true)
        var tally = emptyTally(servers: servers.count, picks, spans)
        var row = 0
        var kept = 0
        for (index, server) in servers.enumerated() {
            scratch.span = spans.of(index)
            guard !scratch.span.isEmpty else { continue }
            let own = picks.of(index)
            var count =
                rich.map {
                    keepRich($0, UInt32(server), of: own, at: picks.place(own), kept: kept, row: row, scratch: scratch, tally: &tally)
                } ?? fill(UInt32(server), of: own, picks, row: row, kept: kept, scratch: scratch, tally: &tally)
            if spans.areOdd {
                let (marks, grid) = (spans.marks(index), signal.grid)
                count =
                    isPrecise
                    ? spread(
                        scratch.real.baseAddress.unsafelyUnwrapped + kept, kept: count, marks, firstRow: row, scratch: scratch,
                        tally: &tally, whole: grid.gridPoint)
                    : spread(
                        scratch.whole.baseAddress.unsafelyUnwrapped + kept, kept: count, marks, firstRow: row, scratch: scratch,
                        tally: &tally, whole: { $0 })
            }
            if isPrecise, rollUp == nil {
                let present = UnsafeBufferPointer(rebasing: scratch.real[kept..<kept + count])
                if let low = present.min(), let high = present.max() { tally.include(low, high) }
            }
            kept += count
            row += spans.areOdd ? spans.count(index) : scratch.span.count / cellsPerRow
        }
        tallyRows(kept: kept, servers: servers.count, spans: spans, scratch: scratch, tally: &tally)
        let chunk = encode(kept: kept, rows: rows, layout: layout, scratch: scratch, tally: &tally)
        return (chunk, tally)
    }

    /// The tally of so many servers before anything is found missing.
    func emptyTally(servers: Int, _ picks: ClassPicks, _ spans: RowSpans) -> MetricTally {
        var tally = MetricTally(signal, classes: picks.present)
        tally.cells = spans.cells
        let (slots, perSlot) = (tally.slots, Int64(signal.steps.stepsPerSlot))
        if spans.haveLives {
            tally.lives = LifeTally(slots: slots, classes: picks.present.count)
            for index in 0..<servers {
                let (span, first) = (spans.of(index), picks.place(picks.of(index)) * slots)
                for slot in span.lowerBound / Int(perSlot)..<span.upperBound / Int(perSlot) { tally.slotCells[first + slot] += perSlot }
            }
            return tally
        }
        var ofClass = [Int64](repeating: 0, count: picks.present.count)
        for index in 0..<servers { ofClass[picks.place(picks.of(index))] += perSlot }
        tally.slotCells.withUnsafeMutableBufferPointer { cells in
            for (place, count) in ofClass.enumerated() {
                UnsafeMutableBufferPointer(rebasing: cells[place * slots..<(place + 1) * slots]).update(repeating: count)
            }
        }
        return tally
    }

    /// Fills and tallies one server's cells and closes the gaps of the missing ones.
    /// - Returns: The rows kept.
    private func fill(
        _ server: UInt32, of own: Int, _ picks: ClassPicks, row: Int, kept: Int, scratch: ColumnScratch, tally: inout MetricTally
    ) -> Int {
        let span = scratch.span
        let grid = signal.grid
        let whole: UnsafeMutablePointer<Int32>
        if signal.metric.decimals == nil {
            let real = scratch.real.baseAddress.unsafelyUnwrapped + kept
            whole = scratch.whole.baseAddress.unsafelyUnwrapped
            cells.fillReal(real, of: own, server: server, scratch: scratch)
            for step in span { whole[step] = grid.gridPoint(real[step]) }
            tallyServer(whole, at: picks.place(own), server: server, scratch: scratch, tally: &tally)
            if rollUp != nil { includeCells(real, scratch: scratch, tally: &tally) { $0 } }
            return keep(real, row: row, scratch: scratch)
        } else {
            whole = scratch.whole.baseAddress.unsafelyUnwrapped + kept
            cells.fillWhole(whole, of: own, server: server, scratch: scratch)
            tallyServer(whole, at: picks.place(own), server: server, scratch: scratch, tally: &tally)
            if rollUp != nil, !grid.isDictionary {
                includeCells(whole, scratch: scratch, tally: &tally) { grid.value(Double($0)) }
            }
            return keep(whole, row: row, scratch: scratch)
        }
    }

    /// Makes rows of one server's cells, at the front, and notes those that are missing.
    /// - Returns: Rows that have a value.
    func keep<Cell: RollUpCell>(_ values: UnsafeMutablePointer<Cell>, row: Int, scratch: ColumnScratch) -> Int {
        let (span, missing) = (scratch.span, scratch.missing)
        if let rollUp { return rollUp.keep(values, span: span, missing: missing, row: row, nulls: &scratch.nullRows) }
        close(values, missing: missing, span: span)
        for step in missing { scratch.nullRows.append(Int32(row - span.lowerBound) + step) }
        return span.count - missing.count
    }

    private func tallyServer(
        _ whole: UnsafeMutablePointer<Int32>, at place: Int, server: UInt32, scratch: ColumnScratch, tally: inout MetricTally
    ) {
        let grid = signal.grid
        let (span, perSlot) = (scratch.span, signal.steps.stepsPerSlot)
        let (own, count) = (whole + span.lowerBound, Int32(span.count))
        let lowest = grid.range.lowerBound
        let first = place * tally.slots
        tally.slotSums.withUnsafeMutableBufferPointer { sums in
            if perSlot == 1 {
                fleetsynth_add(own, count, sums.baseAddress.unsafelyUnwrapped + first + span.lowerBound)
            } else {
                for slot in span.lowerBound / perSlot..<span.upperBound / perSlot {
                    sums[first + slot] += fleetsynth_sum(whole + slot * perSlot, Int32(perSlot))
                }
            }
        }
        if grid.shift == 0 {
            fleetsynth_count(own, count, lowest, scratch.counts.baseAddress)
        } else {
            for step in span { scratch.counts[Int(whole[step] - lowest) >> grid.shift] += 1 }
        }
        var sum = fleetsynth_sum(own, count)
        for step in scratch.missing {
            let value = whole[Int(step)]
            scratch.counts[Int(value - lowest) >> grid.shift] -= 1
            let slot = first + (perSlot == 1 ? Int(step) : Int(step) / perSlot)
            tally.slotSums[slot] -= Int64(value)
            tally.slotCells[slot] -= 1
            sum -= Int64(value)
        }
        tallyServer(sum: sum, at: place, deviate: signal.bias.deviate(server: server), scratch: scratch, tally: &tally)
    }

    /// - Parameters:
    ///   - sum: Of the server's present whole numbers.
    ///   - place: Of the server's class in the tally.
    ///   - deviate: The server's offset in standard deviations.
    ///   - drawnMissing: Cells missing at random; nil for all that are missing.
    ///   - hidden: Missing cells whose numbers are in `sum` all the same.
    func tallyServer(
        sum: Int64, at place: Int, deviate: Double, drawnMissing: Int? = nil, hidden: Int = 0, scratch: ColumnScratch,
        tally: inout MetricTally
    ) {
        tally.missing += scratch.missing.count
        tally.drawnMissing += drawnMissing ?? scratch.missing.count
        tally.outliers += scratch.outliers.count
        tally.hidden += hidden
        let (span, steps) = (scratch.span, signal.steps.count)
        let present = span.count - scratch.missing.count + hidden
        // Means over parts of the window differ by what happens in it; they tell nothing of the servers' offsets.
        if present > 0, span.count == steps { tally.servers[place].means.add(Int64((16 * Double(sum) / Double(present)).rounded())) }
        let offset = Int64((65_536 * deviate).rounded())
        tally.servers[place].addBias(offset)
        let perSlot = signal.steps.stepsPerSlot
        tally.lives?.add(span.lowerBound / perSlot..<span.upperBound / perSlot, at: place, offset: offset)
    }

    /// Moves the cells of the span to the front and together over the missing ones.
    private func close<T>(_ values: UnsafeMutablePointer<T>, missing: [Int32], span: Range<Int>) {
        guard span.lowerBound > 0 || !missing.isEmpty else { return }
        var (end, start) = (0, span.lowerBound)
        for gap in missing.lazy.map(Int.init) {
            if end < start { (values + end).update(from: values + start, count: gap - start) }
            end += gap - start
            start = gap + 1
        }
        (values + end).update(from: values + start, count: span.upperBound - start)
    }

    /// Completes the tally and encodes what is in the scratch buffers.
    private func encode(kept: Int, rows: Int, layout: PageLayout, scratch: ColumnScratch, tally: inout MetricTally) -> EncodedChunk {
        let grid = signal.grid
        let nulls = scratch.nullRows
        for bin in tally.counts.indices { tally.counts[bin] = UInt64(scratch.counts[bin]) }
        let whole = UnsafeBufferPointer(rebasing: scratch.whole.prefix(grid.decimals == nil ? 0 : kept))
        if let decimals = grid.decimals, grid.isDictionary {
            if let low = tally.counts.firstIndex(where: { $0 > 0 }), let high = tally.counts.lastIndex(where: { $0 > 0 }) {
                let lowest = Int(grid.range.lowerBound)
                tally.include(grid.value(Double(lowest + low)), grid.value(Double(lowest + high)))
            }
            let counts = rollUp == nil ? scratch.counts : scratch.rowCounts
            return ChunkEncoder.decimals(
                whole.span, nullRows: nulls.span, rows: rows, decimals: decimals, lowest: grid.range.lowerBound,
                counts: UnsafeBufferPointer(rebasing: counts.prefix(grid.bins)).span, column: column, layout: layout)
        }
        if grid.decimals != nil {
            for index in 0..<kept { scratch.real[index] = Double(whole[index]) / grid.scale }
            if rollUp == nil, let low = whole.min(), let high = whole.max() {
                tally.include(grid.value(Double(low)), grid.value(Double(high)))
            }
        }
        return ChunkEncoder.doubles(
            UnsafeBufferPointer(rebasing: scratch.real.prefix(kept)).span, nullRows: nulls.span, rows: rows, column: column, layout: layout)
    }
}
