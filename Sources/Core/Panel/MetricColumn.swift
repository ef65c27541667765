import Kernels
import Parquet

/// Makes one metric's column chunk for a range of servers, and the tally of what it holds.
struct MetricColumn {
    let cells: MetricCells
    let column: Column
    var signal: MetricSignal { cells.signal }

    let dictionaries: DictionaryCache

    init(signal: MetricSignal, column: Column, dictionaries: DictionaryCache) {
        cells = MetricCells(signal)
        self.column = column
        self.dictionaries = dictionaries
    }

    /// - Parameter servers: Ordinals, 0-based.
    /// - Returns: The chunk with one row per server and day, servers in order, days within them.
    /// - Complexity: O(servers * days); memory of one chunk.
    func chunk(servers: Range<Int>, layout: PageLayout, scratch: ColumnScratch) -> (chunk: EncodedChunk, tally: MetricTally) {
        if let narrow = signal.narrow { return narrowChunk(narrow, servers: servers, layout: layout, scratch: scratch) }
        let days = signal.days.count
        let rows = servers.count * days
        let isReal = !signal.grid.isDictionary
        // Full precision is tallied on the grid server by server; only its values are kept for the chunk.
        scratch.reserve(
            noise: cells.noiseCount, whole: signal.metric.decimals == nil ? days : rows, real: isReal ? rows : 0, counts: signal.grid.bins)
        scratch.nullRows.removeAll(keepingCapacity: true)
        var tally = emptyTally(servers: servers.count)
        var row = 0
        var kept = 0
        for server in servers {
            kept += fill(UInt32(server), row: row, kept: kept, scratch: scratch, tally: &tally)
            row += days
        }
        let chunk = encode(kept: kept, rows: rows, layout: layout, scratch: scratch, tally: &tally)
        return (chunk, tally)
    }

    /// The tally of so many servers before anything is found missing.
    func emptyTally(servers: Int) -> MetricTally {
        var tally = MetricTally(grid: signal.grid, days: signal.days.count)
        tally.cells = servers * signal.days.count
        for index in tally.dayCells.indices { tally.dayCells[index] = Int64(servers) }
        return tally
    }

    /// Fills and tallies one server's cells and closes the gaps of the missing ones.
    /// - Returns: The cells kept.
    private func fill(_ server: UInt32, row: Int, kept: Int, scratch: ColumnScratch, tally: inout MetricTally) -> Int {
        let days = signal.days.count
        let grid = signal.grid
        let whole: UnsafeMutablePointer<Int32>
        if signal.metric.decimals == nil {
            let real = scratch.real.baseAddress.unsafelyUnwrapped + kept
            whole = scratch.whole.baseAddress.unsafelyUnwrapped
            cells.fillReal(real, server: server, scratch: scratch)
            for day in 0..<days { whole[day] = grid.gridPoint(real[day]) }
            tallyServer(whole, server: server, scratch: scratch, tally: &tally)
            close(real, missing: scratch.missing)
            let present = UnsafeBufferPointer(start: real, count: days - scratch.missing.count)
            if let low = present.min(), let high = present.max() { tally.include(low, high) }
        } else {
            whole = scratch.whole.baseAddress.unsafelyUnwrapped + kept
            cells.fillWhole(whole, server: server, scratch: scratch)
            tallyServer(whole, server: server, scratch: scratch, tally: &tally)
            close(whole, missing: scratch.missing)
        }
        for day in scratch.missing { scratch.nullRows.append(Int32(row) + day) }
        return days - scratch.missing.count
    }

    private func tallyServer(
        _ whole: UnsafeMutablePointer<Int32>, server: UInt32, scratch: ColumnScratch, tally: inout MetricTally
    ) {
        let grid = signal.grid
        let days = Int32(signal.days.count)
        let lowest = grid.range.lowerBound
        tally.daySums.withUnsafeMutableBufferPointer { fleetsynth_add(whole, days, $0.baseAddress) }
        if grid.shift == 0 {
            fleetsynth_count(whole, days, lowest, scratch.counts.baseAddress)
        } else {
            for day in 0..<Int(days) { scratch.counts[Int(whole[day] - lowest) >> grid.shift] += 1 }
        }
        var sum = fleetsynth_sum(whole, days)
        for day in scratch.missing {
            let value = whole[Int(day)]
            scratch.counts[Int(value - lowest) >> grid.shift] -= 1
            tally.daySums[Int(day)] -= Int64(value)
            tally.dayCells[Int(day)] -= 1
            sum -= Int64(value)
        }
        tallyServer(sum: sum, deviate: signal.bias.deviate(server: server), scratch: scratch, tally: &tally)
    }

    /// - Parameters:
    ///   - sum: Of the server's present whole numbers.
    ///   - deviate: The server's offset in standard deviations.
    func tallyServer(sum: Int64, deviate: Double, scratch: ColumnScratch, tally: inout MetricTally) {
        tally.missing += scratch.missing.count
        tally.outliers += scratch.outliers.count
        let present = signal.days.count - scratch.missing.count
        if present > 0 { tally.serverMeans.add(Int64((16 * Double(sum) / Double(present)).rounded())) }
        tally.addBias(Int64((65_536 * deviate).rounded()))
    }

    /// Moves the cells together over the missing ones.
    private func close<T>(_ values: UnsafeMutablePointer<T>, missing: [Int32]) {
        guard let first = missing.first else { return }
        var end = Int(first)
        for (index, gap) in missing.enumerated() {
            let start = Int(gap) + 1
            let next = index + 1 < missing.count ? Int(missing[index + 1]) : signal.days.count
            (values + end).update(from: values + start, count: next - start)
            end += next - start
        }
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
            return ChunkEncoder.decimals(
                whole.span, nullRows: nulls.span, rows: rows, decimals: decimals, lowest: grid.range.lowerBound,
                counts: UnsafeBufferPointer(rebasing: scratch.counts.prefix(grid.bins)).span, column: column, layout: layout)
        }
        if grid.decimals != nil {
            for index in 0..<kept { scratch.real[index] = Double(whole[index]) / grid.scale }
            if let low = whole.min(), let high = whole.max() { tally.include(grid.value(Double(low)), grid.value(Double(high))) }
        }
        return ChunkEncoder.doubles(
            UnsafeBufferPointer(rebasing: scratch.real.prefix(kept)).span, nullRows: nulls.span, rows: rows, column: column, layout: layout)
    }
}
