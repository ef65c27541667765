/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary keys, AWS_SESSION_TOKEN.
struct EnvironmentSource: CredentialSource {
    let inputs: CredentialInputs

    var name: String { "environment" }

    func load(watching stamps: inout [FileStamp]) async throws(CredentialError) -> SourceAnswer {
        let id = inputs.variable("AWS_ACCESS_KEY_ID")
        let secret = inputs.variable("AWS_SECRET_ACCESS_KEY")
        guard id != nil || secret != nil else { return .notApplicable("AWS_ACCESS_KEY_ID is not set") }
        let remedy = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY both, or neither."
        return .found(
            try Credentials.checked(
                id: id, secret: secret, token: inputs.variable("AWS_SESSION_TOKEN"), source: "environment", remedy: remedy))
    }
}
