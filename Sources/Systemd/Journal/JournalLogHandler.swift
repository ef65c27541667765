public import Logging
import Synchronization

/// Log entries as native journal entries (S17): `MESSAGE`, `PRIORITY`, `MESSAGE_ID` of the event's kind, the place in the code, and
/// every metadata key as a field of its own.
///
/// `MESSAGE` repeats the data as `key=value`, because `systemctl status` and plain `journalctl` show nothing else.
public struct JournalLogHandler: LogHandler {
    /// Entries below it are left out.
    public var logLevel: Logger.Level = .info
    /// Data of every entry.
    public var metadata: Logger.Metadata = [:]
    /// Data of the task that logs.
    public var metadataProvider: Logger.MetadataProvider?
    private let identifier: String
    private let journal: any JournalSink
    private let fallback: any LineSink
    private let lost = LostCount()

    /// - Parameters:
    ///   - identifier: SYSLOG_IDENTIFIER.
    ///   - fallback: Takes `<n>` lines while the journal's socket is missing or full.
    public init(journal: any JournalSink, identifier: String, fallback: any LineSink) {
        self.journal = journal
        self.identifier = identifier
        self.fallback = fallback
    }

    /// Data of every entry, by key.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Sends one entry. What neither the journal nor the fallback takes is counted, and the next entry says so in `LOST_ENTRIES`.
    public func log(event: LogEvent) {
        let record = LogRecord(event, logger: metadata, provider: metadataProvider)
        var entry = JournalEntry(record, identifier: identifier)
        let count = lost.take()
        if count > 0 { entry.add("LOST_ENTRIES", "\(count)") }
        if journal.send(entry) { return }
        lost.add(fallback.write(LineFormat.prefixed.line(record)) ? count : count + 1)
    }
}

/// Entries that nobody took, shared by the copies of a handler.
private final class LostCount: Sendable {
    private let count = Mutex(0)

    func take() -> Int {
        count.withLock { count in
            defer { count = 0 }
            return count
        }
    }

    func add(_ entries: Int) { count.withLock { $0 += entries } }
}
