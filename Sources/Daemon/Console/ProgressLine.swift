import Reports

/// How far a run is: a bar that is drawn again on a terminal, a plain line now and then elsewhere, nothing for runs shorter than a second.
struct ProgressLine {
    private let total: Int
    private let isTerminal: Bool
    private let isSilent: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var last: ContinuousClock.Instant
    private var isDrawn = false

    /// - Parameters:
    ///   - total: Rows of the run.
    ///   - isSilent: For `--json`: nothing is shown.
    init(total: Int, isTerminal: Bool, isSilent: Bool) {
        self.total = max(1, total)
        self.isTerminal = isTerminal
        self.isSilent = isSilent
        start = clock.now
        last = start
    }

    /// Seconds since the run began.
    var elapsed: Double { (clock.now - start) / .seconds(1) }

    mutating func update(rows: Int) {
        let now = clock.now
        guard !isSilent, now - start >= .seconds(1), now - last >= (isTerminal ? .milliseconds(100) : .seconds(10)) else { return }
        last = now
        let share = Double(rows) / Double(total)
        let rate = Double(rows) / elapsed
        let left = rows == 0 ? "" : ", \(Humane.seconds(Double(total - rows) / rate)) left"
        let numbers =
            "\(Int(share * 100)) %, \(Humane.count(rows)) of \(Humane.count(total)) rows, \(Numbers.significant(rate / 1e6)) M rows/s\(left)"
        if isTerminal {
            let filled = Int(share * 24)
            let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled)
            Console.draw("\r[\(bar)] \(numbers)\u{1B}[K")
            isDrawn = true
        } else {
            Console.note(numbers)
        }
    }

    /// Takes the bar away, so that what follows starts on a clean line.
    mutating func clear() {
        if isDrawn { Console.draw("\r\u{1B}[K") }
        isDrawn = false
    }
}
