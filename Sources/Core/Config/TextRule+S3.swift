/// Texts about S3.
extension TextRule {
    /// Something opaque that goes into a header: a key's id, a profile's name.
    static let token = TextRule(
        title: "text", expected: "1 to 256 printable characters of ASCII", pattern: "^[!-~]([ -~]*[!-~])?$", maximumBytes: 256
    ) { text in
        if text.isEmpty { return Complaint("the text is empty") }
        if text.utf8.first == 32 || text.utf8.last == 32 { return Complaint("\(Quoting.quoted(text)) starts or ends with a space") }
        return text.utf8.allSatisfy { (32...126).contains($0) } ? nil : Complaint("\(Quoting.quoted(text)) is not all printable ASCII")
    }

    static let accountID = TextRule(
        title: "account", expected: "the twelve digits of an account, in quotes", pattern: "^[0-9]{12}$", maximumBytes: 12
    ) {
        text in
        text.utf8.count == 12 && text.utf8.allSatisfy(\.isDigit) ? nil : Complaint("\(Quoting.quoted(text)) is not twelve digits")
    }

    /// The name of a file in $CREDENTIALS_DIRECTORY.
    static let credentialName = TextRule(
        title: "name", expected: "letters, digits, dots, hyphens and underscores, no dot first",
        pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$",
        maximumBytes: 64
    ) { text in
        if text.isEmpty { return Complaint("the name is empty") }
        if text.utf8.first == UInt8(ascii: ".") { return Complaint("\(Quoting.visible(text)) starts with a dot") }
        return foreignCharacter(in: text) { $0.isLetter || $0.isDigit || "._-".utf8.contains($0) }
    }

    static let tagValue = TextRule(
        title: "text", expected: "at most 256 letters, digits, spaces and _.:/=+@-", pattern: ConfigValidator.tagPattern, maximumBytes: 256
    ) { text in
        ConfigValidator.tagComplaint(text, 0...256, "value").map { Complaint($0) }
    }

    static let partSize = TextRule(
        title: "bytes", expected: "a number of bytes from 5MiB to 1GiB, such as 8MiB", pattern: "^[1-9][0-9]{0,9}(B|KiB|MiB|GiB)?$",
        maximumBytes: 16
    ) { text in
        guard let bytes = ByteCountText.bytes(text) else { return Complaint("\(Quoting.quoted(text)) is no number of bytes") }
        if bytes < 5 << 20 { return Complaint("\(text) is below 5MiB, which S3 refuses") }
        return bytes > 1 << 30 ? Complaint("\(text) is above 1GiB") : nil
    }
}

/// Numbers of bytes as configs write them: `5242880`, `8MiB`.
enum ByteCountText {
    /// Nil for any other form, and for more than a machine word holds.
    static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard (1...10).contains(digits.utf8.count), digits.first != "0", let number = Int(digits),
            let shift = ["": 0, "B": 0, "KiB": 10, "MiB": 20, "GiB": 30][text[digits.endIndex...]]
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : bytes
    }
}
