/// libyaml's complaint in words for people who did not write a YAML parser, and the usual repair.
struct YAMLAdvice {
    let message: String
    let remedy: String

    /// - Parameters:
    ///   - failure: What libyaml says.
    ///   - text: The text it read.
    init(_ failure: YAMLEvents.Failure, text: UnsafeBufferPointer<UInt8>) {
        var message = "this is not YAML: \(failure.message)"
        if let line = failure.contextLine, line != failure.place.line { message += " that starts on line \(line)" }
        self.message = message
        remedy = Self.remedy(for: failure, character: Self.character(at: failure.place, in: text))
    }

    private static func remedy(for failure: YAMLEvents.Failure, character: Unicode.Scalar?) -> String {
        if character == "\t" { return "indent with spaces, not tabs" }
        if failure.message.contains("cannot start any token"), let character {
            return "put a text that starts with \(Quoting.visible(character)) in quotes"
        }
        if failure.message.contains("while scanning an alias") { return "put a text that starts with * in quotes" }
        if failure.message.contains("while scanning an anchor") { return "put a text that starts with & in quotes" }
        if failure.message.contains("mapping values are not allowed") {
            return "indent like the line above, or put a text with \": \" in quotes"
        }
        if failure.message.contains("flow ") { return "close the bracket, and put a comma between its members" }
        if failure.message.contains("quoted scalar") { return "close the quote" }
        if failure.message.contains("could not find expected ':'") { return "write `key: value`, with a space after the colon" }
        return "check indentation, colons and brackets on this line and the one above"
    }

    private static func character(at place: Document.Place, in text: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
        let bytes = Array(text)
        var line = 1
        var index = 0
        while line < place.line, index < bytes.count {
            let length = SourceExcerpts.breakLength(bytes, index)
            index += max(length, 1)
            if length > 0 { line += 1 }
        }
        // Columns count scalars: no more than four bytes each.
        let end = min(bytes.count, index + place.column * 4)
        guard line == place.line, index < end else { return nil }
        let scalars = String(decoding: bytes[index..<end], as: UTF8.self).unicodeScalars
        return scalars.dropFirst(place.column - 1).first
    }
}
