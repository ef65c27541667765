/// One datagram of the notification protocol: assignments in lines, as sd_notify(3) describes them.
///
/// Systemd takes each datagram as a whole, so what belongs together (`RELOADING=1` and its time stamp) is one message.
public struct NotifyMessage: Equatable, Sendable {
    /// Longest status in bytes of UTF-8; the manager refuses datagrams above 4096 bytes.
    public static let statusLimit = 1024

    /// The assignments, joined by newlines.
    public let text: String

    private init(_ assignments: [String], status: String?) {
        text = (assignments + (status.map { ["STATUS=" + Self.line($0)] } ?? [])).joined(separator: "\n")
    }

    /// `READY=1`: the start, or a reload, is complete.
    public static func ready(status: String?) -> NotifyMessage { NotifyMessage(["READY=1"], status: status) }

    /// `RELOADING=1` with `MONOTONIC_USEC`, without which notify-reload hangs or returns early.
    /// - Parameter monotonicMicroseconds: CLOCK_MONOTONIC when the reload began.
    public static func reloading(monotonicMicroseconds: UInt64, status: String?) -> NotifyMessage {
        NotifyMessage(["RELOADING=1", "MONOTONIC_USEC=\(monotonicMicroseconds)"], status: status)
    }

    /// `STOPPING=1`: no new work from here on.
    public static func stopping(status: String?) -> NotifyMessage { NotifyMessage(["STOPPING=1"], status: status) }

    /// `STATUS=`: a line for people, shown by `systemctl status`.
    public static func status(_ text: String) -> NotifyMessage { NotifyMessage([], status: text) }

    /// `WATCHDOG=1`: still making progress.
    public static let watchdog = NotifyMessage(["WATCHDOG=1"], status: nil)

    /// A line break in a status would begin another assignment, so control characters become spaces.
    private static func line(_ status: String) -> String {
        var line = String.UnicodeScalarView()
        var bytes = 0
        for scalar in status.unicodeScalars {
            bytes += UTF8.width(scalar)
            guard bytes <= statusLimit else { break }
            line.append(scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? " " : scalar)
        }
        return String(line)
    }
}
