/// Lines of a config for messages: the line with its number, and a second line that underlines the place.
struct SourceExcerpts {
    /// Widest part of a line that is shown.
    private static let width = 100

    private let bytes: [UInt8]
    private let lineStarts: [Int]
    /// The line of the last excerpt: a line may be as long as the text, and may have many problems.
    private var last: (line: Int, scalars: [Unicode.Scalar]) = (0, [])

    /// - Parameter bytes: UTF-8, perhaps with errors in it. Lines end as YAML 1.1 ends them: CR, LF, CRLF, NEL, LS, PS.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var starts = [0]
        var index = 0
        while index < bytes.count {
            let length = Self.breakLength(bytes, index)
            index += max(length, 1)
            if length > 0 { starts.append(index) }
        }
        lineStarts = starts
    }

    /// Two lines, `  12 |   base_std: -3` and `     |             ^~`; nil when there is no such line.
    mutating func excerpt(of place: Document.Place) -> String? {
        guard place.line >= 1, place.line <= lineStarts.count else { return nil }
        if last.line != place.line { last = (place.line, scalars(ofLine: place.line)) }
        let scalars = last.scalars
        let first = max(0, min(place.column - 1, scalars.count) - Self.width / 2)
        let shown = scalars.dropFirst(first).prefix(Self.width)
        let endColumn = place.endLine == place.line ? place.endColumn : place.column + 1

        var line = first > 0 ? "..." : ""
        var marker = String(repeating: " ", count: line.utf8.count)
        for (offset, scalar) in shown.enumerated() {
            let column = first + offset + 1
            let visible = Quoting.visible(scalar)
            line += visible
            if column < place.column {
                marker += String(repeating: " ", count: visible.unicodeScalars.count)
            } else if column == place.column {
                marker += "^" + String(repeating: "~", count: visible.unicodeScalars.count - 1)
            } else if column < endColumn {
                marker += String(repeating: "~", count: visible.unicodeScalars.count)
            }
        }
        if first + shown.count < scalars.count { line += "..." }
        if !marker.contains("^") { marker += "^" }
        let number = "\(place.line)"
        let margin = String(repeating: " ", count: max(0, 4 - number.utf8.count)) + number
        let blank = String(repeating: " ", count: margin.utf8.count)
        return "\(margin) | \(line)\n\(blank) | \(marker)"
    }

    private func scalars(ofLine line: Int) -> [Unicode.Scalar] {
        let end = line < lineStarts.count ? lineStarts[line] : bytes.count
        let text = String(decoding: bytes[lineStarts[line - 1]..<end], as: UTF8.self)
        return Self.withoutCredentials(Array(text.unicodeScalars.prefix { !Self.isBreak($0) }))
    }

    /// The line with user names and passwords of URLs as asterisks: excerpts end up in logs.
    private static func withoutCredentials(_ line: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result = line
        var index = 0
        while index + 3 < line.count {
            guard line[index] == ":", line[index + 1] == "/", line[index + 2] == "/" else {
                index += 1
                continue
            }
            let start = index + 3
            let end = line[start...].firstIndex { $0.properties.isWhitespace || $0 == "\"" || $0 == "'" } ?? line.count
            if let at = line[start..<end].lastIndex(of: "@") {
                for position in start..<at { result[position] = "*" }
            }
            index = end
        }
        return result
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\r" || scalar.value == 0x85 || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    /// Bytes of the line break at `index`, 0 when there is none.
    static func breakLength(_ bytes: [UInt8], _ index: Int) -> Int {
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0
        switch bytes[index] {
        case 0x0A: return 1
        case 0x0D: return next == 0x0A ? 2 : 1
        case 0xC2: return next == 0x85 ? 2 : 0
        case 0xE2:
            guard next == 0x80, index + 2 < bytes.count else { return 0 }
            return bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9 ? 3 : 0
        default: return 0
        }
    }
}
