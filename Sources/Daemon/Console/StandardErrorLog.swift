import Logging

/// Log entries as lines on standard error: `warning: message key=value`.
struct StandardErrorLog: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let data = metadata.merging(event.metadata ?? [:]) { _, own in own }
        let fields = data.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        Console.note("\(event.level): \(event.message)\(fields)")
    }
}
