extension MetricColumn {
    /// Cells of a row.
    var cellsPerRow: Int { rollUp?.cellsPerRow ?? 1 }

    /// Widens the tally's range by one server's present cells, before they become rows.
    func includeCells<Cell>(_ cells: UnsafePointer<Cell>, scratch: ColumnScratch, tally: inout MetricTally, value: (Cell) -> Double) {
        var gap = 0
        for step in scratch.span {
            if gap < scratch.missing.count, Int(scratch.missing[gap]) == step {
                gap += 1
                continue
            }
            let own = value(cells[step])
            tally.include(own, own)
        }
    }

    /// Counts the values of a chunk's rows into `scratch.rowCounts` and tallies them.
    ///
    /// - Parameters:
    ///   - kept: Rows that have a value, in `scratch.narrow`, `scratch.whole` or, in full precision, `scratch.real`.
    ///   - servers: Servers of the chunk.
    ///   - spans: The steps that each of them has cells for.
    func tallyRows(kept: Int, servers: Int, spans: RowSpans, scratch: ColumnScratch, tally: inout MetricTally) {
        guard let rollUp else { return }
        let grid = signal.grid
        let lowest = grid.range.lowerBound
        scratch.reserveRows(counts: grid.bins)
        let steps = rollUp.rowSteps(of: signal.steps)
        let rows = spans.rows / cellsPerRow
        var published = PublishedTally(
            rows: rows, missing: rows - kept, sum: 0, slotSums: [Int64](repeating: 0, count: steps.slots),
            slotCells: [Int64](repeating: 0, count: steps.slots), counts: [], smallest: nil, largest: nil)
        let (counts, nulls) = (scratch.rowCounts.baseAddress.unsafelyUnwrapped, scratch.nullRows)
        let (narrow, whole, real) = (scratch.narrow, scratch.whole, scratch.real)
        var (row, next, null) = (0, 0, 0)
        for server in 0..<servers {
            let span = spans.of(server)
            for step in span.lowerBound / cellsPerRow..<span.upperBound / cellsPerRow {
                defer { row += 1 }
                if null < nulls.count, Int(nulls[null]) == row {
                    null += 1
                    continue
                }
                let value =
                    grid.isNarrow
                    ? lowest + Int32(narrow[next]) : grid.decimals != nil ? whole[next] : grid.gridPoint(real[next])
                next += 1
                counts[Int(value - lowest) >> grid.shift] += 1
                published.slotSums[step / steps.stepsPerSlot] += Int64(value)
                published.slotCells[step / steps.stepsPerSlot] += 1
            }
        }
        published.sum = published.slotSums.reduce(0) { $0 + Int128($1) }
        published.counts = scratch.rowCounts.prefix(grid.bins).map(UInt64.init)
        (published.smallest, published.largest) = range(kept: kept, published.counts, scratch)
        tally.rows = published
    }

    /// Smallest and largest value of the chunk's rows.
    private func range(kept: Int, _ counts: [UInt64], _ scratch: ColumnScratch) -> (Double?, Double?) {
        let grid = signal.grid
        if grid.decimals == nil { return (scratch.real.prefix(kept).min(), scratch.real.prefix(kept).max()) }
        func value(_ whole: Int) -> Double { grid.value(Double(whole)) }
        if grid.shift > 0 {
            return (scratch.whole.prefix(kept).min().map(Int.init).map(value), scratch.whole.prefix(kept).max().map(Int.init).map(value))
        }
        let lowest = Int(grid.range.lowerBound)
        return (counts.firstIndex { $0 > 0 }.map { value(lowest + $0) }, counts.lastIndex { $0 > 0 }.map { value(lowest + $0) })
    }
}
