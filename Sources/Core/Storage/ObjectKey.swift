/// The name of an object inside its store: a relative path of checked components, `raw/panel.parquet`.
///
/// A key can neither leave its store (`..`, absolute) nor collide with the hidden name of a staged object. Components have at most 200
/// bytes, so that the staged name of a file stays within the 255 bytes of a Linux file name.
public struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The largest number of bytes of a key, the limit of S3.
    public static let maximumBytes = 1024
    /// The largest number of bytes between two slashes.
    public static let maximumComponentBytes = 200

    /// The whole path, without a leading slash.
    public let path: String

    /// - Throws: `StoreError` with code `invalidKey` that says which rule `path` breaks.
    public init(_ path: String) throws(StoreError) {
        if let problem = Self.problem(of: path) { throw StoreError(invalidKey: path, problem) }
        self.path = path
    }

    /// The last component.
    public var name: String { String(path.split(separator: "/").last ?? "") }

    /// Everything before the last slash, empty for a key at the top.
    public var folder: String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(path[..<slash])
    }

    /// Same as `path`.
    public var description: String { path }

    /// Orders by UTF-8 bytes, as S3 lists.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool { left.path.precedesInBytes(right.path) }

    /// Works on bytes: listings ask for every file.
    private static func problem(of path: String) -> String? {
        let bytes = path.utf8
        if bytes.isEmpty { return "it is empty" }
        if bytes.count > maximumBytes { return "it has more than \(maximumBytes) bytes" }
        if bytes.contains(where: { $0 < 32 || $0 == 127 }) { return "it has a control character" }
        if bytes.first == UInt8(ascii: "/") { return "it is absolute" }
        for component in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if component.isEmpty { return "it has an empty component" }
            if component.count > maximumComponentBytes { return "a component has more than \(maximumComponentBytes) bytes" }
            guard component.first == UInt8(ascii: ".") else { continue }
            let name = String(Substring(component))
            if name == "." || name == ".." { return "it has the component \(name)" }
            if StagedName(fileName: name) != nil { return "it has the form of a staged object's name" }
        }
        return nil
    }
}

/// The hidden file name of a staged object: `.{name}.{owner}-{random}.staged`.
///
/// It starts with a dot and ends in `.staged`, so neither a shell's `*.parquet` nor a recursive listing by suffix ever matches it.
struct StagedName: Equatable {
    let name: String
    let token: String

    init(name: String, token: String) {
        self.name = name
        self.token = token
    }

    /// Reads a file name; nil for any other form.
    init?(fileName: String) {
        guard fileName.hasPrefix("."), fileName.hasSuffix(".staged") else { return nil }
        let body = fileName.dropFirst().dropLast(".staged".count)
        guard let dot = body.lastIndex(of: "."), dot != body.startIndex else { return nil }
        let token = String(body[body.index(after: dot)...])
        guard Self.isToken(token) else { return nil }
        name = String(body[..<dot])
        self.token = token
    }

    var fileName: String { ".\(name).\(token).staged" }

    /// A fresh token. Uniqueness is all it is for, so it is the one random number of a run that no seed fixes.
    static func freshToken(owner: String) -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return owner + "-" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// The part of a token that says who staged.
    static func owner(ofToken token: String) -> String { String(Substring(token.utf8.prefix { $0 != UInt8(ascii: "-") })) }

    /// Whether `token` is one that a local store gave: it becomes part of a path, so a stored one is checked.
    static func isToken(_ token: String) -> Bool {
        let parts = token.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[1].utf8.count == 16 && isOwner(String(parts[0])) && isOwner(String(parts[1]))
    }

    static func isOwner(_ text: String) -> Bool {
        (1...16).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
    }
}
