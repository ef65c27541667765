/// A token of an identity provider, changed at STS into keys of a role: what Kubernetes gives a pod with a service account (IRSA).
///
/// AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and, optional, AWS_ROLE_SESSION_NAME. The token file is rotated, so it is read for each call.
struct WebIdentitySource: CredentialSource {
    let inputs: CredentialInputs
    let settings: CredentialSettings

    var name: String { "web identity" }

    func load(watching stamps: inout [FileStamp]) async throws(CredentialError) -> SourceAnswer {
        guard let path = inputs.variable("AWS_WEB_IDENTITY_TOKEN_FILE") else {
            return .notApplicable("AWS_WEB_IDENTITY_TOKEN_FILE is not set")
        }
        guard let arn = inputs.variable("AWS_ROLE_ARN") else {
            throw CredentialError(
                .invalid, "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not.", remedy: "Set both, or neither.")
        }
        let role = SecurityTokenService.Role(arn: arn, sessionName: inputs.variable("AWS_ROLE_SESSION_NAME"))
        let service = SecurityTokenService(inputs: inputs, settings: settings)
        return .found(try await Self.load(path, role, service, source: "web identity"))
    }

    static func load(
        _ path: String, _ role: SecurityTokenService.Role, _ service: SecurityTokenService, source: String
    ) async throws(CredentialError) -> Credentials {
        // The token is only needed for the call: a new one does not make the keys wrong, so the file is not watched.
        var ignored: [FileStamp] = []
        let path = service.inputs.expand(path)
        guard let token = try service.inputs.token(of: path, "The web identity token file", watching: &ignored) else {
            throw CredentialError(
                .invalid, "The web identity token file \(quoted(path)) does not exist.",
                remedy: "Check the path and whether the token is mounted.", isRetryable: true)
        }
        return try await service.assume(role, webIdentity: token, source: source)
    }
}
