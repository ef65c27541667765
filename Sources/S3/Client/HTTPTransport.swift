import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Requests over AsyncHTTPClient: HTTP/1.1, TLS, a pool of connections, a time limit on everything (X11).
///
/// The client's threads are the process's own; connections that idle are closed after a minute, so nothing has to be shut down.
package final class HTTPTransport: S3Transport, HTTPFetching {
    private let client: HTTPClient

    /// - Parameters:
    ///   - caFile: PEM file of authorities to trust beside the system's.
    ///   - proxy: Asked to pass on every request: by CONNECT for https, as it is for http.
    /// - Throws: Code `untrusted` for a file that cannot be read.
    package init(caFile: String? = nil, proxy: ProxyAddress? = nil) throws(TransportError) {
        var configuration = HTTPClient.Configuration()
        var tls = TLSConfiguration.makeClientConfiguration()
        if let caFile {
            do {
                tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(caFile))]
            } catch {
                throw TransportError(.untrusted, "\(caFile) holds no certificates in PEM form that can be read")
            }
        }
        configuration.tlsConfiguration = tls
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(30), write: .seconds(30))
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        // A refused connection is an answer: the retries above know how long to wait.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(20)
        configuration.proxy = proxy.map { proxy in
            .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.login.map { .basic(username: $0.user, password: $0.password.revealed) })
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { client.shutdown { _ in } }

    /// Sends one request; see `S3Transport`.
    package func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method)
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        if let body = request.body { outgoing.body = .bytes(body) }
        let end = ContinuousClock.now + request.timeout
        do {
            let response = try await client.execute(outgoing, timeout: .nanoseconds(Int64(request.timeout / .nanoseconds(1))))
            var body: [UInt8] = []
            for try await chunk in response.body {
                guard body.count + chunk.readableBytes <= request.limit else {
                    throw TransportError(.tooLarge, "the answer is larger than \(request.limit) bytes")
                }
                guard ContinuousClock.now < end else { throw TransportError(.broken, "the answer took longer than \(request.timeout)") }
                body += chunk.readableBytesView
            }
            return TransportResponse(
                status: Int(response.status.code), headers: response.headers.map { ($0.name.lowercased(), $0.value) }, body: body)
        } catch {
            throw Self.transportError(error)
        }
    }

    /// Sends one request of a credential source; see `HTTPFetching`.
    package func fetch(_ request: HTTPFetchRequest) async throws(HTTPFetchError) -> HTTPFetchResponse {
        let outgoing = TransportRequest(
            method: request.method, url: request.url, headers: request.headers,
            body: request.body.isEmpty ? nil : ByteBuffer(bytes: request.body), limit: HTTPFetchResponse.bodyLimit,
            timeout: request.timeout,
            operation: .getObject, key: nil)
        do throws(TransportError) {
            let response = try await send(outgoing)
            return HTTPFetchResponse(status: response.status, headers: response.headers, body: response.body)
        } catch {
            switch error.code {
            case .notSent, .broken: throw error.isTimeout ? .timeout : .connection(error.reason)
            case .untrusted: throw .tls(error.reason)
            case .tooLarge: throw .tooLarge
            case .cancelled: throw .cancelled
            }
        }
    }

    private static func transportError(_ error: any Error) -> TransportError {
        switch error {
        case let error as TransportError: return error
        case is CancellationError: return TransportError(.cancelled, "the request was cancelled")
        case let error as HTTPClientError: return clientError(error)
        case let error as NIOConnectionError: return TransportError(.notSent, connectionProblem(error))
        // An address without a name fails to connect with the system's error alone.
        case let error as IOError where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode):
            return TransportError(.notSent, error.errnoCode == ECONNREFUSED ? "it refuses connections" : "it cannot be reached")
        case let error as NIOSSLError:
            if case .handshakeFailed = error { return TransportError(.untrusted, "the TLS handshake failed") }
            return TransportError(.broken, "the TLS connection broke")
        case is NIOSSLExtraError: return TransportError(.untrusted, "the server's certificate does not fit its name")
        default: return TransportError(.broken, "the connection broke (\(type(of: error)))")
        }
    }

    private static func clientError(_ error: HTTPClientError) -> TransportError {
        switch error {
        case .cancelled: TransportError(.cancelled, "the request was cancelled")
        case .connectTimeout: TransportError(.notSent, "no connection within 5 s")
        case .tlsHandshakeTimeout, .httpProxyHandshakeTimeout, .getConnectionFromPoolTimeout:
            TransportError(.notSent, "no connection in time (\(error.shortDescription))")
        case .invalidURL, .emptyHost: TransportError(.notSent, "the address is no URL with a host")
        case .readTimeout: TransportError(.broken, "no answer for 30 s", isTimeout: true)
        case .writeTimeout: TransportError(.broken, "the server took no bytes for 30 s", isTimeout: true)
        case .deadlineExceeded: TransportError(.broken, "no answer in time", isTimeout: true)
        case .remoteConnectionClosed: TransportError(.broken, "the server closed the connection")
        default: TransportError(.broken, "the connection broke (\(error.shortDescription))")
        }
    }

    private static func connectionProblem(_ error: NIOConnectionError) -> String {
        if error.dnsAError != nil || error.dnsAAAAError != nil, error.connectionErrors.isEmpty {
            return "the host \(error.host) cannot be found"
        }
        let refused = error.connectionErrors.contains { ($0.error as? IOError)?.errnoCode == ECONNREFUSED }
        return "\(error.host):\(error.port) \(refused ? "refuses connections" : "cannot be reached")"
    }
}
