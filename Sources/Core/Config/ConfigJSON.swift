/// A JSON value and its one canonical text.
///
/// The text is JSON (RFC 8259) and at the same time YAML that `DocumentReader` reads back unchanged: no spaces, the shortest digits that
/// give the same number again, and every character that YAML folds or forbids as `\u` escape.
package indirect enum ConfigJSON: Equatable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int128)
    case number(Double)
    case text(String)
    case array([ConfigJSON])
    /// Members in the order given. `sorted` gives the usual order.
    case object([Member])

    package struct Member: Equatable, Sendable {
        let name: String
        let value: ConfigJSON
    }

    /// An object with its members sorted by name.
    package static func sorted(_ members: [(String, ConfigJSON)]) -> ConfigJSON {
        ordered(members.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) })
    }

    /// An object whose order is part of the value.
    package static func ordered(_ members: [(String, ConfigJSON)]) -> ConfigJSON {
        .object(members.map { Member(name: $0.0, value: $0.1) })
    }

    /// The canonical text, on one line.
    package var text: String {
        var result = ""
        write(to: &result, indent: nil)
        return result
    }

    /// The text over several lines, two spaces per level, for people.
    package var prettyText: String {
        var result = ""
        write(to: &result, indent: 0)
        return result
    }

    private func write(to output: inout String, indent: Int?) {
        switch self {
        case .null: output += "null"
        case .boolean(let value): output += value ? "true" : "false"
        case .integer(let value): output += value.description
        case .number(let value): output += Self.canonical(value)
        case .text(let value): Self.quote(value, to: &output)
        case .array(let values):
            // Short lists of plain values stay on their line.
            let inner = indent.flatMap { level in values.allSatisfy(\.isScalar) ? nil : level + 1 }
            Self.list(values, open: "[", close: "]", indent: inner, to: &output) { $0.write(to: &$1, indent: inner) }
        case .object(let members):
            let inner = indent.map { $0 + 1 }
            Self.list(members, open: "{", close: "}", indent: inner, to: &output) { member, output in
                Self.quote(member.name, to: &output)
                output += inner == nil ? ":" : ": "
                member.value.write(to: &output, indent: inner)
            }
        }
    }

    private var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private static func list<Element>(
        _ elements: [Element], open: String, close: String, indent: Int?, to output: inout String, _ write: (Element, inout String) -> Void
    ) {
        output += open
        for (index, element) in elements.enumerated() {
            if index > 0 { output += "," }
            if let indent { output += "\n" + String(repeating: "  ", count: indent) }
            write(element, &output)
        }
        if let indent, !elements.isEmpty { output += "\n" + String(repeating: "  ", count: indent - 1) }
        output += close
    }

    /// The shortest text that reads back as the same number; whole numbers without point.
    static func canonical(_ value: Double) -> String {
        precondition(value.isFinite, "JSON has no infinities")
        if value.rounded() == value, abs(value) < 1e15 { return Int(value).description }
        return value.description
    }

    private static func quote(_ text: String, to output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            default:
                if scalar.isPlainInYAML { output.unicodeScalars.append(scalar) } else { escape(scalar, to: &output) }
            }
        }
        output += "\""
    }

    /// A `\u` escape. Everything that needs one lies below U+10000.
    private static func escape(_ scalar: Unicode.Scalar, to output: inout String) {
        let digits = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}

extension Unicode.Scalar {
    /// A control character, or a character that ends a line (U+2028 and U+2029).
    var isControl: Bool { value < 0x20 || (value >= 0x7F && value < 0xA0) || value == 0x2028 || value == 0x2029 }

    /// Whether YAML 1.1 lets the character stand unescaped inside a line (section 5.1, without the line breaks).
    var isPlainInYAML: Bool { !isControl && value != 0xFEFF && value != 0xFFFE && value != 0xFFFF }
}
