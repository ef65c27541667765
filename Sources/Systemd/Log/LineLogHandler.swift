public import Logging

/// Log entries as lines of text.
public struct LineLogHandler: LogHandler {
    /// Entries below it are left out.
    public var logLevel: Logger.Level = .info
    /// Data of every entry.
    public var metadata: Logger.Metadata = [:]
    /// Data of the task that logs.
    public var metadataProvider: Logger.MetadataProvider?
    private let format: LineFormat
    private let sink: any LineSink
    private let clock: (@Sendable () -> String)?

    /// - Parameter clock: Time of each line as RFC 3339 text, or nil for lines without time.
    public init(format: LineFormat, sink: any LineSink, clock: (@Sendable () -> String)? = nil) {
        self.format = format
        self.sink = sink
        self.clock = clock
    }

    /// Data of every entry, by key.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        _ = sink.write(format.line(LogRecord(event, logger: metadata, provider: metadataProvider), time: clock?()))
    }
}
