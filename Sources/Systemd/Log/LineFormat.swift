import Logging

/// How an entry is written as a line of text.
public enum LineFormat: Equatable, Sendable {
    /// `<4>message key=value`: journald takes the priority from the prefix.
    case prefixed
    /// `warning: message key=value`, in colour where a person watches.
    case text(colour: Bool)
    /// One JSON object: `time`, `level`, `message`, `source`, then the metadata by key.
    case json

    /// The line, without its newline; every line of text carries the prefix, so nothing logged can pass for another entry.
    /// - Parameter time: RFC 3339 text that starts the line, or nil for none; the journal stamps entries itself.
    public func line(_ record: LogRecord, time: String? = nil) -> String {
        switch self {
        case .prefixed:
            return "<\(record.level.priority)>" + Self.sentence(record)
        case .text(let colour):
            let start = time.map { $0 + " " } ?? ""
            let data = Self.data(record)
            let message = Self.escaped(record.message)
            guard colour else { return "\(start)\(record.level): \(message)\(data)" }
            return "\(Self.dim(start))\u{1B}[\(record.level.colour)m\(record.level):\u{1B}[0m \(message)\(Self.dim(data))"
        case .json:
            return JSONLine.text(record, time: time)
        }
    }

    /// Message and data as one sentence: `message key=value`. The kind is left out, it is for machines.
    static func sentence(_ record: LogRecord) -> String { escaped(record.message) + data(record) }

    private static func data(_ record: LogRecord) -> String {
        record.metadata.filter { $0.key != EventKind.metadataKey }.map { " \(escaped($0.key))=\(quoted("\($0.value)"))" }.joined()
    }

    private static func dim(_ text: String) -> String { text.isEmpty ? "" : "\u{1B}[2m\(text)\u{1B}[0m" }

    /// Values with spaces, quotes or `=` are quoted, so that a line can be taken apart again.
    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && !value.utf8.contains { [UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: "=")].contains($0) }
        guard !isPlain else { return escaped(value) }
        let inner = value.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "\"" + escaped(inner) + "\""
    }

    /// Control characters would end the line or command the terminal.
    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where isControl(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) }
}

extension Logger.Level {
    /// The SGR code of the level: grey, green, yellow, red, bold red.
    fileprivate var colour: String {
        switch self {
        case .trace, .debug: "90"
        case .info, .notice: "32"
        case .warning: "33"
        case .error: "31"
        case .critical: "1;31"
        }
    }
}
