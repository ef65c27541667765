/// What a source says when it is asked.
enum SourceAnswer: Sendable {
    case found(Credentials)
    /// The source is not set up here; the reason goes into the chain's error. `mayAppear`: it may apply later although nobody acts.
    case notApplicable(String, mayAppear: Bool = false)
}

/// One place where credentials come from.
///
/// A source that is not set up says so and the next one is asked. A source that is set up and fails throws: falling through to another
/// identity would sign with keys that nobody meant.
protocol CredentialSource: Sendable {
    /// Two or three words for errors, logs and `plan`.
    var name: String { get }
    /// - Parameter stamps: Gets the stamps of the files that the answer depends on, missing ones included.
    func load(watching stamps: inout [FileStamp]) async throws(CredentialError) -> SourceAnswer
}

/// Text from outside, safe inside a sentence: one line, bounded, in quotes.
func quoted(_ text: String, limit: Int = 200) -> String {
    let visible = text.unicodeScalars.prefix(limit).map { $0.value < 32 || (127..<160).contains($0.value) ? "?" : String($0) }
    return "'\(visible.joined())\(visible.count < text.unicodeScalars.count ? "..." : "")'"
}

extension CredentialInputs {
    /// Largest file with keys or a token, and largest profile file.
    static let secretFileLimit = 64 * 1024
    static let profileFileLimit = 1024 * 1024

    /// The bytes of a file, nil if there is none.
    /// - Parameter what: Names the file in errors: `the web identity token file`.
    func bytes(
        of path: String, _ what: String, limit: Int = secretFileLimit, watching stamps: inout [FileStamp]
    ) throws(CredentialError) -> [UInt8]? {
        do {
            let (bytes, stamp) = try files.read(path, limit: limit)
            stamps.append(stamp)
            return bytes
        } catch {
            stamps.append(files.stamp(path))
            let place = "\(what) \(quoted(path))"
            switch error {
            case .unreadable(let code):
                throw CredentialError(
                    .denied, "\(place) cannot be read (errno \(code)).", remedy: "Check its owner and mode, and the service's user.")
            case .notRegular: throw CredentialError(.invalid, "\(place) is no regular file.", remedy: "Name the file itself.")
            case .tooLarge(let limit):
                throw CredentialError(
                    .invalid, "\(place) has more than \(limit) bytes.", remedy: "It is probably another file: check the path.")
            }
        }
    }

    /// A file with one token: UTF-8 without white space at its ends; nil if there is no file.
    func token(of path: String, _ what: String, watching stamps: inout [FileStamp]) throws(CredentialError) -> Secret? {
        guard let bytes = try bytes(of: path, what, watching: &stamps) else { return nil }
        let isSpace = { (byte: UInt8) in byte == 0x20 || (9...13).contains(byte) }
        let body = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard !body.isEmpty, body.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CredentialError(
                .invalid, "\(what) \(quoted(path)) does not hold one token in a line.", remedy: "Write the token alone into it.",
                isRetryable: true)
        }
        return Secret(String(decoding: body, as: UTF8.self))
    }
}

extension Credentials {
    /// Credentials of parts that came from outside: only what can stand in a header.
    static func checked(
        id: String?, secret: String?, token: String?, expiration: Int64? = nil, source: String, remedy: String
    ) throws(CredentialError) -> Credentials {
        func isPlain(_ text: String, _ limit: Int) -> Bool {
            (1...limit).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
        func refuse(_ problem: String) -> CredentialError {
            CredentialError(.invalid, "The credentials of source \(source) cannot be used: \(problem).", remedy: remedy)
        }
        guard let id, !id.isEmpty else { throw refuse("the access key id is missing") }
        guard let secret, !secret.isEmpty else { throw refuse("the secret access key is missing") }
        let token = token.flatMap { $0.isEmpty ? nil : $0 }
        // '/' and ',' end the key id in the Authorization header.
        guard isPlain(id, 128), !id.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ",") }) else {
            throw refuse("the access key id has characters that cannot stand in it, or more than 128")
        }
        guard isPlain(secret, 1024) else { throw refuse("the secret access key has white space or other unusual characters") }
        guard token.map({ isPlain($0, 16_384) }) ?? true else {
            throw refuse("the session token has white space or other unusual characters")
        }
        return Credentials(
            accessKeyID: id, secretAccessKey: Secret(secret), sessionToken: token.map { Secret($0) }, expiration: expiration, source: source
        )
    }
}
