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
    /// - Complexity: O(rows + steps + late rows * log(late rows of a step)).
    func chunk(_ spans: RowSpans, servers: Int, _ layout: PageLayout) -> EncodedChunk {
        let times = times(spans, servers: servers)
        let starts = times.starts
        let indices = spans.numbers(servers: servers, of: starts) { mark in
            guard mark.delay > 0 else { return starts[Int(mark.step)] }
            let (place, time) = arrival(mark)
            return Self.place(of: time, in: times.dictionary, from: starts[place])
        }
        return ChunkEncoder.integers(
            indices.span, dictionary: times.dictionary, nullRows: [Int32]().span, rows: indices.count, column: column, layout: layout)
    }

    /// Arrivals in order: the ends of all steps, and the times of late rows that are there.
    ///
    /// - Returns: `starts`: where those begin that are at the end of a step or later, and before that of the next.
    private func times(_ spans: RowSpans, servers: Int) -> (dictionary: [Int64], starts: [Int32]) {
        var late: [(place: Int, time: Int64)] = []
        var places = steps.count
        for index in 0..<servers {
            for mark in spans.marks(index) where mark.delay > 0 && mark.count > 0 {
                let own = arrival(mark)
                late.append(own)
                places = max(places, own.place + 1)
            }
        }
        // By the step in which they come: few to each, whatever the window.
        var ends = [Int](repeating: 0, count: places + 1)
        for own in late { ends[own.place + 1] += 1 }
        for place in 0..<places { ends[place + 1] += ends[place] }
        var (sorted, next) = ([Int64](repeating: 0, count: late.count), ends)
        for own in late {
            sorted[next[own.place]] = own.time
            next[own.place] += 1
        }
        var (dictionary, starts) = ([Int64](), [Int32]())
        dictionary.reserveCapacity(steps.count + late.count)
        starts.reserveCapacity(places)
        for place in 0..<places {
            starts.append(Int32(dictionary.count))
            if place < steps.count { dictionary.append(end(place)) }
            let own = ends[place]..<ends[place + 1]
            if own.count > 1 { sorted[own].sort() }
            for time in sorted[own] where dictionary.last != time { dictionary.append(time) }
        }
        return (dictionary, starts)
    }

    /// When a step ends.
    private func end(_ step: Int) -> Int64 { steps.microseconds(at: step + 1) }

    /// When a row arrives, and the last step that has ended by then, counted on beyond the run.
    private func arrival(_ mark: RowMess.Mark) -> (place: Int, time: Int64) {
        (Int(mark.step) + Int(mark.delay) / Int(steps.seconds), end(Int(mark.step)) + Int64(mark.delay) * 1_000_000)
    }

    /// - Parameter start: A place that is not after that of the time.
    private static func place(of time: Int64, in times: [Int64], from start: Int32) -> Int32 {
        var (low, reach) = (Int(start), 1)
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
