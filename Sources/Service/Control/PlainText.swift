/// Text from outside, made fit for a terminal.
package enum PlainText {
    /// One line without control characters, cut to `limit` columns with an ellipsis.
    package static func line(_ text: String, limit: Int) -> String {
        let plain = String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
        guard width(plain) > limit else { return plain }
        var result = ""
        var columns = 1
        for character in plain {
            columns += width(character)
            if columns > limit { break }
            result.append(character)
        }
        return limit < 1 ? "" : result + "\u{2026}"
    }

    /// Lines without any other control character.
    static func block(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) && $0 != "\n" ? "?" : $0 }))
    }

    /// Columns of a terminal.
    static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

    private static func width(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        // East Asian wide and fullwidth (UAX 11), and pictures.
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// C0, DEL, C1, line and paragraph separators, and the marks that turn the direction of a line.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
