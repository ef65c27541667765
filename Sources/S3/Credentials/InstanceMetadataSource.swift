import Core

/// The role of an EC2 instance, through version 2 of its metadata service. Version 1 needs no token and is never used.
///
/// Settings: AWS_EC2_METADATA_DISABLED, AWS_EC2_METADATA_SERVICE_ENDPOINT, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE (IPv4 or IPv6),
/// AWS_METADATA_SERVICE_TIMEOUT (seconds per request), AWS_METADATA_SERVICE_NUM_ATTEMPTS.
struct InstanceMetadataSource: CredentialSource {
    let inputs: CredentialInputs

    /// Long enough for a busy instance (one second was not), short enough for a machine that is none.
    static let defaultTimeout = 2
    static let defaultAttempts = 3
    /// Of the session token, in seconds: the few requests of one load.
    private static let tokenLifetime = "300"
    private static let place = "The instance metadata service"
    private static let remedy = "Check the instance's role and metadata options; it is tried again with the next request."

    var name: String { "instance metadata" }

    func load(watching stamps: inout [FileStamp]) async throws(CredentialError) -> SourceAnswer {
        if inputs.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() == "true" {
            return .notApplicable("AWS_EC2_METADATA_DISABLED is true")
        }
        let base = try base()
        let timeout = Duration.seconds(try number("AWS_METADATA_SERVICE_TIMEOUT", default: Self.defaultTimeout, 1...60))
        let attempts = try number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", default: Self.defaultAttempts, 1...10)
        let put = HTTPFetchRequest(
            method: "PUT", url: base.appending("/latest/api/token"),
            headers: [("x-aws-ec2-metadata-token-ttl-seconds", Self.tokenLifetime)], timeout: timeout)
        do throws(CredentialError) {
            return try await load(base, put, timeout, attempts)
        } catch {
            // X14: whatever goes wrong here may pass, so every failure may be tried again later.
            throw CredentialError(error.code, error.sentence, remedy: error.remedy, isRetryable: true)
        }
    }

    private func load(
        _ base: EndpointURL, _ put: HTTPFetchRequest, _ timeout: Duration, _ attempts: Int
    ) async throws(CredentialError) -> SourceAnswer {
        let tokenResponse: HTTPFetchResponse
        do {
            tokenResponse = try await inputs.fetch(put, from: Self.place, attempts: attempts)
        } catch {
            // Most machines are no instances: that alone is no failure of a source that is set up.
            guard error.code == .unavailable else { throw error }
            return .notApplicable("the metadata service does not answer", mayAppear: true)
        }
        guard tokenResponse.status == 200 else { throw refused(tokenResponse, "a token") }
        guard let token = Self.plain(tokenResponse.body, 1024) else { throw Self.unreadable("token") }
        return try await role(base, Secret(token), timeout, attempts)
    }

    private func role(
        _ base: EndpointURL, _ token: Secret, _ timeout: Duration, _ attempts: Int
    ) async throws(CredentialError) -> SourceAnswer {
        let path = "/latest/meta-data/iam/security-credentials/"
        func get(_ suffix: String) async throws(CredentialError) -> HTTPFetchResponse {
            let request = HTTPFetchRequest(
                method: "GET", url: base.appending(path + suffix), headers: [("x-aws-ec2-metadata-token", token.revealed)], timeout: timeout
            )
            return try await inputs.fetch(request, from: Self.place, attempts: attempts)
        }
        let names = try await get("")
        if names.status == 404 { return .notApplicable("the instance has no role") }
        guard names.status == 200 else { throw refused(names, "the role's name") }
        let first = names.body.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard let role = Self.plain(Array(first), 128), !role.contains("/"), role != "..", role != "." else {
            throw Self.unreadable("role's name")
        }
        let keys = try await get(FormText.encoded(role))
        guard keys.status == 200 else { throw refused(keys, "the role's keys") }
        let document = try KeyDocument.object(keys.body, "The answer of the instance metadata service", remedy: Self.remedy)
        // The service answers with status 200 and another code while it has no keys.
        if let code = document["Code"]?.string, code != "Success" {
            throw CredentialError(
                .unavailable, "\(Self.place) has no keys for the role: \(scrubbed(code, of: [token], limit: 64)).", remedy: Self.remedy)
        }
        let source = "instance metadata (role \(quoted(role)))"
        let found = try KeyDocument.credentials(document, source: source, remedy: Self.remedy)
        guard found.expiration != nil, found.sessionToken != nil else { throw Self.unreadable("answer: a token or its end is missing") }
        return .found(found)
    }

    private func base() throws(CredentialError) -> EndpointURL {
        let isSix = inputs.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
        let text = inputs.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? (isSix ? "http://[fd00:ec2::254]" : "http://169.254.169.254")
        guard let url = EndpointURL(text), !url.rest.contains("?") else {
            throw CredentialError(
                .invalid, "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL.", remedy: "Use a form such as http://169.254.169.254, or unset it.")
        }
        return url
    }

    private func number(_ name: String, default standard: Int, _ range: ClosedRange<Int>) throws(CredentialError) -> Int {
        guard let text = inputs.variable(name) else { return standard }
        guard let value = Int(text), range.contains(value) else {
            throw CredentialError(
                .invalid, "\(name) is no whole number from \(range.lowerBound) to \(range.upperBound).", remedy: "Mend it, or unset it.")
        }
        return value
    }

    private func refused(_ response: HTTPFetchResponse, _ what: String) -> CredentialError {
        CredentialInputs.refused(response, Self.place, detail: "It was asked for \(what).", remedy: Self.remedy)
    }

    private static func unreadable(_ what: String) -> CredentialError {
        CredentialError(.invalid, "\(place) gave no readable \(what).", remedy: remedy)
    }

    /// Printable ASCII without spaces.
    private static func plain(_ bytes: [UInt8], _ limit: Int) -> String? {
        let body = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        guard (1...limit).contains(body.count), body.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return String(decoding: body, as: UTF8.self)
    }
}
