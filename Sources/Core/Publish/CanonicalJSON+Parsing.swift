extension CanonicalJSON {
    /// Where and why a text is not JSON.
    package struct ParseError: Error, Hashable, Sendable {
        /// Bytes before the problem.
        package let offset: Int
        package let problem: String
    }

    /// Reads any JSON text: bounded nesting, no duplicate members, no invalid UTF-8.
    package init(parsing bytes: [UInt8]) throws(ParseError) {
        var parser = Parser(bytes: bytes)
        self = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.error("text after the value") }
    }
}

private struct Parser {
    static let maximumDepth = 64
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    func error(_ problem: String) -> CanonicalJSON.ParseError { CanonicalJSON.ParseError(offset: position, problem: problem) }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func value(depth: Int) throws(CanonicalJSON.ParseError) -> CanonicalJSON {
        guard depth <= Self.maximumDepth else { throw error("nested more than \(Self.maximumDepth) levels deep") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw error("the text ends too early")
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: CanonicalJSON) throws(CanonicalJSON.ParseError) -> CanonicalJSON {
        guard bytes[position...].starts(with: word.utf8) else { throw error("no value") }
        position += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(CanonicalJSON.ParseError) -> CanonicalJSON {
        var members: [String: CanonicalJSON] = [:]
        position += 1
        skipSpace()
        if take("}") { return .object([:]) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("a member's name is missing") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw error("':' is missing") }
            guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else {
                throw error("the member '\(name)' is there twice")
            }
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("',' or '}' is missing") }
        }
    }

    private mutating func array(depth: Int) throws(CanonicalJSON.ParseError) -> CanonicalJSON {
        var values: [CanonicalJSON] = []
        position += 1
        skipSpace()
        if take("]") { return .array([]) }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return .array(values) }
            guard take(",") else { throw error("',' or ']' is missing") }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func number() throws(CanonicalJSON.ParseError) -> CanonicalJSON {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(CanonicalJSON.ParseError) {
        let start = position
        while let byte = next, (48...57).contains(byte) { position += 1 }
        guard position > start else { throw error("no value") }
    }

    private mutating func string() throws(CanonicalJSON.ParseError) -> String {
        position += 1
        let start = position
        while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
        // Nearly every text ends before it has an escape.
        var text = bytes[start..<position]
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else { throw error("the text is not UTF-8") }
                return result
            case UInt8(ascii: "\\"): text += String(try escape()).utf8
            case 0..<0x20: throw error("a control character inside a text")
            default: text.append(byte)
            }
        }
        throw error("the text ends too early")
    }

    private mutating func escape() throws(CanonicalJSON.ParseError) -> Unicode.Scalar {
        guard let byte = next else { throw error("the text ends too early") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try hexUnit()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            guard (0xD800..<0xDC00).contains(unit), take("\\"), take("u") else { throw error("half a surrogate pair") }
            let low = try hexUnit()
            guard (0xDC00..<0xE000).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            else { throw error("half a surrogate pair") }
            return scalar
        default: throw error("an unknown escape")
        }
    }

    private mutating func hexUnit() throws(CanonicalJSON.ParseError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("the text ends too early") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw error("an unknown escape") }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }
}
