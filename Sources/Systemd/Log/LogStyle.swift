import Glibc
public import Logging

/// Where log entries go and how they look.
public enum LogStyle: Equatable, Sendable {
    /// Native journal entries, with the fields that `journalctl DATASET=x` asks for.
    case journal
    /// Lines for people.
    case text(colour: Bool)
    /// Lines for machines.
    case json

    /// What the user asked for.
    public enum Request: String, CaseIterable, Sendable { case auto, journal, text, json }

    /// The style for this process (S18): native entries only if standard error *is* the journal's stream, so that `2>file` is respected even
    /// where JOURNAL_STREAM was inherited.
    /// - Parameters:
    ///   - environment: JOURNAL_STREAM, NO_COLOR and TERM count.
    ///   - isTerminal: Whether standard error is a terminal.
    ///   - standardError: Identity of standard error, or nil if it is closed.
    public static func choose(
        environment: [String: String], isTerminal: Bool, standardError: FileIdentity?, requested: Request = .auto
    ) -> LogStyle {
        let hasColour = isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        switch requested {
        case .json: return .json
        case .journal: return .journal
        case .text: return .text(colour: hasColour)
        case .auto:
            let stream = environment["JOURNAL_STREAM"].flatMap(FileIdentity.init(journalStream:))
            return stream != nil && stream == standardError ? .journal : .text(colour: hasColour)
        }
    }

    /// The handler of the style.
    /// - Parameters:
    ///   - identifier: SYSLOG_IDENTIFIER of journal entries.
    ///   - clock: Time of lines as RFC 3339 text, or nil for lines without time. Journal entries do not ask for it.
    public func handler(identifier: String, clock: (@Sendable () -> String)? = nil) -> any LogHandler {
        switch self {
        case .journal:
            JournalLogHandler(
                journal: JournalSocket(), identifier: identifier, fallback: StandardErrorSink(mayBlock: false))
        case .text(let colour): LineLogHandler(format: .text(colour: colour), sink: StandardErrorSink(mayBlock: true), clock: clock)
        case .json: LineLogHandler(format: .json, sink: StandardErrorSink(mayBlock: true), clock: clock)
        }
    }
}

/// Device and inode: two descriptors with the same identity are the same file.
public struct FileIdentity: Equatable, Sendable {
    /// The device's number.
    public let device: UInt64
    /// The inode's number.
    public let inode: UInt64

    /// The identity with these numbers.
    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// - Parameter journalStream: JOURNAL_STREAM: `device:inode` in decimal digits; anything else is nil.
    public init?(journalStream: String) {
        let parts = journalStream.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return nil }
        self.init(device: device, inode: inode)
    }

    /// - Parameter descriptor: An open descriptor; nil if it is not.
    public init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
