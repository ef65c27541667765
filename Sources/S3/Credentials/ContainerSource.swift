import Core

/// The endpoint that ECS, EKS Pod Identity and Greengrass run beside a container.
///
/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (on 169.254.170.2), or AWS_CONTAINER_CREDENTIALS_FULL_URI with an optional token in
/// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN. Without https only the hosts of the machine itself are asked.
struct ContainerSource: CredentialSource {
    let inputs: CredentialInputs

    private static let place = "The container's credential endpoint"

    var name: String { "container" }

    func load(watching stamps: inout [FileStamp]) async throws(CredentialError) -> SourceAnswer {
        guard let url = try url() else { return .notApplicable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set") }
        let token = try token()
        let headers = [("accept", "application/json")] + (token.map { [("authorization", $0.revealed)] } ?? [])
        let request = HTTPFetchRequest(method: "GET", url: url, headers: headers, timeout: .seconds(5))
        let response = try await inputs.fetch(request, from: Self.place)
        guard response.status == 200 else {
            throw CredentialInputs.refused(response, Self.place, remedy: "Check the task's or pod's role and the token of the endpoint.")
        }
        let remedy = "Check AWS_CONTAINER_CREDENTIALS_FULL_URI: the answer is not what such an endpoint writes."
        let document = try KeyDocument.object(response.body, "The answer of the container's credential endpoint", remedy: remedy)
        return .found(try KeyDocument.credentials(document, source: "container", remedy: remedy))
    }

    private func url() throws(CredentialError) -> String? {
        if let relative = inputs.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard relative.hasPrefix("/"), let url = EndpointURL("http://169.254.170.2" + relative) else {
                throw CredentialError(
                    .invalid, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path.",
                    remedy: "It begins with a slash; for a URL use _FULL_URI.")
            }
            return url.text
        }
        guard let full = inputs.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        guard let url = EndpointURL(full) else {
            throw CredentialError(
                .invalid, "AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL.", remedy: "Use a form such as http://127.0.0.1:8080/role.")
        }
        let isNear = url.isLoopback || ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"].contains { url.isAddress($0) }
        guard url.isSecure || isNear else {
            throw CredentialError(
                .invalid, "AWS_CONTAINER_CREDENTIALS_FULL_URI names the host \(quoted(url.host)) without https.",
                remedy: "Use https, or a loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23].")
        }
        return url.text
    }

    private func token() throws(CredentialError) -> Secret? {
        if let path = inputs.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            // As with web identity: needed for the call only.
            var ignored: [FileStamp] = []
            guard let token = try inputs.token(of: path, "The container's token file", watching: &ignored) else {
                throw CredentialError(
                    .invalid, "The container's token file \(quoted(path)) does not exist.", remedy: "Check the path and its mount.",
                    isRetryable: true)
            }
            return token
        }
        guard let token = inputs.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") else { return nil }
        // A space is fine ("Bearer ..."); a line break would begin another header.
        guard token.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw CredentialError(
                .invalid, "AWS_CONTAINER_AUTHORIZATION_TOKEN has characters that cannot stand in a header.",
                remedy: "Set it without line breaks.")
        }
        return Secret(token)
    }
}
