/// A small HTTP request, as the sources of credentials make them. Its description shows neither query, headers nor body.
public struct HTTPFetchRequest: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `GET`, `PUT` or `POST`.
    public var method: String
    /// Absolute, percent-encoded.
    public var url: String
    /// Names are lower case; order and repetition are kept.
    public var headers: [(name: String, value: String)]
    /// Empty for none.
    public var body: [UInt8]
    /// For the whole exchange, connecting included.
    public var timeout: Duration

    /// - Parameters: as the properties of these names.
    public init(
        method: String, url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [], timeout: Duration = .seconds(10)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }

    /// Compares everything.
    public static func == (left: HTTPFetchRequest, right: HTTPFetchRequest) -> Bool {
        left.method == right.method && left.url == right.url && left.body == right.body && left.timeout == right.timeout
            && left.headers.elementsEqual(right.headers) { $0.name == $1.name && $0.value == $1.value }
    }

    /// Method and URL without its query.
    public var description: String { "\(method) \(url.prefix { $0 != "?" })" }
    /// The same as `description`.
    public var debugDescription: String { description }
    /// No parts: headers and body hold secrets.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What came back, whatever the status. Its description shows the status only.
public struct HTTPFetchResponse: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Largest body in bytes; a longer one is an error.
    public static let bodyLimit = 64 * 1024

    /// The HTTP status; redirects are answers like any other.
    public var status: Int
    /// As they came.
    public var headers: [(name: String, value: String)]
    /// All of it, at most `bodyLimit` bytes.
    public var body: [UInt8]

    /// - Parameters: as the properties of these names.
    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The status.
    public var description: String { "HTTP \(status)" }
    /// The same as `description`.
    public var debugDescription: String { description }
    /// No parts: the body holds secrets.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why there is no response.
public enum HTTPFetchError: Error, Sendable, Equatable {
    /// The time was up.
    case timeout
    /// No connection, or it broke; the text says why and holds no secret.
    case connection(String)
    /// The certificate or the handshake was refused; the text says why.
    case tls(String)
    /// The body is longer than `HTTPFetchResponse.bodyLimit`.
    case tooLarge
    /// The task was cancelled.
    case cancelled
}

/// Sends one request and reads one bounded response: no redirects are followed, no proxy is asked with plain http, nothing is tried twice.
///
/// A redirect would carry tokens to another host, and a proxy would read those of this machine: a client for the sources of credentials must
/// do neither.
public protocol HTTPFetching: Sendable {
    /// - Returns: any response, error statuses included.
    func fetch(_ request: HTTPFetchRequest) async throws(HTTPFetchError) -> HTTPFetchResponse
}
