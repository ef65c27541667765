import Kernels

/// Makes the rows of a panel from finer cells.
///
/// ```
/// cells    | 0 1 2 ... 23 | 24 25 ... 47 | ...      of one server, missing ones among them
/// rows     |      0       |      1       | ...      a statistic of the cells that are present; missing where none is
/// ```
struct RollUp: Sendable {
    let statistic: AggregationSpec.Statistic
    let cellsPerRow: Int

    private let rowGranularity: Granularity

    /// Nil where each row is a cell of its own.
    init?(_ data: DataSpec) {
        guard let aggregation = data.aggregation else { return nil }
        statistic = aggregation.statistic
        rowGranularity = aggregation.rows
        cellsPerRow = aggregation.rows.minutes / data.granularity.minutes
    }

    /// The steps of the rows that the cells of some steps make.
    func rowSteps(of cells: StepRange) -> StepRange { StepRange(cells.days, rowGranularity) }

    /// Which of so many cells, counted from 1 at the largest, is the row's value. Of n cells, 95 per cent (rounded up) are at or below the
    /// (n / 20 + 1)-th largest: n - ceil(19 n / 20) = floor(n / 20).
    func rank(of cells: Int) -> Int { statistic == .p95 ? cells / 20 + 1 : 1 }

    /// Replaces one server's cells by its rows, in place.
    ///
    /// - Parameters:
    ///   - cells: One for each step of the run, those of the span filled; the rows that have a value come to the front.
    ///   - span: The steps on which the server exists, whole rows.
    ///   - missing: Missing steps within the span, ascending.
    ///   - lowest: What has to be added to a cell for its whole number.
    ///   - row: Number of the span's first row.
    ///   - nulls: Gets the numbers of the rows without a value.
    /// - Returns: Rows that have a value.
    /// - Complexity: O(cells), times the rank in the worst case.
    func keep<Cell: RollUpCell>(
        _ cells: UnsafeMutablePointer<Cell>, span: Range<Int>, missing: [Int32], lowest: Int64 = 0, row: Int, nulls: inout [Int32]
    ) -> Int {
        var (gap, kept) = (0, 0)
        for (index, first) in stride(from: span.lowerBound, to: span.upperBound, by: cellsPerRow).enumerated() {
            let own = cells + first
            let from = gap
            while gap < missing.count, Int(missing[gap]) < first + cellsPerRow { gap += 1 }
            let present = cellsPerRow - (gap - from)
            guard present > 0 else {
                nulls.append(Int32(row + index))
                continue
            }
            if gap > from { Self.close(own, cellsPerRow, missing[from..<gap], first: first) }
            cells[kept] = value(of: own, count: present, lowest: lowest)
            kept += 1
        }
        return kept
    }

    /// The same for the numbers of a narrow grid, which come to `out`; missing cells lose theirs.
    func keepNarrow(
        _ cells: UnsafeMutablePointer<UInt16>, span: Range<Int>, missing: [Int32], lowest: Int64, row: Int, nulls: inout [Int32],
        into out: UnsafeMutablePointer<UInt16>
    ) -> Int {
        guard statistic != .mean else {
            let kept = keep(cells, span: span, missing: missing, lowest: lowest, row: row, nulls: &nulls)
            out.update(from: cells, count: kept)
            return kept
        }
        // The least there is: never above a cell that is present.
        for step in missing { cells[Int(step)] = 0 }
        let (rows, usual) = (span.count / cellsPerRow, rank(of: cellsPerRow))
        fleetsynth_high(cells + span.lowerBound, Int32(cellsPerRow), Int32(usual), Int32(rows), out)
        let firstNull = nulls.count
        var gap = 0
        while gap < missing.count {
            let index = (Int(missing[gap]) - span.lowerBound) / cellsPerRow
            let (from, first) = (gap, span.lowerBound + index * cellsPerRow)
            while gap < missing.count, Int(missing[gap]) < first + cellsPerRow { gap += 1 }
            let present = cellsPerRow - (gap - from)
            if present == 0 {
                nulls.append(Int32(row + index))
            } else if rank(of: present) != usual {
                fleetsynth_high(cells + first, Int32(cellsPerRow), Int32(rank(of: present)), 1, out + index)
            }
        }
        guard nulls.count > firstNull else { return rows }
        var (next, kept) = (firstNull, 0)
        for index in 0..<rows {
            if next < nulls.count, Int(nulls[next]) == row + index {
                next += 1
                continue
            }
            out[kept] = out[index]
            kept += 1
        }
        return kept
    }

    /// Moves a row's present cells together, in their order.
    private static func close<Cell>(_ cells: UnsafeMutablePointer<Cell>, _ count: Int, _ missing: ArraySlice<Int32>, first: Int) {
        var (gap, end) = (missing.startIndex, 0)
        for place in 0..<count {
            if gap < missing.endIndex, Int(missing[gap]) == first + place {
                gap += 1
                continue
            }
            cells[end] = cells[place]
            end += 1
        }
    }

    /// The statistic of one or more cells, which it may move.
    private func value<Cell: RollUpCell>(of cells: UnsafeMutablePointer<Cell>, count: Int, lowest: Int64) -> Cell {
        guard statistic != .mean else { return Cell.mean(cells, count: count, lowest: lowest) }
        let rank = rank(of: count)
        // The largest so far are at the front, largest first.
        for place in 1..<max(1, count) {
            let cell = cells[place]
            guard place < rank || cell > cells[rank - 1] else { continue }
            var slot = min(place, rank - 1)
            while slot > 0, cells[slot - 1] < cell {
                cells[slot] = cells[slot - 1]
                slot -= 1
            }
            cells[slot] = cell
        }
        return cells[rank - 1]
    }

    /// The rows of one server's values as a column has them, nil for missing ones.
    func rows(of values: [Double?], grid: ValueGrid) -> [Double?] {
        stride(from: 0, to: values.count, by: cellsPerRow).map { first in
            var own = values[first..<first + cellsPerRow].compactMap(\.self)
            guard !own.isEmpty else { return nil }
            let count = own.count
            guard grid.decimals != nil else {
                return own.withUnsafeMutableBufferPointer { value(of: $0.baseAddress.unsafelyUnwrapped, count: count, lowest: 0) }
            }
            var whole = own.map { Int32(($0 * grid.scale).rounded()) }
            let row = whole.withUnsafeMutableBufferPointer { value(of: $0.baseAddress.unsafelyUnwrapped, count: count, lowest: 0) }
            return Double(row) / grid.scale
        }
    }
}

/// A number that rows can be made of.
protocol RollUpCell: Comparable {
    /// The mean of one or more cells, between the smallest and the largest of them.
    ///
    /// - Parameter lowest: What has to be added to a cell for its whole number: halves go to the even one.
    static func mean(_ cells: UnsafePointer<Self>, count: Int, lowest: Int64) -> Self
}

extension RollUpCell where Self: FixedWidthInteger {
    static func mean(_ cells: UnsafePointer<Self>, count: Int, lowest: Int64) -> Self {
        var sum = lowest * Int64(count)
        for index in 0..<count { sum += Int64(cells[index]) }
        let whole = Int64(floorDivide(Int(sum), count))
        let twice = 2 * (sum - whole * Int64(count))
        let isUp = twice > Int64(count) || twice == Int64(count) && whole & 1 == 1
        return Self(whole + (isUp ? 1 : 0) - lowest)
    }
}

extension UInt16: RollUpCell {}
extension Int32: RollUpCell {}

extension Double: RollUpCell {
    /// Added in the order of time.
    static func mean(_ cells: UnsafePointer<Double>, count: Int, lowest: Int64) -> Double {
        var (sum, low, high) = (0.0, cells[0], cells[0])
        for index in 0..<count {
            sum += cells[index]
            (low, high) = (min(low, cells[index]), max(high, cells[index]))
        }
        return min(max(sum / Double(count), low), high)
    }
}
