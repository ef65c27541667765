public import Logging

/// One entry of the journal: fields in order, a name may come more than once.
public struct JournalEntry: Equatable, Sendable {
    /// One `NAME=value`; the value may hold any bytes.
    public struct Field: Equatable, Sendable {
        /// A valid name.
        public let name: String
        /// Text of any length, line breaks included.
        public let value: String
    }

    /// The fields.
    public private(set) var fields: [Field]

    /// - Parameters:
    ///   - record: What was logged.
    ///   - identifier: SYSLOG_IDENTIFIER.
    public init(_ record: LogRecord, identifier: String) {
        fields = [
            Field(name: "MESSAGE", value: LineFormat.sentence(record)),
            Field(name: "PRIORITY", value: "\(record.level.priority)"),
            Field(name: "SYSLOG_IDENTIFIER", value: identifier),
            Field(name: "CODE_FILE", value: record.file),
            Field(name: "CODE_LINE", value: "\(record.line)"),
            Field(name: "CODE_FUNC", value: record.function),
        ]
        if let kind = record.event.flatMap(EventKind.init(rawValue:)) { add("MESSAGE_ID", kind.messageID) }
        for (key, value) in record.metadata { add(key: key, value) }
    }

    /// Adds a field under a name that is known to be valid.
    public mutating func add(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    /// A list becomes one field per element, as journald keeps several values of one name.
    private mutating func add(key: String, _ value: Logger.MetadataValue) {
        guard let name = JournalField.name(for: key) else { return add("OTHER_DATA", "\(key)=\(value)") }
        if case .array(let elements) = value {
            for element in elements { add(name, "\(element)") }
        } else {
            add(name, "\(value)")
        }
    }

    /// The fields as `NAME=value` bytes, one buffer each, the form that sd_journal_sendv(3) takes.
    public var encoded: [[UInt8]] { fields.map { Array($0.name.utf8) + [UInt8(ascii: "=")] + Array($0.value.utf8) } }
}

extension Logger.Level {
    /// The syslog priority, 7 (debug) to 2 (critical).
    public var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
