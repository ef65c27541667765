import CSystemd
import Glibc
import Synchronization

/// What became of a notification. Never a reason to stop: the caller may log a failure once.
public enum NotifyOutcome: Equatable, Sendable {
    /// The manager has it.
    case sent
    /// No NOTIFY_SOCKET: nobody supervises this process, so nothing was to do.
    case notSupervised
    /// A status that came within a second of the last one; `flush` sends it when its time has come.
    case held
    /// The socket did not take it.
    case failed(errno: Int32)
}

/// Tells the service manager how the service is doing (S1, S3, S8, S10). Without NOTIFY_SOCKET every call does nothing.
///
/// NOTIFY_SOCKET stays in the environment: a second reload needs it too.
public final class Notifier: Sendable {
    /// Takes one datagram to the manager.
    public typealias Channel = @Sendable (NotifyMessage) -> NotifyOutcome

    private let channel: Channel
    private let throttle = Mutex(StatusThrottle())

    /// - Parameter channel: By default sd_notify(3), which reads NOTIFY_SOCKET: a path or, with `@`, an abstract name.
    public init(channel: @escaping Channel = Notifier.systemd) { self.channel = channel }

    /// The service manager of this process.
    public static let systemd: Channel = { message in
        let result = sd_notify(0, message.text)
        return result > 0 ? .sent : result == 0 ? .notSupervised : .failed(errno: -result)
    }

    /// The start is complete, or a reload is over, whether or not the new config was taken.
    @discardableResult
    public func ready(status: String? = nil, now: ContinuousClock.Instant = .now) -> NotifyOutcome {
        send(.ready(status: status), status, now)
    }

    /// A reload begins; `ready` must follow, also when the new config is refused.
    @discardableResult
    public func reloading(
        status: String? = nil, monotonicMicroseconds: UInt64 = Notifier.monotonicMicroseconds, now: ContinuousClock.Instant = .now
    ) -> NotifyOutcome {
        send(.reloading(monotonicMicroseconds: monotonicMicroseconds, status: status), status, now)
    }

    /// The service ends: nothing new starts.
    @discardableResult
    public func stopping(status: String? = nil, now: ContinuousClock.Instant = .now) -> NotifyOutcome {
        send(.stopping(status: status), status, now)
    }

    /// What `systemctl status` shows. At most one per second is sent; of those in between only the newest, by `flush`.
    @discardableResult
    public func status(_ text: String, now: ContinuousClock.Instant = .now) -> NotifyOutcome {
        throttle.withLock { throttle in
            guard let text = throttle.offer(text, now: now) else { return .held }
            return channel(.status(text))
        }
    }

    /// Sends a held status whose time has come.
    /// - Returns: When to call again, or nil if nothing is held.
    @discardableResult
    public func flush(now: ContinuousClock.Instant = .now) -> ContinuousClock.Instant? {
        throttle.withLock { throttle in
            if let text = throttle.due(now: now) { _ = channel(.status(text)) }
            return throttle.nextDue
        }
    }

    /// Every part of the service has made progress; `Watchdog` decides when that is true.
    @discardableResult
    public func watchdog() -> NotifyOutcome { throttle.withLock { _ in channel(.watchdog) } }

    /// Start, reload or stop needs this much longer from now. Call it only after real progress.
    @discardableResult
    public func extendTimeout(by duration: Duration) -> NotifyOutcome { throttle.withLock { _ in channel(.extendTimeout(by: duration)) } }

    /// CLOCK_MONOTONIC in microseconds, as MONOTONIC_USEC wants it.
    public static var monotonicMicroseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }

    /// Sends under the lock, so that datagrams leave in the order of the calls.
    private func send(_ message: NotifyMessage, _ status: String?, _ now: ContinuousClock.Instant) -> NotifyOutcome {
        throttle.withLock { throttle in
            if let status { throttle.noteSent(status, now: now) }
            return channel(message)
        }
    }
}
