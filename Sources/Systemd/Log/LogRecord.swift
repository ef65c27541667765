public import Logging

/// What was logged, with the metadata of logger, provider and call merged: the form that every style writes.
public struct LogRecord: Sendable {
    /// How serious it is.
    public let level: Logger.Level
    /// The constant message.
    public let message: String
    /// The data, sorted by key.
    public let metadata: [(key: String, value: Logger.MetadataValue)]
    /// Module and file, for example `Service/RunQueue.swift`.
    public let file: String
    /// The line in the file.
    public let line: UInt
    /// The function.
    public let function: String

    /// - Parameters:
    ///   - event: The call. Its metadata wins over that of the provider, which wins over that of the logger.
    ///   - logger: Metadata of the logger.
    ///   - provider: The logger's provider.
    public init(_ event: LogEvent, logger: Logger.Metadata = [:], provider: Logger.MetadataProvider? = nil) {
        level = event.level
        message = event.message.description
        file = event.file
        line = event.line
        function = event.function
        var merged = logger
        if let provider { merged.merge(provider.get()) { _, own in own } }
        if let error = event.error { merged["error"] = .string("\(error)") }
        if let own = event.metadata { merged.merge(own) { _, own in own } }
        metadata = merged.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The raw value of the event's kind, where it has one.
    public var event: String? { text(of: EventKind.metadataKey) }

    /// A metadata value as text.
    public func text(of key: String) -> String? { metadata.first { $0.key == key }.map { "\($0.value)" } }
}
