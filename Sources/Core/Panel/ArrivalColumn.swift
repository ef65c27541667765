import Parquet

/// The column that tells when each row arrived: at the end of its step, or later by its delay.
struct ArrivalColumn {
    private let steps: StepRange
    private let column: Column

    init(_ steps: StepRange, column: Column) {
        self.steps = steps
        self.column = column
    }

    /// - Parameters:
    ///   - spans: The rows of so many servers.
    ///   - servers: How many these are.
    /// - Complexity: O(rows + steps + late rows * log(steps + late rows)).
    func chunk(_ spans: RowSpans, servers: Int, _ layout: PageLayout) -> EncodedChunk {
        let ends = (0..<steps.count).map { steps.microseconds(at: $0 + 1) }
        var late: [Int64] = []
        for index in 0..<servers {
            for mark in spans.marks(index) where mark.delay > 0 && mark.count > 0 { late.append(arrival(mark, ends)) }
        }
        late.sort()
        let dictionary = Self.merged(ends, late)
        // Where the ends of steps stand among all times.
        var (places, next) = ([Int32](), 0)
        places.reserveCapacity(ends.count)
        for end in ends {
            while dictionary[next] < end { next += 1 }
            places.append(Int32(next))
        }
        var indices: [Int32] = []
        indices.reserveCapacity(spans.rows)
        for index in 0..<servers {
            spans.forEachRun(index) { steps in
                indices.append(contentsOf: places[steps])
            } marked: { mark in
                guard mark.count > 0 else { return }
                let usual = places[Int(mark.step)]
                let place = mark.delay == 0 ? usual : Self.place(of: arrival(mark, ends), in: dictionary, after: usual)
                for _ in 0..<mark.count { indices.append(place) }
            }
        }
        return ChunkEncoder.integers(
            indices.span, dictionary: dictionary, nullRows: [Int32]().span, rows: indices.count, column: column, layout: layout)
    }

    private func arrival(_ mark: RowMess.Mark, _ ends: [Int64]) -> Int64 { ends[Int(mark.step)] + Int64(mark.delay) * 1_000_000 }

    /// Two ascending lists as one without repetitions.
    private static func merged(_ left: [Int64], _ right: [Int64]) -> [Int64] {
        var merged: [Int64] = []
        merged.reserveCapacity(left.count + right.count)
        var place = 0
        for time in right {
            while place < left.count, left[place] <= time {
                merged.append(left[place])
                place += 1
            }
            if merged.last != time { merged.append(time) }
        }
        return merged + left[place...]
    }

    /// - Parameter before: The place of a lesser time.
    private static func place(of time: Int64, in times: [Int64], after before: Int32) -> Int32 {
        var (low, reach) = (Int(before) + 1, 16)
        // Delays are short beside the window.
        while low + reach < times.count, times[low + reach] < time {
            low += reach
            reach *= 2
        }
        var high = min(low + reach, times.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return Int32(low)
    }
}
