package import NIOCore

/// A request as it goes out, signed.
package struct TransportRequest: Sendable {
    package var method: String
    /// Absolute and encoded.
    package var url: String
    package var headers: [(name: String, value: String)]
    /// Nil for none.
    package var body: ByteBuffer?
    /// Most bytes of the answer's body.
    package var limit: Int
    /// For everything from connecting to the last byte.
    package var timeout: Duration
    /// Operation and key, for a test's double; not sent.
    package var operation: S3Operation
    package var key: String?
}

/// An answer with its whole body.
package struct TransportResponse: Sendable {
    package var status: Int
    /// Names in lower case.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header; the name in lower case.
    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// Why there is no answer.
package struct TransportError: Error, Sendable, Hashable {
    package enum Code: Sendable, Hashable {
        /// No connection was made: the request had no effect.
        case notSent
        /// The connection broke, or time ran out, after the request may have been sent: it may have had its effect.
        case broken
        /// The server's certificate is not trusted, or the handshake failed.
        case untrusted
        /// The answer is larger than asked for.
        case tooLarge
        /// The caller gave up.
        case cancelled
    }

    package let code: Code
    /// A few words for the error's sentence.
    package let reason: String

    /// Whether time ran out.
    package let isTimeout: Bool

    package init(_ code: Code, _ reason: String, isTimeout: Bool = false) {
        self.code = code
        self.reason = reason
        self.isTimeout = isTimeout
    }
}

/// Sends one request and reads its answer: once, without redirects. The tests have doubles that fail on purpose.
package protocol S3Transport: Sendable {
    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse
}
