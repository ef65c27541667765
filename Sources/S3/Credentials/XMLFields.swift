/// The texts of a small XML answer by their place: `AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId`.
///
/// Enough for the answers of STS and no more: elements, attributes (skipped), the five entities and character references, comments, CDATA and one
/// declaration. A document type is refused, so no entity can be defined or expanded. Bounded by the response's size and by depth.
package enum XMLFields {
    /// Deepest nesting of elements.
    static let maximumDepth = 32

    /// - Returns: nil if the text is not well-formed. Of elements with the same place the first counts.
    package static func parse(_ bytes: [UInt8]) -> [String: String]? {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var reader = Reader(bytes: bytes)
        return reader.document()
    }
}

private struct Reader {
    let bytes: [UInt8]
    var position = 0
    var path: [String] = []
    var texts: [[UInt8]] = []
    var fields: [String: String] = [:]
    var hasRoot = false

    init(bytes: [UInt8]) { self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes }

    mutating func document() -> [String: String]? {
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "<") ? markup() : text() else { return nil }
        }
        return path.isEmpty && hasRoot ? fields : nil
    }

    private func sees(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    /// The bytes up to `end`, which is passed over; nil if it does not come.
    private mutating func upTo(_ end: StaticString) -> ArraySlice<UInt8>? {
        let start = position
        while position < bytes.count {
            if sees(end) {
                defer { position += end.utf8CodeUnitCount }
                return bytes[start..<position]
            }
            position += 1
        }
        return nil
    }

    private mutating func markup() -> Bool {
        if sees("<!--") { return upTo("-->") != nil }
        if sees("<?") { return upTo("?>") != nil }
        if sees("<![CDATA[") {
            position += 9
            guard let body = upTo("]]>"), !path.isEmpty else { return false }
            texts[texts.count - 1] += body
            return true
        }
        if sees("<!") { return false }
        return sees("</") ? end() : start()
    }

    private mutating func name() -> String? {
        let start = position
        while position < bytes.count, Self.isNameByte(bytes[position]) { position += 1 }
        guard position > start, position - start <= 128 else { return nil }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        // The prefix of a name space tells nothing here.
        return name.split(separator: ":").last.map { String($0) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (48...58).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte >= 128 || byte == 0x2D || byte == 0x2E
            || byte == 0x5F
    }

    private mutating func start() -> Bool {
        position += 1
        guard let name = name(), path.count < XMLFields.maximumDepth, !(path.isEmpty && hasRoot) else { return false }
        hasRoot = true
        var quote: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "<") {
                return false
            } else if byte == UInt8(ascii: ">") {
                path.append(name)
                texts.append([])
                return bytes[position - 2] == UInt8(ascii: "/") ? close() : true
            }
        }
        return false
    }

    private mutating func end() -> Bool {
        position += 2
        guard let name = name(), name == path.last, let rest = upTo(">") else { return false }
        return rest.allSatisfy { $0 <= 0x20 } && close()
    }

    private mutating func close() -> Bool {
        let place = path.joined(separator: "/")
        if fields[place] == nil, let text = texts.last { fields[place] = String(decoding: text, as: UTF8.self) }
        path.removeLast()
        texts.removeLast()
        return true
    }

    private mutating func text() -> Bool {
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            var piece: [UInt8] = [bytes[position]]
            if bytes[position] == UInt8(ascii: "&") {
                guard let reference = reference() else { return false }
                piece = Array(String(reference).utf8)
            } else {
                position += 1
            }
            if path.isEmpty {
                guard piece.allSatisfy({ $0 <= 0x20 }) else { return false }
            } else {
                texts[texts.count - 1] += piece
            }
        }
        return true
    }

    private mutating func reference() -> Character? {
        position += 1
        guard let body = upTo(";"), body.count <= 10 else { return nil }
        switch String(decoding: body, as: UTF8.self) {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        case let number where number.hasPrefix("#x"):
            return UInt32(number.dropFirst(2), radix: 16).flatMap { Unicode.Scalar($0) }.map { Character($0) }
        case let number where number.hasPrefix("#"): return UInt32(number.dropFirst()).flatMap { Unicode.Scalar($0) }.map { Character($0) }
        default: return nil
        }
    }
}
