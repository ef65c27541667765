/// Finds the first place at which bytes are not text that YAML can be, so that a message can point at it: libyaml reads ahead, and its own
/// complaints about characters have no place.
enum TextCheck {
    /// Index of the first byte of the first ill-formed sequence, or nil. Linear in the bytes.
    static func firstInvalidOffset(in bytes: ArraySlice<UInt8>) -> Int? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] < 0x80 {
                index += 1
                continue
            }
            let length = bytes[index] >= 0xF0 ? 4 : bytes[index] >= 0xE0 ? 3 : 2
            let end = index + length
            guard end <= bytes.endIndex, String(validating: bytes[index..<end], as: UTF8.self)?.unicodeScalars.count == 1 else {
                return index
            }
            index = end
        }
        return nil
    }

    /// The first character outside YAML 1.1's printable ones (section 5.1), with its offset.
    ///
    /// - Parameter bytes: UTF-8.
    static func firstForbiddenCharacter(in bytes: ArraySlice<UInt8>) -> (offset: Int, Unicode.Scalar)? {
        let text = String(decoding: bytes, as: UTF8.self)
        let scalars = text.unicodeScalars
        let isAllowed = { (scalar: Unicode.Scalar) in
            scalar == "\n" || scalar == "\r" || scalar == "\t" || scalar.value == 0x85 || scalar.value == 0x2028 || scalar.value == 0x2029
                || scalar.isPlainInYAML
        }
        guard let index = scalars.firstIndex(where: { !isAllowed($0) }) else { return nil }
        return (bytes.startIndex + text.utf8.distance(from: text.startIndex, to: index), scalars[index])
    }

    /// Line and column of the byte at `offset`, everything before it being UTF-8.
    static func place(of offset: Int, in bytes: ArraySlice<UInt8>) -> Document.Place {
        let before = Array(bytes[..<offset])
        var line = 1
        var lineStart = 0
        var index = 0
        while index < before.count {
            let length = SourceExcerpts.breakLength(before, index)
            index += max(length, 1)
            if length > 0 {
                line += 1
                lineStart = index
            }
        }
        let column = String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1
        return Document.Place(line: line, column: column, endLine: line, endColumn: column + 1)
    }
}
