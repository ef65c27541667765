/// Who has made progress since the watchdog was last told (S9): one beat per subsystem, none from a bare timer.
///
/// Pure: time comes in, the verdict comes out.
/// ```
/// interval  |----------------------|----------------------|   the manager kills at the end of one without WATCHDOG=1
/// allowed   |          ^ half      |          ^ half      |   told at half, if every busy subsystem has beaten since last time
/// ```
public struct Heartbeats: Sendable {
    /// What to do about the watchdog now.
    public enum Verdict: Equatable, Sendable {
        /// Tell the manager, and ask again at `next`.
        case notify(next: ContinuousClock.Instant)
        /// Too early; ask again at `next`.
        case early(next: ContinuousClock.Instant)
        /// These subsystems, sorted, are busy and have made no progress; ask again at `next`.
        case stalled([String], next: ContinuousClock.Instant)
    }

    private enum Pulse { case idle, silent, beaten }

    private let interval: Duration
    private var pulses: [String: Pulse] = [:]
    private var lastNotified: ContinuousClock.Instant

    /// - Parameters:
    ///   - interval: WATCHDOG_USEC.
    ///   - subsystems: Who must make progress. Each is idle until its first beat.
    ///   - now: When the watchdog began to count.
    public init(interval: Duration, subsystems: [String] = [], now: ContinuousClock.Instant) {
        self.interval = interval
        lastNotified = now
        for name in subsystems { pulses[name] = .idle }
    }

    /// A subsystem made progress, and is busy until it says that it is idle. Unknown names register themselves.
    public mutating func beat(_ subsystem: String) { pulses[subsystem] = .beaten }

    /// A subsystem waits for work: it owes no progress until its next beat.
    public mutating func idle(_ subsystem: String) { pulses[subsystem] = .idle }

    /// A subsystem has ended and owes nothing any more.
    public mutating func remove(_ subsystem: String) { pulses[subsystem] = nil }

    /// Decides whether the manager is told now.
    /// - Complexity: O(subsystems).
    public mutating func check(now: ContinuousClock.Instant) -> Verdict {
        let due = lastNotified + interval / 2
        guard now >= due else { return .early(next: due) }
        let silent = pulses.filter { $0.value == .silent }.keys.sorted()
        guard silent.isEmpty else { return .stalled(silent, next: now + interval / 8) }
        lastNotified = now
        for (name, pulse) in pulses where pulse == .beaten { pulses[name] = .silent }
        return .notify(next: now + interval / 2)
    }
}
