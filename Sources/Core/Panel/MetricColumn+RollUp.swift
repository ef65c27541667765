import Kernels

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
    ///   - rows: All rows of the chunk.
    func tallyRows(kept: Int, rows: Int, scratch: ColumnScratch, tally: inout MetricTally) {
        let grid = signal.grid
        let lowest = grid.range.lowerBound
        scratch.reserveRows(counts: grid.bins)
        let counts = scratch.rowCounts.baseAddress.unsafelyUnwrapped
        var sum: Int128 = 0
        var range: (low: Double, high: Double)?
        if grid.isNarrow {
            for index in 0..<kept { counts[Int(scratch.narrow[index])] += 1 }
            sum = Int128(kept) * Int128(lowest) + Int128(fleetsynth_sum_narrow(scratch.narrow.baseAddress, Int32(kept)))
        } else if grid.decimals != nil {
            for index in 0..<kept { counts[Int(scratch.whole[index] - lowest) >> grid.shift] += 1 }
            sum = Int128(fleetsynth_sum(scratch.whole.baseAddress, Int32(kept)))
            let whole = scratch.whole.prefix(kept)
            range = whole.min().flatMap { low in whole.max().map { (grid.value(Double(low)), grid.value(Double($0))) } }
        } else {
            for index in 0..<kept {
                let point = grid.gridPoint(scratch.real[index])
                counts[Int(point - lowest) >> grid.shift] += 1
                sum += Int128(point)
            }
            let real = scratch.real.prefix(kept)
            range = real.min().flatMap { low in real.max().map { (low, $0) } }
        }
        let bins = UnsafeBufferPointer(start: counts, count: grid.bins)
        if grid.isNarrow, let low = bins.firstIndex(where: { $0 > 0 }), let high = bins.lastIndex(where: { $0 > 0 }) {
            range = (grid.value(Double(Int(lowest) + low)), grid.value(Double(Int(lowest) + high)))
        }
        tally.rows = PublishedTally(
            rows: rows, missing: rows - kept, sum: sum, counts: bins.map(UInt64.init), smallest: range?.low, largest: range?.high)
    }
}
