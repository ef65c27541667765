import Hummingbird

/// The parameters of a request's query, each known and in range; anything else is refused by name.
struct Query {
    private let values: [String: String]

    /// - Parameter known: Names that the route takes.
    init(_ request: Request, known: Set<String>) throws(WebProblem) {
        var values: [String: String] = [:]
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Form.decode(parts[0]), let value = Form.decode(parts.count > 1 ? parts[1] : "") else {
                throw WebProblem(.badRequest, "bad-request", "The query is not percent-encoded text.")
            }
            guard known.contains(name), values[name] == nil else {
                throw WebProblem(
                    .badRequest, "bad-request",
                    known.isEmpty
                        ? "This takes no query."
                        : "The query takes \(known.sorted().joined(separator: " and ")), each once, and nothing else.")
            }
            values[name] = value
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name] }

    /// A whole number in a range.
    func number(_ name: String, in range: ClosedRange<Int>) throws(WebProblem) -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), String(number) == text, range.contains(number) else {
            throw WebProblem(.badRequest, "bad-request", "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}

/// Texts as forms and paths write them.
enum Form {
    /// The fields of an `application/x-www-form-urlencoded` body; the first of each name.
    static func fields(_ body: ByteBuffer) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in String(buffer: body).split(separator: "&").prefix(20) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = decode(parts[0]), let value = decode(parts[1]), fields[name] == nil else { continue }
            fields[name] = value
        }
        return fields
    }

    /// Percent-decoded text with `+` for spaces; nil where it is no text.
    static func decode(_ text: Substring) -> String? { percentDecode(text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }) }

    /// Percent-decoded text of a path; nil where it is no text.
    static func decode(path text: String) -> String? { percentDecode(Array(text.utf8)) }

    private static func percentDecode(_ text: [UInt8]) -> String? {
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: "%") else {
                bytes.append(text[index])
                index += 1
                continue
            }
            guard index + 2 < text.count, let high = digit(text[index + 1]), let low = digit(text[index + 2]) else { return nil }
            bytes.append(high << 4 | low)
            index += 3
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }

    /// One component of a path, percent-encoded.
    static func encode(_ component: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in component.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
