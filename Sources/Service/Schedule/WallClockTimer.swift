import CLinux
import Dispatch
import Glibc
import Synchronization

/// Sleeps until the wall clock shows a time, however the clock is set meanwhile and whether or not the machine sleeps.
///
/// A timerfd with `TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET` does what `Task.sleep` cannot: it notices that somebody set the clock.
/// One sleeper at a time.
///
/// Source: timerfd_create(2).
public final class WallClockTimer: Sendable {
    /// Why a sleeper woke.
    public enum Wake: Equatable, Sendable {
        /// The clock shows the time.
        case due
        /// Somebody set the clock: what is due must be worked out anew.
        case clockChanged
    }

    /// The timer cannot be made: the error number of timerfd_create(2).
    public struct Unavailable: Error, Equatable, CustomStringConvertible {
        /// The error number.
        public let number: Int32
        /// One sentence.
        public var description: String { "Cannot make a timer: \(String(cString: strerror(number)))." }
    }

    private let descriptor: Int32
    private let sleeper: Sleeper
    // Unsafe in name only: Dispatch's objects may be used from any thread, but this module does not say so. Only `deinit` touches it.
    private nonisolated(unsafe) let source: any DispatchSourceRead

    /// - Throws: When the process has too many descriptors open.
    public init() throws(Unavailable) {
        let descriptor = fleetsynth_timer_create()
        guard descriptor >= 0 else { throw Unavailable(number: errno) }
        self.descriptor = descriptor
        let sleeper = Sleeper()
        self.sleeper = sleeper
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: DispatchQueue(label: "fleetsynth.wall-clock"))
        source.setEventHandler {
            var ticks: UInt64 = 0
            let count = read(descriptor, &ticks, MemoryLayout<UInt64>.size)
            if let wake = Self.wake(count: count, error: errno) { sleeper.wake(wake, now: Self.now) }
        }
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    deinit { source.cancel() }

    /// The wall clock, Unix seconds.
    public static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }

    /// Sleeps until a time.
    ///
    /// - Parameter time: Unix seconds; a time that has passed wakes at once. Nil sleeps until somebody sets the clock.
    /// - Throws: When the task is cancelled.
    public func sleep(until time: Int64?) async throws(CancellationError) -> Wake {
        let ticket = sleeper.ticket()
        // Further ahead than a schedule searches; the kernel takes it.
        let target = time.map { max($0, 1) } ?? Self.now + 100 * Schedule.horizon
        let wake: Wake? = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard sleeper.begin(ticket, until: target, continuation) else { return }
                // The timer is armed even when the call says that the clock was set since the last time.
                if fleetsynth_timer_set(descriptor, target) != 0 { sleeper.wake(.clockChanged, now: Self.now) }
            }
        } onCancel: {
            sleeper.cancel(ticket)
        }
        guard let wake else { throw CancellationError() }
        return wake
    }

    /// Sleeps until a time, and wakes in between to show that the timer still works.
    ///
    /// - Parameters:
    ///   - time: As for `sleep(until:)`.
    ///   - period: Seconds between two calls of `pulse`, 1 or more; nil never calls it.
    ///   - pulse: Called before the sleep, and after each period.
    /// - Throws: When the task is cancelled.
    public func sleep(until time: Int64?, pulseEvery period: Int64?, _ pulse: () -> Void) async throws(CancellationError) -> Wake {
        guard let period else { return try await sleep(until: time) }
        while true {
            pulse()
            let next = Self.now + max(1, period)
            if let time, time <= next { return try await sleep(until: time) }
            if case .clockChanged = try await sleep(until: next) { return .clockChanged }
        }
    }

    /// What the result of read(2) on the timer means; nil for nothing yet.
    package static func wake(count: Int, error: Int32) -> Wake? {
        if count == MemoryLayout<UInt64>.size { return .due }
        return count < 0 && error == ECANCELED ? .clockChanged : nil
    }
}

/// Who sleeps. All three ways to wake, the timer, the clock and a cancellation, may come at the same moment; the first one counts.
private final class Sleeper: Sendable {
    private struct State {
        var tickets = 0
        var cancelled: Int?
        /// The clock was set while nobody slept; the kernel says it once only, so the next sleeper must hear of it.
        var isChangeUnheard = false
        var current: (ticket: Int, target: Int64, continuation: CheckedContinuation<WallClockTimer.Wake?, Never>)?
    }

    private let state = Mutex(State())

    func ticket() -> Int {
        state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
    }

    /// - Returns: False when the sleep is over before it begins: cancelled, or the clock was set since the last one.
    func begin(_ ticket: Int, until target: Int64, _ continuation: CheckedContinuation<WallClockTimer.Wake?, Never>) -> Bool {
        enum Beginning { case sleeps, isCancelled, isAwake }
        let beginning = state.withLock { state -> Beginning in
            precondition(state.current == nil, "one sleeper at a time")
            if state.cancelled == ticket { return .isCancelled }
            if state.isChangeUnheard {
                state.isChangeUnheard = false
                return .isAwake
            }
            state.current = (ticket, target, continuation)
            return .sleeps
        }
        switch beginning {
        case .sleeps: return true
        case .isCancelled: continuation.resume(returning: nil)
        case .isAwake: continuation.resume(returning: .clockChanged)
        }
        return false
    }

    func wake(_ wake: WallClockTimer.Wake, now: Int64) {
        let continuation = state.withLock { state -> CheckedContinuation<WallClockTimer.Wake?, Never>? in
            if state.current == nil, wake == .clockChanged { state.isChangeUnheard = true }
            // The tick of an earlier, cancelled sleep may arrive late.
            guard let current = state.current, wake == .clockChanged || current.target <= now else { return nil }
            state.current = nil
            return current.continuation
        }
        continuation?.resume(returning: wake)
    }

    func cancel(_ ticket: Int) {
        let continuation = state.withLock { state -> CheckedContinuation<WallClockTimer.Wake?, Never>? in
            state.cancelled = ticket
            guard let current = state.current, current.ticket == ticket else { return nil }
            state.current = nil
            return current.continuation
        }
        continuation?.resume(returning: nil)
    }
}
