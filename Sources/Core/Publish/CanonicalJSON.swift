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
