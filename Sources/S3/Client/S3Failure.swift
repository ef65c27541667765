/// Why a call did not succeed, after all its tries.
package struct S3Failure: Error, Sendable {
    /// What kind of problem it is.
    package enum Kind: Sendable {
        /// The service refused: status, S3's code (empty where it gave none) and message.
        case service(status: Int, code: String, message: String)
        /// There was no usable answer.
        case transport(TransportError)
        /// There are no keys to sign with.
        case credentials(CredentialError)
    }

    package let kind: Kind
    package let operation: S3Operation
    package let key: String?
    /// Tries in all.
    package let tries: Int
    /// Whether any try may have had its effect without our hearing of it.
    package let isUncertain: Bool
    /// Names the call in the service's own log.
    package let requestID: String?

    /// S3's code, empty for none.
    package var code: String {
        if case .service(_, let code, _) = kind { code } else { "" }
    }

    /// The HTTP status, 0 without an answer.
    package var status: Int {
        if case .service(let status, _, _) = kind { status } else { 0 }
    }

    package var isCancelled: Bool {
        switch kind {
        case .transport(let error): error.code == .cancelled
        case .credentials(let error): error.code == .cancelled
        case .service: false
        }
    }
}

/// An error of the service, as its answer tells it.
struct ServiceError: Sendable {
    let status: Int
    let code: String
    let message: String
    let requestID: String?
    /// Where `<Region>` or `x-amz-bucket-region` names one.
    let region: String?

    init(_ response: TransportResponse) {
        let root = XMLNode(parsing: response.body)
        // STS wraps its error in a response.
        let node = root?.name == "Error" ? root : root?.first("Error")
        status = response.status
        var code = node?.value("Code") ?? ""
        if code.isEmpty {
            // Answers to HEAD have no body, and gateways forget theirs.
            code =
                [403: "AccessDenied", 409: "OperationAborted", 412: "PreconditionFailed", 416: "InvalidRange", 501: "NotImplemented"][
                    status] ?? ""
        }
        self.code = String(code.prefix(64))
        message = Self.plain(node?.value("Message") ?? "")
        requestID = (node?.value("RequestId") ?? response.header("x-amz-request-id")).map(Self.plain)
        region = (node?.value("Region") ?? response.header("x-amz-bucket-region")).flatMap { Self.isRegion($0) ? $0 : nil }
    }

    /// What a call came to, once a retry was no cure or not allowed.
    var kind: S3Failure.Kind { .service(status: status, code: code, message: message) }

    /// Why a retry may help, or nil where it will not (X9).
    var retryCause: RetryPolicy.Cause? {
        switch code {
        case "SlowDown", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
            "TooManyRequests", "TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "PriorRequestNotComplete":
            return .throttled
        case "InternalError", "ServiceUnavailable", "RequestTimeout", "RequestTimeoutException", "OperationAborted",
            "ConditionalRequestConflict",
            // What arrived is not what was sent: something on the way changed or cut it.
            "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "XAmzContentChecksumMismatch", "InvalidDigest":
            return .transient
        default: break
        }
        return switch status {
        case 429: .throttled
        case 408, 500, 502, 503, 504: .transient
        default: nil
        }
    }

    /// Whether the call may have had its effect all the same.
    var isUncertain: Bool { status >= 500 && retryCause == .transient && status != 501 }

    private static func isRegion(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "-") }
    }

    /// Text from outside, safe on one line.
    private static func plain(_ text: String) -> String {
        String(text.prefix(300).map { $0.isNewline || $0.asciiValue.map { $0 < 32 || $0 == 127 } ?? false ? " " : $0 })
    }
}
