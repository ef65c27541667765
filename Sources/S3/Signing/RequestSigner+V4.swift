import Core
import NIOCore

/// Signs the small requests of credential sources.
enum FetchSigning {
    /// A signer that reads the time from `now`, in Unix seconds.
    static func signer(now: @escaping @Sendable () -> Int64) -> RequestSigner {
        { (request: HTTPFetchRequest, credentials: Credentials, scope: SigningScope) throws(CredentialError) -> HTTPFetchRequest in
            guard let url = EndpointURL(request.url) else {
                throw CredentialError(.invalid, "The address of \(scope.service) is no URL.", remedy: "Check the endpoint's variable.")
            }
            let path = url.rest.prefix { $0 != "?" }
            let query = url.rest.dropFirst(path.count).dropFirst().split(separator: "&").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                    URIEncoding.decode(String($0)) ?? ""
                }
                return (name: parts[0], value: parts.count == 2 ? parts[1] : "")
            }
            let host = url.host.contains(":") ? "[\(url.host)]" : url.host
            let isStandard = url.port == nil || url.port == (url.isSecure ? 443 : 80)
            let time = SigningTime(seconds: now())
            let hash = Payload(request.body).hex
            var signed = request
            signed.headers.removeAll { ["host", "x-amz-date", "authorization"].contains($0.name) }
            signed.headers += [("host", isStandard ? host : "\(host):\(url.port ?? 0)"), ("x-amz-date", time.stamp)]
            if let token = credentials.sessionToken { signed.headers.append(("x-amz-security-token", token.revealed)) }
            let signature = SignatureV4(
                SignableRequest(
                    method: request.method, path: path.isEmpty ? "/" : URIEncoding.decode(String(path)) ?? "/", query: query,
                    headers: signed.headers, payloadHash: hash),
                keyID: credentials.accessKeyID, secret: credentials.secretAccessKey,
                scope: .init(region: scope.region, service: scope.service), time: time)
            signed.headers.append(("authorization", signature.authorization))
            return signed
        }
    }
}
