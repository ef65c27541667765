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
    /// The keys of the open windows from `first` on, oldest first: windows are equally long, so they end in the order in which they began.
    private var order: [Key] = []
    private var first = 0

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
    public var nextDue: ContinuousClock.Instant? { first < order.count ? windows[order[first]].map { $0.started + length } : nil }

    /// An entry arrives.
    /// - Returns: Summaries of windows that have ended, which belong before it, and whether it passes.
    /// - Complexity: O(1), and as much for each window that ends.
    public mutating func admit(_ key: Key, _ sample: Sample, now: ContinuousClock.Instant) -> (summaries: [Summary], passes: Bool) {
        var summaries = due(now: now)
        guard var window = windows[key] else {
            if windows.count >= capacity, let summary = endOldest() { summaries.append(summary) }
            windows[key] = Window(started: now, passed: 1)
            order.append(key)
            return (summaries, true)
        }
        let passes = window.passed < burst
        if passes { window.passed += 1 } else { window.held = (sample, (window.held?.count ?? 0) + 1, now) }
        windows[key] = window
        return (summaries, passes)
    }

    /// Summaries of the windows that have ended, oldest first.
    public mutating func due(now: ContinuousClock.Instant) -> [Summary] {
        var summaries: [Summary] = []
        while let nextDue, now >= nextDue {
            if let summary = endOldest() { summaries.append(summary) }
        }
        return summaries
    }

    /// Ends every window, at shutdown.
    public mutating func drain() -> [Summary] {
        var summaries: [Summary] = []
        while first < order.count {
            if let summary = endOldest() { summaries.append(summary) }
        }
        return summaries
    }

    private mutating func endOldest() -> Summary? {
        guard first < order.count else { return nil }
        let window = windows.removeValue(forKey: order[first])
        first += 1
        // What has ended goes when it is half of the list: each entry is moved once or less.
        if first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
        if order.isEmpty { (windows, order) = ([:], []) }
        return window?.summary
    }
}
