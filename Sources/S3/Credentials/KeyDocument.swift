import Core

/// Keys as JSON, in the forms that files, processes, containers and instances use.
enum KeyDocument {
    /// - Parameters:
    ///   - what: Names the document in errors: `the answer of the container's credential endpoint`.
    ///   - remedy: Goes with errors about the content.
    static func object(_ bytes: [UInt8], _ what: String, remedy: String) throws(CredentialError) -> CanonicalJSON {
        let document: CanonicalJSON
        do {
            document = try CanonicalJSON(parsing: bytes)
        } catch {
            // The place only: the text around it may be a secret.
            throw CredentialError(.invalid, "\(what) is no valid JSON (byte \(error.offset)).", remedy: remedy)
        }
        guard case .object = document else { throw CredentialError(.invalid, "\(what) is no JSON object.", remedy: remedy) }
        return document
    }

    /// Credentials of an object; the names are tried in order, case counts.
    static func credentials(_ document: CanonicalJSON, source: String, remedy: String) throws(CredentialError) -> Credentials {
        func member(_ names: String...) -> String? { names.lazy.compactMap { document[$0]?.string }.first }
        var expiration: Int64?
        if let value = document["Expiration"], value != .null, value.string != "" {
            guard let seconds = value.string.flatMap({ ServiceTime.seconds($0) }) else {
                throw CredentialError(
                    .invalid, "The Expiration of source \(source) is no time such as 2026-01-31T06:05:04Z.", remedy: remedy)
            }
            expiration = seconds
        }
        return try Credentials.checked(
            id: member("AccessKeyId", "aws_access_key_id", "AWS_ACCESS_KEY_ID"),
            secret: member("SecretAccessKey", "aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
            token: member("Token", "SessionToken", "aws_session_token", "AWS_SESSION_TOKEN"),
            expiration: expiration, source: source, remedy: remedy)
    }
}
