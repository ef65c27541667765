/// One section of a profile file. Its description shows no values.
package struct ProfileSection: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// The text between the brackets without white space at its ends.
    package var header: String
    /// By lower-case name. A nested block is the text of its lines, each after a newline.
    package var properties: [String: String] = [:]

    package var description: String { "[\(header)] \(properties.keys.sorted())" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a text is no profile file; never shows its content.
package struct ProfileParseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1.
    package let line: Int
    package let problem: String

    package var description: String { "line \(line): \(problem)" }
}

/// Reads the files that AWS's tools keep in `~/.aws`.
///
/// ```
/// [profile etl]                 # comments begin a line, or follow white space
/// role_arn = arn:aws:iam::...   ; either sign
/// s3 =
///   max_concurrency = 4         <- nested: indented lines after a property continue it
/// ```
/// Of two equal keys the later counts, two sections of one name are one. A byte order mark and CRLF are fine. Anything else is an error with
/// its line: keys that are silently not found cost hours.
package enum ProfileParser {
    /// - Parameter allowsBareProperties: Whether lines may come before any section; they are then of section `default`.
    /// - Complexity: O(bytes).
    package static func sections(_ bytes: [UInt8], allowsBareProperties: Bool = false) throws(ProfileParseError) -> [ProfileSection] {
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        var state = State(allowsBareProperties: allowsBareProperties)
        var number = 0
        for line in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard !line.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }), let text = String(validating: line, as: UTF8.self)
            else {
                throw ProfileParseError(line: number, problem: "not plain UTF-8 text")
            }
            try state.take(text[...], number)
        }
        return state.sections
    }
}

private struct State {
    let allowsBareProperties: Bool
    var sections: [ProfileSection] = []
    var places: [String: Int] = [:]
    var current: Int?
    /// The property that an indented line continues.
    var open: String?

    init(allowsBareProperties: Bool) { self.allowsBareProperties = allowsBareProperties }

    mutating func take(_ line: Substring, _ number: Int) throws(ProfileParseError) {
        let isIndented = line.first.map { Self.isSpace($0) } ?? false
        let body = Self.trimmed(line)
        guard let first = body.first, first != "#", first != ";" else { return }
        if isIndented {
            guard let current, let open else {
                throw ProfileParseError(line: number, problem: "an indented line that continues nothing")
            }
            sections[current].properties[open, default: ""] += "\n" + Self.withoutComment(body)
        } else if first == "[" {
            try header(body, number)
        } else {
            try property(body, number)
        }
    }

    private mutating func header(_ body: Substring, _ number: Int) throws(ProfileParseError) {
        guard let end = body.firstIndex(of: "]") else { throw ProfileParseError(line: number, problem: "']' is missing") }
        let rest = Self.trimmed(body[body.index(after: end)...])
        guard rest.isEmpty || rest.first == "#" || rest.first == ";" else {
            throw ProfileParseError(line: number, problem: "text after ']'")
        }
        let name = Self.trimmed(body[body.index(after: body.startIndex)..<end])
        guard !name.isEmpty else { throw ProfileParseError(line: number, problem: "a section without a name") }
        begin(String(name))
    }

    private mutating func begin(_ header: String) {
        open = nil
        if let place = places[header] {
            current = place
        } else {
            places[header] = sections.count
            current = sections.count
            sections.append(ProfileSection(header: header))
        }
    }

    private mutating func property(_ body: Substring, _ number: Int) throws(ProfileParseError) {
        guard let equals = body.firstIndex(of: "=") else {
            throw ProfileParseError(line: number, problem: "neither a section nor 'name = value'")
        }
        let name = Self.trimmed(body[..<equals]).lowercased()
        guard !name.isEmpty else { throw ProfileParseError(line: number, problem: "a value without a name") }
        if current == nil {
            guard allowsBareProperties else { throw ProfileParseError(line: number, problem: "a property before any [section]") }
            begin("default")
        }
        guard let current else { return }
        let value = body[body.index(after: equals)...]
        sections[current].properties[name] = String(Self.withoutComment(Self.trimmed(Self.isComment(value) ? "" : value)))
        open = name
    }

    private static func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { isSpace($0) }
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }

    /// Whether nothing but a comment follows the equals sign: `key = # none`.
    private static func isComment(_ value: Substring) -> Bool {
        guard let first = value.first, isSpace(first), let sign = trimmed(value).first else { return false }
        return sign == "#" || sign == ";"
    }

    /// Cuts at a comment sign after white space; one inside a word belongs to the value.
    private static func withoutComment(_ text: Substring) -> Substring {
        var previous: Character?
        for index in text.indices {
            if let before = previous, isSpace(before), text[index] == "#" || text[index] == ";" { return trimmed(text[..<index]) }
            previous = text[index]
        }
        return text
    }
}
