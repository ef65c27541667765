import CSystemd
import Glibc
import Synchronization

/// What became of a notification. Never a reason to stop: the caller may log a failure once.
public enum NotifyOutcome: Equatable, Sendable {
    /// The manager has it.
    case sent
    /// No NOTIFY_SOCKET: nobody supervises this process, so nothing was to do.
    case notSupervised
    /// A status that came within a second of the last one was not sent: tell the newest one later.
    case held
    /// The service is stopping: READY, RELOADING or another status would contradict what the manager was told.
    case tooLate
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
    private let state = Mutex(State())

    private struct State {
        var throttle = StatusThrottle()
        var isStopping = false
    }

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

    /// The service ends: nothing new starts, and of all messages only signs of life follow (S8).
    @discardableResult
    public func stopping(status: String? = nil, now: ContinuousClock.Instant = .now) -> NotifyOutcome {
        state.withLock { state in
            state.isStopping = true
            return channel(.stopping(status: status))
        }
    }

    /// What `systemctl status` shows. At most one per second is sent.
    @discardableResult
    public func status(_ text: String, now: ContinuousClock.Instant = .now) -> NotifyOutcome {
        state.withLock { state in
            if state.isStopping { return .tooLate }
            switch state.throttle.offer(text, now: now) {
            case .send: return channel(.status(text))
            case .unchanged: return .sent
            case .early: return .held
            }
        }
    }

    /// Every part of the service has made progress; `Watchdog` decides when that is true.
    @discardableResult
    public func watchdog() -> NotifyOutcome { state.withLock { _ in channel(.watchdog) } }

    /// CLOCK_MONOTONIC in microseconds, as MONOTONIC_USEC wants it.
    public static var monotonicMicroseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }

    /// Sends under the lock, so that datagrams leave in the order of the calls.
    private func send(_ message: NotifyMessage, _ status: String?, _ now: ContinuousClock.Instant) -> NotifyOutcome {
        state.withLock { state in
            if state.isStopping { return .tooLate }
            if let status { state.throttle.noteSent(status, now: now) }
            return channel(message)
        }
    }
}
