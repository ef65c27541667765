/// Keys in a file that the service manager hands over: `$CREDENTIALS_DIRECTORY/<name>` (LoadCredential of systemd.exec(5)).
///
/// The file is JSON (`{"AccessKeyId": ..., "SecretAccessKey": ..., "SessionToken": ..., "Expiration": ...}`) or lines as in a profile file
/// (`aws_access_key_id = ...`), with or without a section. It is read again when it changes.
struct ExplicitSource: CredentialSource {
    let inputs: CredentialInputs
    /// The file's name.
    let credential: String

    var name: String { "credential file" }

    func load(watching stamps: inout [FileStamp]) async throws(CredentialError) -> SourceAnswer {
        guard let folder = inputs.variable("CREDENTIALS_DIRECTORY") else { return .notApplicable("CREDENTIALS_DIRECTORY is not set") }
        guard (1...255).contains(credential.utf8.count), credential != ".", credential != "..",
            !credential.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
        else {
            throw CredentialError(
                .invalid, "\(quoted(credential)) is not the name of a credential.",
                remedy: "Set storage.credentials_name to a file name without slashes.")
        }
        let path = "\(folder)/\(credential)"
        guard let bytes = try inputs.bytes(of: path, "The credential", watching: &stamps) else {
            return .notApplicable("there is no \(quoted(path))")
        }
        let source = "credential file \(quoted(credential))"
        let remedy = "Write aws_access_key_id and aws_secret_access_key into it, as lines or as JSON."
        let isSpace = { (byte: UInt8) in byte == 0x20 || (9...13).contains(byte) || byte == 0xEF || byte == 0xBB || byte == 0xBF }
        let body = bytes.drop(while: isSpace)
        if body.first == UInt8(ascii: "{") {
            let document = try KeyDocument.object(Array(body), "The credential \(quoted(path))", remedy: remedy)
            return .found(try KeyDocument.credentials(document, source: source, remedy: remedy))
        }
        let values = try lines(bytes, path, remedy: remedy)
        return .found(
            try Credentials.checked(
                id: values["aws_access_key_id"], secret: values["aws_secret_access_key"], token: values["aws_session_token"],
                source: source, remedy: remedy))
    }

    /// The file's only section, or `default` of several.
    private func lines(_ bytes: [UInt8], _ path: String, remedy: String) throws(CredentialError) -> [String: String] {
        let sections: [ProfileSection]
        do {
            sections = try ProfileParser.sections(bytes, allowsBareProperties: true)
        } catch {
            throw CredentialError(.invalid, "The credential \(quoted(path)) cannot be read: \(error).", remedy: remedy)
        }
        guard sections.count <= 1 else {
            if let section = sections.first(where: { $0.header == "default" }) { return section.properties }
            throw CredentialError(
                .invalid, "The credential \(quoted(path)) has several sections and none is [default].", remedy: "Keep one section.")
        }
        return sections.first?.properties ?? [:]
    }
}
