import CLinux
import Glibc

/// Wakes a thread that waits in poll(2), from any other thread; closed with its owner.
final class WakeUp: Sendable {
    /// Readable while there is a wake-up to take.
    let descriptor: Int32

    init() throws(WatchFailure) {
        descriptor = fleetsynth_eventfd()
        guard descriptor >= 0 else { throw WatchFailure(code: errno, action: "create an event descriptor") }
    }

    deinit { _ = close(descriptor) }

    /// Wakes the thread; several calls before it looks are one.
    func signal() {
        var one: UInt64 = 1
        // EAGAIN means that there are 2^64 - 2 wake-ups to take, which is awake enough.
        _ = write(descriptor, &one, 8)
    }

    /// Takes all wake-ups.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    /// Waits until there is a wake-up, `other` is readable, or the time is over.
    ///
    /// - Parameters:
    ///   - other: A descriptor, or nil for none.
    ///   - timeout: Rounded up to milliseconds, at most an hour: the caller looks at its clock again anyway.
    func wait(orFor other: Int32?, timeout: Duration) {
        let (seconds, attoseconds) = timeout.components
        let milliseconds = seconds >= 3600 ? 3_600_000 : seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        // poll(2) passes over negative descriptors. EINTR is an early end, which the caller takes as any other.
        var descriptors = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: other ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&descriptors, 2, Int32(max(0, milliseconds)))
        clear()
    }
}
