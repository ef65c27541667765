import Logging

/// One entry as one line of JSON (RFC 8259).
enum JSONLine {
    private static let own: Set<String> = ["time", "level", "message", "source"]

    /// Metadata keys that the entry uses itself get the prefix `field_`.
    static func text(_ record: LogRecord, time: String?) -> String {
        var members = time.map { [member("time", string($0))] } ?? []
        members.append(member("level", string(record.level.rawValue)))
        members.append(member("message", string(record.message)))
        members.append(member("source", string("\(record.file):\(record.line)")))
        for (key, value) in record.metadata { members.append(member(own.contains(key) ? "field_" + key : key, json(value))) }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func member(_ key: String, _ value: String) -> String { string(key) + ":" + value }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): string(text)
        case .stringConvertible(let convertible): scalar(convertible)
        case .array(let elements): "[" + elements.map(json).joined(separator: ",") + "]"
        case .dictionary(let pairs):
            "{" + pairs.sorted { $0.key < $1.key }.map { member($0.key, json($0.value)) }.joined(separator: ",") + "}"
        }
    }

    /// Numbers and booleans stay what they are; JSON knows no infinity, so that is text.
    private static func scalar(_ value: any CustomStringConvertible) -> String {
        switch value {
        case let flag as Bool: flag ? "true" : "false"
        case let number as any BinaryInteger: "\(number)"
        case let number as Double where number.isFinite: "\(number)"
        default: string(value.description)
        }
    }

    private static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
