import Core

/// The two calls of AWS STS that hand out temporary keys for a role (API version 2011-06-15, query protocol, XML answers).
struct SecurityTokenService: Sendable {
    /// A role to become.
    struct Role: Sendable {
        var arn: String
        var sessionName: String?
        var externalID: String?
        /// Text, checked by the service: 900 ... 43200.
        var durationSeconds: String?
    }

    let inputs: CredentialInputs
    let settings: CredentialSettings
    /// Of a profile; the environment's goes before it.
    var profileRegion: String?

    var region: String {
        inputs.variable("AWS_REGION") ?? inputs.variable("AWS_DEFAULT_REGION") ?? profileRegion ?? settings.region ?? "us-east-1"
    }

    /// `AssumeRoleWithWebIdentity`: the token is the proof, so the request is not signed.
    func assume(_ role: Role, webIdentity token: Secret, source: String) async throws(CredentialError) -> Credentials {
        let request = try request("AssumeRoleWithWebIdentity", role, [("WebIdentityToken", token.revealed)])
        return try await answer(to: request, "AssumeRoleWithWebIdentity", secrets: [token], source: source)
    }

    /// `AssumeRole`, signed with `credentials`.
    func assume(_ role: Role, with credentials: Credentials, source: String) async throws(CredentialError) -> Credentials {
        guard let signer = inputs.signer else {
            throw CredentialError(
                .invalid, "Roles cannot be assumed here: requests to STS cannot be signed.", remedy: "Use another source.")
        }
        let request = try request("AssumeRole", role, [])
        let signed = try signer(request, credentials, SigningScope(service: "sts", region: region))
        let secrets = [credentials.secretAccessKey] + (credentials.sessionToken.map { [$0] } ?? [])
        return try await answer(to: signed, "AssumeRole", secrets: secrets, source: source)
    }

    private func request(_ action: String, _ role: Role, _ more: [(String, String)]) throws(CredentialError) -> HTTPFetchRequest {
        let optional = [("ExternalId", role.externalID), ("DurationSeconds", role.durationSeconds)]
        let fields =
            [
                ("Action", action), ("Version", "2011-06-15"), ("RoleArn", role.arn),
                ("RoleSessionName", role.sessionName ?? "fleetsynth"),
            ] + optional.compactMap { name, value in value.map { (name, $0) } } + more
        return HTTPFetchRequest(
            method: "POST", url: try endpoint().appending("/"),
            headers: [("content-type", "application/x-www-form-urlencoded; charset=utf-8"), ("accept", "application/xml")],
            body: FormText.body(fields))
    }

    private func endpoint() throws(CredentialError) -> EndpointURL {
        try inputs.endpoint(
            of: "STS", variable: "AWS_ENDPOINT_URL_STS", region: region, settings: settings,
            standard: { "https://sts.\(region).\($0)" })
    }

    private func answer(
        to request: HTTPFetchRequest, _ action: String, secrets: [Secret], source: String
    ) async throws(CredentialError) -> Credentials {
        let place = "STS (\(action))"
        let response = try await inputs.fetch(request, from: place) { response in
            response.status == 429 || response.status >= 500 || (response.status >= 400 && Self.isTransient(Self.errorCode(response)))
        }
        guard response.status == 200 else { throw Self.error(response, place, secrets) }
        let remedy = "Check the endpoint of STS: its answer is not what STS writes."
        guard let document = XMLNode(parsing: response.body) else {
            throw CredentialError(.invalid, "\(place) answered with text that is no XML.", remedy: remedy, isRetryable: true)
        }
        let prefix = "\(action)Response/\(action)Result/Credentials/"
        // Temporary keys always have an end and a token; without them they would be used for ever, or refused.
        guard let expiration = document.text(at: prefix + "Expiration").flatMap({ ServiceTime.seconds($0) }),
            let token = document.text(at: prefix + "SessionToken"), !token.isEmpty
        else {
            throw CredentialError(.invalid, "\(place) answered without a session token or its end.", remedy: remedy)
        }
        return try Credentials.checked(
            id: document.text(at: prefix + "AccessKeyId"), secret: document.text(at: prefix + "SecretAccessKey"), token: token,
            expiration: expiration, source: source, remedy: remedy)
    }

    private static func errorCode(_ response: HTTPFetchResponse) -> String {
        XMLNode(parsing: response.body)?.text(at: "ErrorResponse/Error/Code") ?? ""
    }

    private static func isTransient(_ code: String) -> Bool {
        ["Throttling", "ThrottlingException", "RequestLimitExceeded", "IDPCommunicationError", "RequestTimeout", "ServiceUnavailable"]
            .contains(code)
    }

    private static func error(_ response: HTTPFetchResponse, _ place: String, _ secrets: [Secret]) -> CredentialError {
        let code = errorCode(response)
        let message = XMLNode(parsing: response.body)?.text(at: "ErrorResponse/Error/Message") ?? ""
        let detail = code.isEmpty ? "" : "\(scrubbed(code, of: secrets, limit: 64)): \(scrubbed(message, of: secrets))."
        let problem = CredentialInputs.refused(
            response, place, detail: detail, remedy: "Check the role's name, its trust policy and the identity that asks for it.")
        if isTransient(code) { return CredentialError(.unavailable, problem.sentence, remedy: problem.remedy) }
        // A token file is renewed by whoever wrote it, so an old token is worth another look later.
        guard code == "ExpiredTokenException" || code == "ExpiredToken" else { return problem }
        return CredentialError(.expired, problem.sentence, remedy: "Renew the token or the keys that ask for the role.", isRetryable: true)
    }
}

extension CredentialInputs {
    /// The endpoint of a service: AWS_ENDPOINT_URL_<service>, AWS_ENDPOINT_URL, or AWS's own.
    ///
    /// - Parameter standard: The URL for a domain, `amazonaws.com` or that of the region's partition.
    func endpoint(
        of service: String, variable name: String, region: String, settings: CredentialSettings, standard: (String) -> String
    ) throws(CredentialError) -> EndpointURL {
        let ignores = variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.lowercased() == "true"
        let named = ignores ? nil : [name, "AWS_ENDPOINT_URL"].first { variable($0) != nil }
        guard region.utf8.allSatisfy({ (48...57).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "-") }), !region.isEmpty
        else {
            throw CredentialError(.invalid, "\(quoted(region)) is no region.", remedy: "Use a name such as eu-west-1.")
        }
        let text = named.flatMap { variable($0) } ?? standard(region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com")
        guard let url = EndpointURL(text), !url.rest.contains("?") else {
            throw CredentialError(
                .invalid, "\(named ?? service) is no URL such as https://host:port.",
                remedy: "Mend it, or unset it to use AWS's own endpoint.")
        }
        guard url.isSecure || url.isLoopback || settings.allowsPlainHTTP else {
            throw CredentialError(
                .invalid, "\(named ?? service) is plain http, and tokens would cross the network in clear text.",
                remedy: "Use https, or set storage.allow_http: true if the network is trusted.")
        }
        return url
    }
}
