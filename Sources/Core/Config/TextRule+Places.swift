/// Texts that become paths, keys and addresses. All checks look at bytes: a combining mark after a slash must not hide it.
extension TextRule {
    /// Amazon's rules for general purpose buckets (S3 user guide, "Bucket naming rules"); empty for none.
    static let bucket = TextRule(
        title: "bucket", expected: "a bucket name: 3 to 63 lower-case letters, digits, hyphens and dots",
        pattern:
            #"^$|^(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)"#
            + #"(?![0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"#,
        maximumBytes: 63
    ) { text in
        if text.isEmpty { return nil }
        if text.utf8.count < 3 { return Complaint("\(Quoting.quoted(text)) is shorter than 3 characters") }
        let foreign = foreignCharacter(in: text) {
            $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
        if let foreign { return foreign }
        for end in [text.utf8.first, text.utf8.last] where end == UInt8(ascii: ".") || end == UInt8(ascii: "-") {
            return Complaint("\(text) does not start and end with a letter or digit")
        }
        if text.contains("..") { return Complaint("\(text) has two dots in a row") }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 4, parts.allSatisfy({ $0.utf8.allSatisfy(\.isDigit) }) { return Complaint("\(text) looks like an IP address") }
        for prefix in ["xn--", "sthree-", "amzn-s3-demo-"] where text.hasPrefix(prefix) {
            return Complaint("\(text) starts with the reserved \(prefix)")
        }
        for suffix in ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"] where text.hasSuffix(suffix) {
            return Complaint("\(text) ends with the reserved \(suffix)")
        }
        return nil
    }

    /// A folder within the store, `/` at its end. `manifests/` is kept for the records of what was published.
    static let rawPrefix = TextRule(
        title: "folder", expected: "folders ending in /, such as raw/, or nothing; no leading /, no .. or hidden folders, not manifests/",
        pattern: #"^(?!manifests/)((?!\.)[^\u0000-\u001f\u007f-\u009f\u2028\u2029/\\]+/)*$"#, maximumBytes: 512
    ) { text in
        if text.isEmpty { return nil }
        if let complaint = unsafePath(text) { return complaint }
        if text.utf8.last != UInt8(ascii: "/") {
            return Complaint("\(Quoting.visible(text)) does not end in /", remedy: "write \(Quoting.visible(text))/")
        }
        return text.utf8.starts(with: "manifests/".utf8) ? Complaint("manifests/ is kept for the records of what was published") : nil
    }

    /// One character or one placeholder of a template, as a pattern.
    private static let templatePart =
        #"([^\u0000-\u001f\u007f-\u009f\u2028\u2029/\\{}]|\{(dataset|generation|start_date|end_date)\})"#

    /// The template of the panel's file name.
    static let filename = TextRule(
        title: "template", expected: "a relative file name ending in .parquet, with {dataset}, {generation}, {start_date} or {end_date}",
        pattern:
            #"^(?=.*\.parquet$)(?!manifests/)((?!\.)\#(templatePart)+/)*(?!\.)\#(templatePart)+$"#,
        maximumBytes: 200
    ) { text in
        if let complaint = unsafePath(text) { return complaint }
        guard Array(text.utf8).suffix(8).elementsEqual(".parquet".utf8) else {
            return Complaint("\(Quoting.quoted(text)) does not end in .parquet", remedy: "add .parquet")
        }
        if text.utf8.starts(with: "manifests/".utf8) { return Complaint("manifests/ is kept for the records of what was published") }
        return FilenameTemplate.complaint(about: text)
    }

    /// A local folder.
    static let basePath = TextRule(
        title: "folder", expected: "the path of a folder, without .., ~ or variables",
        pattern: #"^(?![~$])(?!\.\.(/|$))(?!.*/\.\.(/|$))[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$"#,
        maximumBytes: 1024
    ) { text in
        if text.isEmpty { return Complaint("the folder is empty", remedy: "write . for the folder the program runs in") }
        if let complaint = controlCharacter(in: text) { return complaint }
        let components = text.utf8.split(separator: UInt8(ascii: "/"))
        if components.contains(where: { $0.elementsEqual("..".utf8) }) {
            return Complaint("\(Quoting.visible(text)) has a .. in it", remedy: "write the folder's own path")
        }
        if text.utf8.first == UInt8(ascii: "~") || text.utf8.first == UInt8(ascii: "$") {
            return Complaint("\(Quoting.visible(text)) would not be expanded", remedy: "write the folder's path in full")
        }
        return nil
    }

    /// The address of an S3 service. Credentials in it would end up in logs and manifests, so no complaint shows the text.
    static let endpoint = TextRule(
        title: "URL", expected: "a URL such as https://s3.example.com:9000 without credentials, path or query",
        pattern: #"^https?://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/?$"#, maximumBytes: 256
    ) { text in
        var rest = Substring(text)
        if rest.hasPrefix("https://") {
            rest = rest.dropFirst(8)
        } else if rest.hasPrefix("http://") {
            rest = rest.dropFirst(7)
        } else {
            return Complaint("the address does not start with https:// or http://")
        }
        if rest.utf8.contains(UInt8(ascii: "@")) {
            return Complaint("the address holds a user name or password", remedy: "give credentials in another way")
        }
        if rest.utf8.last == UInt8(ascii: "/") { rest = rest.dropLast() }
        return isAuthority(rest.utf8) ? nil : Complaint("the address is not a host with an optional port")
    }

    private static func isAuthority(_ text: Substring.UTF8View) -> Bool {
        var host = text
        if let colon = text.lastIndex(of: UInt8(ascii: ":")), text[text.index(after: colon)...].allSatisfy(\.isDigit),
            text.last != UInt8(ascii: "]")
        {
            guard (1...5).contains(text[text.index(after: colon)...].count) else { return false }
            host = text[..<colon]
        }
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") {
            let inner = host.dropFirst().dropLast()
            return !inner.isEmpty && inner.allSatisfy { $0.isHexDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
        }
        guard let first = host.first, let last = host.last else { return false }
        return (first.isLetter || first.isDigit) && (last.isLetter || last.isDigit)
            && host.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// What makes a relative path leave its folder, hide or split in two.
    private static func unsafePath(_ text: String) -> Complaint? {
        if let complaint = controlCharacter(in: text) { return complaint }
        if text.utf8.contains(UInt8(ascii: "\\")) {
            return Complaint("\(Quoting.quoted(text)) contains a backslash", remedy: "write / between folders")
        }
        if text.utf8.first == UInt8(ascii: "/") {
            return Complaint("\(Quoting.visible(text)) starts with /", remedy: "remove the leading /")
        }
        var components = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if components.last?.isEmpty == true { components.removeLast() }
        for component in components {
            if component.isEmpty { return Complaint("\(Quoting.visible(text)) has two / in a row", remedy: "remove one") }
            if component.elementsEqual("..".utf8) {
                return Complaint("\(Quoting.visible(text)) leaves its folder", remedy: "remove the ..")
            }
            if component.first == UInt8(ascii: ".") {
                return Complaint(
                    "\(Quoting.visible(text)) has a part that starts with a dot", remedy: "remove the dot: readers skip hidden files")
            }
            if component.count > 200 {
                return Complaint("a part of \(Quoting.visible(text)) is longer than 200 bytes", remedy: "shorten it")
            }
        }
        return nil
    }
}
