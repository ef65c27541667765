/// Lets the first few entries of a kind through and counts the rest until their window ends (S20).
///
/// Pure: the caller passes the time in, and logs the summaries that come out.
public struct RepeatFilter<Key: Hashable & Sendable, Sample: Sendable>: Sendable {
    /// Entries that were held back.
    public struct Summary: Sendable {
        /// The newest of them.
        public let sample: Sample
        /// How many.
        public let count: Int
        /// Time between the first entry of the window and the newest that was held back.
        public let span: Duration
    }

    private struct Window {
        let started: ContinuousClock.Instant
        var passed: Int
        var held: (sample: Sample, count: Int, at: ContinuousClock.Instant)?

        var summary: Summary? { held.map { Summary(sample: $0.sample, count: $0.count, span: $0.at - started) } }
    }

    private let burst: Int
    private let length: Duration
    private let capacity: Int
    private var windows: [Key: Window] = [:]
    private var oldest: ContinuousClock.Instant?

    /// - Parameters:
    ///   - burst: Entries per window that pass.
    ///   - window: Time from a key's first entry until its summary.
    ///   - capacity: Keys remembered at most; above it the oldest window ends early.
    public init(burst: Int = 5, window: Duration = .seconds(30), capacity: Int = 4096) {
        precondition(burst > 0 && capacity > 0)
        self.burst = burst
        length = window
        self.capacity = capacity
    }

    /// When the next window ends, or nil if none is open.
    public var nextDue: ContinuousClock.Instant? { oldest.map { $0 + length } }

    /// An entry arrives.
    /// - Returns: Summaries of windows that have ended, which belong before it, and whether it passes.
    /// - Complexity: O(1), and O(keys) when a window ends.
    public mutating func admit(_ key: Key, _ sample: Sample, now: ContinuousClock.Instant) -> (summaries: [Summary], passes: Bool) {
        var summaries = due(now: now)
        guard var window = windows[key] else {
            if windows.count >= capacity { summaries += endOldest() }
            windows[key] = Window(started: now, passed: 1)
            oldest = min(oldest ?? now, now)
            return (summaries, true)
        }
        let passes = window.passed < burst
        if passes { window.passed += 1 } else { window.held = (sample, (window.held?.count ?? 0) + 1, now) }
        windows[key] = window
        return (summaries, passes)
    }

    /// Summaries of the windows that have ended.
    public mutating func due(now: ContinuousClock.Instant) -> [Summary] {
        guard let nextDue, now >= nextDue else { return [] }
        let length = length
        return end { $0.started + length <= now }
    }

    /// Ends every window, at shutdown.
    public mutating func drain() -> [Summary] { end { _ in true } }

    private mutating func endOldest() -> [Summary] {
        guard let oldest else { return [] }
        return end { $0.started == oldest }
    }

    /// Ends the windows that match, oldest first.
    private mutating func end(_ hasEnded: (Window) -> Bool) -> [Summary] {
        let ended = windows.filter { hasEnded($0.value) }
        for key in ended.keys { windows[key] = nil }
        oldest = windows.values.map(\.started).min()
        return ended.values.sorted { $0.started < $1.started }.compactMap(\.summary)
    }
}
