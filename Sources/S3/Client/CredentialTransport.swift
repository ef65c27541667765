import Synchronization

/// How the sources of credentials are asked: those of this machine and of its neighbourhood (plain http: instance metadata, container) directly,
/// services beyond (https: STS, SSO) through the proxy that the environment names for them, which sees nothing but the host's name.
final class CredentialTransport: HTTPFetching {
    private let environment: [String: String]
    private let caFile: String?
    private let direct: HTTPTransport
    private let proxied = Mutex<HTTPTransport?>(nil)

    /// - Parameter caFile: PEM file of authorities to trust beside the system's.
    init(environment: [String: String], caFile: String?) throws(TransportError) {
        self.environment = environment
        self.caFile = caFile
        direct = try HTTPTransport(caFile: caFile)
    }

    func fetch(_ request: HTTPFetchRequest) async throws(HTTPFetchError) -> HTTPFetchResponse {
        guard request.url.lowercased().hasPrefix("https://") else { return try await direct.fetch(request) }
        let proxy: ProxyAddress?
        do throws(ProxyAddress.Problem) {
            proxy = try ProxyAddress.choose(for: request.url, environment: environment)
        } catch {
            throw .connection(error.description)
        }
        guard let proxy else { return try await direct.fetch(request) }
        return try await transport(proxy).fetch(request)
    }

    /// There is one proxy for https at most, so one transport.
    private func transport(_ proxy: ProxyAddress) throws(HTTPFetchError) -> HTTPTransport {
        if let known = proxied.withLock({ $0 }) { return known }
        do throws(TransportError) {
            let new = try HTTPTransport(caFile: caFile, proxy: proxy)
            proxied.withLock { $0 = new }
            return new
        } catch {
            throw .tls(error.reason)
        }
    }
}
