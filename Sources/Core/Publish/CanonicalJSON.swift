/// A JSON value (RFC 8259) with exactly one canonical text: members sorted by their UTF-8 bytes, two spaces per level, no optional escapes,
/// numbers in the digits they came with, a final newline.
///
/// Manifests and pointers are only accepted in this form, so that any changed byte is noticed, white space included. Numbers stay text, so
/// that what a caller hands over (its effective configuration) comes back digit for digit.
package enum CanonicalJSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The number's text.
    case number(String)
    case string(String)
    case array([CanonicalJSON])
    case object([String: CanonicalJSON])

    /// An integer.
    package static func integer(_ value: some FixedWidthInteger) -> CanonicalJSON { .number(String(value)) }

    /// The canonical text as UTF-8, with its final newline.
    package var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output, depth: 0)
        output.append(UInt8(ascii: "\n"))
        return output
    }

    private func write(to output: inout [UInt8], depth: Int) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .number(let text): output += text.utf8
        case .string(let text): Self.quote(text, to: &output)
        case .array(let values):
            Self.list(values, "[", "]", to: &output, depth: depth) { value, output in value.write(to: &output, depth: depth + 1) }
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            Self.list(sorted, "{", "}", to: &output, depth: depth) { member, output in
                Self.quote(member.key, to: &output)
                output += ": ".utf8
                member.value.write(to: &output, depth: depth + 1)
            }
        }
    }

    private static func list<Element>(
        _ elements: [Element], _ open: String, _ close: String, to output: inout [UInt8], depth: Int,
        write: (Element, inout [UInt8]) -> Void
    ) {
        func newLine(_ depth: Int) {
            output.append(UInt8(ascii: "\n"))
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
        }
        output += open.utf8
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            newLine(depth + 1)
            write(element, &output)
        }
        if !elements.isEmpty { newLine(depth) }
        output += close.utf8
    }

    private static func quote(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        defer { output.append(UInt8(ascii: "\"")) }
        // Nearly always; manifests of thousands of parts are nothing but such texts.
        var copy = text
        let isPlain = copy.withUTF8 { bytes in
            guard bytes.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != 0x7F }) else {
                return false
            }
            output.append(contentsOf: bytes)
            return true
        }
        if isPlain { return }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output += "\\\"".utf8
            case UInt8(ascii: "\\"): output += "\\\\".utf8
            case 0x0A: output += "\\n".utf8
            case 0x0D: output += "\\r".utf8
            case 0x09: output += "\\t".utf8
            case 0..<0x20, 0x7F:
                output += (byte < 16 ? "\\u000" : "\\u00").utf8
                output += String(byte, radix: 16).utf8
            default: output.append(byte)
            }
        }
    }
}

extension CanonicalJSON {
    package subscript(name: String) -> CanonicalJSON? {
        if case .object(let members) = self { return members[name] }
        return nil
    }

    package var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    package var array: [CanonicalJSON]? {
        if case .array(let values) = self { return values }
        return nil
    }

    /// The number as an integer written the usual way (`5`, not `5.0`), nil outside the type's range.
    package func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? {
        guard case .number(let text) = self, let value = Value(text), String(value) == text else { return nil }
        return value
    }
}
