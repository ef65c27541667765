/// What a scalar is, by the strict reading of this program: JSON's numbers, `true` and `false`, YAML's null.
///
/// Whatever some YAML reader takes for a number or a boolean but this one does not (`yes`, `1_000`, `0x1F`, `.5`, `12:30`) has a case of
/// its own, so that it is refused with a remedy and never means different things to different readers.
enum ScalarKind: Equatable, Sendable {
    case null
    case boolean(Bool)
    /// Digits with an optional minus sign; nil when beyond 128 bits.
    case integer(Int128?)
    case float(Double)
    case text(String)
    /// `yes`, `Off`, `TRUE`: the boolean it means.
    case booleanWord(Bool)
    /// A number in another notation: why it is refused, and how to write it where that is known.
    case oddNumber(why: String, write: String?)

    init(_ scalar: Document.Scalar) {
        guard scalar.isPlain else {
            self = .text(scalar.text)
            return
        }
        self = Self.plain(scalar.text)
    }

    private static func plain(_ text: String) -> Self {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: break
        }
        if text.utf8.count <= 5, let word = booleanWord(text.lowercased()) { return .booleanWord(word) }
        guard let first = text.utf8.first,
            first.isDigit || first == UInt8(ascii: "-") || first == UInt8(ascii: "+") || first == UInt8(ascii: ".")
        else { return .text(text) }
        let shape = NumberShape(text.utf8)
        switch shape {
        case .integer: return .integer(Int128(text))
        case .float: return Double(text).map { .float($0) } ?? .text(text)
        case .none: return oddNumber(text).map { .oddNumber(why: $0.why, write: $0.write) } ?? .text(text)
        }
    }

    private static func booleanWord(_ lower: String) -> Bool? {
        switch lower {
        case "yes", "on", "y", "true": true
        case "no", "off", "n", "false": false
        default: nil
        }
    }

    private static func oddNumber(_ text: String) -> (why: String, write: String?)? {
        var body = Substring(text)
        let sign = body.first == "-" ? "-" : ""
        if body.first == "-" || body.first == "+" { body = body.dropFirst() }
        let lower = body.lowercased()
        if [".inf", ".nan"].contains(lower) { return ("is not a finite number", nil) }
        guard body.utf8.contains(where: \.isDigit) else { return nil }
        if lower.hasPrefix("0x"), body.utf8.dropFirst(2).allSatisfy({ $0.isHexDigit || $0 == UInt8(ascii: "_") }) {
            return ("is a hexadecimal number", nil)
        }
        if lower.hasPrefix("0b"), body.utf8.dropFirst(2).allSatisfy({ $0 == 0x30 || $0 == 0x31 || $0 == UInt8(ascii: "_") }) {
            return ("is a binary number", nil)
        }
        if lower.hasPrefix("0o"), body.utf8.dropFirst(2).allSatisfy(\.isDigit) { return ("is an octal number", nil) }
        if isSexagesimal(body) { return ("is a number of base 60 to some readers of YAML", nil) }
        // A number once underscores, a plus sign, leading zeros and a bare point are put right?
        var digits = String(body.filter { $0 != "_" })
        if digits.hasPrefix(".") { digits = "0" + digits }
        while digits.utf8.count > 1, digits.hasPrefix("0"), digits.utf8.dropFirst().first?.isDigit == true { digits.removeFirst() }
        if digits.hasSuffix(".") { digits.removeLast() }
        digits = digits.replacing(".e", with: "e")
        guard NumberShape(digits.utf8) != .none else { return nil }
        let why = body.contains("_") ? "has underscores in a number" : "is not written as JSON writes numbers"
        return (why, sign + digits)
    }

    private static func isSexagesimal(_ body: Substring) -> Bool {
        let parts = body.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 1 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "_") } }
    }
}

/// The grammar of JSON's numbers (RFC 8259, section 6).
private enum NumberShape {
    case integer, float, none

    init(_ text: String.UTF8View) {
        var rest = text[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: \.isDigit)
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else {
            self = .none
            return
        }
        rest = rest.dropFirst(whole.count)
        var result = NumberShape.integer
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: \.isDigit)
            guard !fraction.isEmpty else {
                self = .none
                return
            }
            rest = rest.dropFirst(1 + fraction.count)
            result = .float
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
            guard !rest.isEmpty, rest.allSatisfy(\.isDigit) else {
                self = .none
                return
            }
            self = .float
            return
        }
        self = rest.isEmpty ? result : .none
    }
}

extension UInt8 {
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var isHexDigit: Bool { isDigit || (self | 0x20 >= 0x61 && self | 0x20 <= 0x66) }
    var isLetter: Bool { self | 0x20 >= 0x61 && self | 0x20 <= 0x7A }
    var isLowercaseLetter: Bool { self >= 0x61 && self <= 0x7A }
}
