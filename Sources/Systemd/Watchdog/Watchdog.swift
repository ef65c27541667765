import Synchronization

/// Feeds the manager's watchdog from the service's progress (S9).
public final class Watchdog: Sendable {
    private let notifier: Notifier
    private let heartbeats: Mutex<Heartbeats>

    /// - Parameters:
    ///   - interval: `Watchdog.interval`.
    ///   - subsystems: Who must make progress.
    public init(interval: Duration, subsystems: [String], notifier: Notifier, now: ContinuousClock.Instant = .now) {
        self.notifier = notifier
        heartbeats = Mutex(Heartbeats(interval: interval, subsystems: subsystems, now: now))
    }

    /// The interval that the manager expects of this process, as sd_watchdog_enabled(3) reads it.
    /// - Parameters:
    ///   - environment: Of this process.
    ///   - processID: Of this process; WATCHDOG_PID, where set, must equal it.
    /// - Returns: nil if nobody watches: WATCHDOG_USEC is missing or no positive number, or is meant for another process.
    public static func interval(environment: [String: String], processID: Int32) -> Duration? {
        guard let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), microseconds > 0 else { return nil }
        if let owner = environment["WATCHDOG_PID"], Int32(owner) != processID { return nil }
        return .microseconds(microseconds)
    }

    /// A subsystem made progress.
    public func beat(_ subsystem: String) { heartbeats.withLock { $0.beat(subsystem) } }

    /// A subsystem waits for work.
    public func idle(_ subsystem: String) { heartbeats.withLock { $0.idle(subsystem) } }

    /// A subsystem has ended.
    public func remove(_ subsystem: String) { heartbeats.withLock { $0.remove(subsystem) } }

    /// Tells the manager if that is due and true.
    @discardableResult
    public func tick(now: ContinuousClock.Instant) -> Heartbeats.Verdict {
        let verdict = heartbeats.withLock { $0.check(now: now) }
        if case .notify = verdict { notifier.watchdog() }
        return verdict
    }

    /// Ticks until cancelled. It only carries the news: without beats of the busy subsystems nothing is sent.
    /// - Parameters:
    ///   - stalled: Called once per stall with the names of those who made no progress.
    ///   - sleep: Returns at the instant, or throws when cancelled.
    public func run(
        stalled: ([String]) -> Void,
        now: () -> ContinuousClock.Instant = { .now },
        sleep: (ContinuousClock.Instant) async throws -> Void = { try await Task.sleep(until: $0, clock: .continuous) }
    ) async {
        var isStalled = false
        while !Task.isCancelled {
            let wake: ContinuousClock.Instant
            switch tick(now: now()) {
            case .notify(let next):
                isStalled = false
                wake = next
            case .early(let next):
                wake = next
            case .stalled(let names, let next):
                if !isStalled { stalled(names) }
                isStalled = true
                wake = next
            }
            do { try await sleep(wake) } catch { return }
        }
    }
}
