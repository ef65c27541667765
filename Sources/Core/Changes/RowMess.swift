/// Rows that come twice and rows that come late: a pure function of server, absolute step and the end of the dataset's window.
///
/// ```
/// twice     drawn by (server, step)
/// late      drawn by (server, step), with a delay in seconds
/// arrival   the end of the step, and for a late row its delay after that
/// in the file where the arrival is not after the end of the dataset's window
/// ```
/// A window that moves on only ever adds rows to the steps that it had before: those that have arrived since.
struct RowMess: Sendable {
    /// A step whose row is not there exactly once and on time.
    struct Mark: Equatable, Sendable {
        /// Offset from the run's first step.
        var step: Int32
        /// How often the row stands in the file, 0...2.
        var count: Int32
        /// Seconds from the end of the step to the arrival, 0 for a row on time.
        var delay: Int32

        /// What every other row is.
        static func usual(_ step: Int) -> Mark { Mark(step: Int32(truncatingIfNeeded: step), count: 1, delay: 0) }

        /// The bits of the ground truth.
        var flags: CellFlags {
            var flags: CellFlags = count > 1 ? .duplicateRow : []
            if delay > 0 { flags.insert(.lateRow) }
            return flags
        }
    }

    /// Draws of one server, reused from server to server.
    struct Scratch {
        fileprivate var twice: [Int32] = []
        fileprivate var late: [Int32] = []
    }

    private let twice: RareEvents
    private let late: RareEvents
    private let delays: DrawStream
    private let delay: ClosedRange<Int64>
    private let steps: StepRange
    /// Seconds since 1970 at which the dataset's window ends.
    private let end: Int64

    /// Nil where every row comes once and on time.
    ///
    /// - Parameters:
    ///   - steps: Of the run.
    ///   - window: Of the whole dataset: a slice has the rows that the dataset has.
    init?(_ data: DataSpec, steps: StepRange, window: DayRange) {
        let rows = data.mess.rows
        guard rows.duplicateRate > 0 || rows.lateRate > 0 else { return nil }
        func stream(_ purpose: DrawPurpose) -> DrawStream { DrawStream(seed: data.seed, purpose: purpose) }
        twice = RareEvents(stream: stream(.duplicateRow), rate: rows.duplicateRate)
        late = RareEvents(stream: stream(.lateRow), rate: rows.lateRate)
        (delays, delay) = (stream(.lateDelay), rows.delay)
        self.steps = steps
        end = Int64(window.end.number + 1) * 86_400
    }

    /// Appends the marks of a server within a span of steps, ascending.
    ///
    /// - Parameter onlyCounts: Whether delays may be left out that do not decide whether a row is there.
    /// - Complexity: O(marks + steps / 2,048).
    func append(to marks: inout [Mark], server: Int, span: Range<Int>, scratch: inout Scratch, onlyCounts: Bool = false) {
        guard !span.isEmpty else { return }
        let first = steps.absolute.lowerBound
        let own = first + span.lowerBound..<first + span.upperBound
        scratch.twice.removeAll(keepingCapacity: true)
        scratch.late.removeAll(keepingCapacity: true)
        twice.append(to: &scratch.twice, server: UInt32(server), steps: own)
        late.append(to: &scratch.late, server: UInt32(server), steps: own)
        var next = 0
        for offset in scratch.late {
            while next < scratch.twice.count, scratch.twice[next] < offset {
                marks.append(Mark(step: Int32(span.lowerBound) + scratch.twice[next], count: 2, delay: 0))
                next += 1
            }
            let isTwice = next < scratch.twice.count && scratch.twice[next] == offset
            if isTwice { next += 1 }
            let step = own.lowerBound + Int(offset)
            let isThere = onlyCounts && Int64(step + 1) * steps.seconds + delay.upperBound <= end
            let seconds = isThere ? delay.lowerBound : delay(server: server, step: step)
            let arrival = Int64(step + 1) * steps.seconds + seconds
            marks.append(
                Mark(step: Int32(span.lowerBound) + offset, count: arrival > end ? 0 : isTwice ? 2 : 1, delay: Int32(seconds)))
        }
        for offset in scratch.twice[next...] { marks.append(Mark(step: Int32(span.lowerBound) + offset, count: 2, delay: 0)) }
    }

    /// The delay of a row that is late, in seconds: every whole number of the bounds with the same probability.
    private func delay(server: Int, step: Int) -> Int64 {
        let word = delays.words(server: UInt32(server), block: UInt32(truncatingIfNeeded: step))[0]
        return delay.lowerBound + Int64(Double(delay.upperBound - delay.lowerBound + 1) * DrawStream.uniform(word))
    }

    /// The probability that the row of a step is late and not there at the end of the dataset's window.
    static func waitingShare(_ rows: RowMessSpec, step: Int, steps: StepRange, window: DayRange) -> Double {
        let left = Int64(window.end.number + 1) * 86_400 - Int64(steps.absolute.lowerBound + step + 1) * steps.seconds
        let (low, high) = (rows.delay.lowerBound, rows.delay.upperBound)
        return rows.lateRate * Double(min(max(high - left, 0), high - low + 1)) / Double(high - low + 1)
    }
}
