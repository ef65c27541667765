/// A canonical JSON object that carries the hash of itself: how manifests and pointers notice a changed byte.
///
/// ```
/// { "checksum": "sha256:..", everything else }     checksum = SHA-256 of the canonical text without the member `checksum`
/// ```
struct SealedJSON {
    let bytes: [UInt8]

    /// Adds the checksum. The members are written once: their text is hashed, and the checksum's line then put where its name belongs.
    init(_ members: [String: CanonicalJSON]) {
        // `format_version` comes after it.
        var (text, seam) = CanonicalJSON.text(of: members, without: "checksum")
        text.insert(contentsOf: "\n  \"checksum\": \"sha256:\(ContentHash(of: text).hex)\",".utf8, at: seam)
        bytes = text
    }

    /// Checks the version, the canonical form and the checksum.
    ///
    /// - Parameters:
    ///   - path: For the error's sentence.
    ///   - remedy: What to do about damage, for that sentence.
    /// - Returns: The members without the checksum.
    static func open(_ bytes: [UInt8], path: String, newestVersion: Int, remedy: String = StoreError.restoring) throws(StoreError)
        -> FieldReader
    {
        let value: CanonicalJSON
        do {
            value = try CanonicalJSON(parsing: bytes)
        } catch {
            throw StoreError(damaged: path, "it is no JSON, \(error.problem) at byte \(error.offset)", remedy: remedy)
        }
        guard case .object(var members) = value else { throw StoreError(damaged: path, "it is no JSON object", remedy: remedy) }
        // The version comes first: a newer format may have another checksum.
        guard let version = members["format_version"]?.integer(Int.self) else {
            throw StoreError(damaged: path, "it has no format_version", remedy: remedy)
        }
        guard version <= newestVersion else {
            throw StoreError(
                .unknownFormat, .permanent,
                "\(path) has format version \(version), and this program knows none above \(newestVersion). It was left as it is; use the "
                    + "version of fleetsynth that wrote it, or a newer one.")
        }
        // Sealed again they make the same text only if it was canonical and had the right checksum.
        guard members.removeValue(forKey: "checksum") != nil, SealedJSON(members).bytes == bytes else {
            throw StoreError(damaged: path, "its checksum does not fit its content", remedy: remedy)
        }
        return FieldReader(members: members, path: path, remedy: remedy)
    }
}

/// Reads the members of a checked object. A missing one means damage, because the checksum was right only by the same hand.
struct FieldReader {
    let members: [String: CanonicalJSON]
    let path: String
    let remedy: String

    func string(_ name: String) throws(StoreError) -> String { try require(name, members[name]?.string) }

    func integer<Value: FixedWidthInteger>(_ name: String, _ type: Value.Type = Value.self) throws(StoreError) -> Value {
        try require(name, members[name]?.integer(type))
    }

    func hash(_ name: String) throws(StoreError) -> ContentHash { try require(name, ContentHash(hex: string(name))) }

    func moment(_ name: String) throws(StoreError) -> Moment { try require(name, Moment(string(name))) }

    func day(_ name: String) throws(StoreError) -> Day { try require(name, Day(iso: string(name))) }

    func objects(_ name: String) throws(StoreError) -> [FieldReader] {
        var result: [FieldReader] = []
        for value in try require(name, members[name]?.array) {
            guard case .object(let members) = value else { throw damaged(name) }
            result.append(FieldReader(members: members, path: path, remedy: remedy))
        }
        return result
    }

    /// The canonical text of a member that is an object of its own.
    func objectText(_ name: String) throws(StoreError) -> String {
        guard let value = members[name], case .object = value else { throw damaged(name) }
        return String(decoding: value.bytes, as: UTF8.self)
    }

    /// The fields of a member that is an object, or nil where it is null.
    func optionalObject(_ name: String) throws(StoreError) -> FieldReader? {
        switch members[name] {
        case .null: return nil
        case .object(let members): return FieldReader(members: members, path: path, remedy: remedy)
        default: throw damaged(name)
        }
    }

    func require<Value>(_ name: String, _ value: Value?) throws(StoreError) -> Value {
        guard let value else { throw damaged(name) }
        return value
    }

    func damaged(_ name: String) -> StoreError { StoreError(damaged: path, "its member '\(name)' is missing or wrong", remedy: remedy) }
}
