/// One thing that happened between this program and a bucket, for whoever counts.
public struct S3Traffic: Hashable, Sendable {
    /// What happened.
    public enum Event: Hashable, Sendable {
        /// A request goes out.
        case sent
        /// A try failed, or was answered with a refusal. One that was set right at once is a retry only.
        case failed(Kind)
        /// The call is tried again.
        case retried(Cause)
    }

    /// Kinds of failed tries.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// 404: publication looks for what may not be there.
        case notFound = "not_found"
        /// 412: publication writes only what nobody else has written.
        case precondition
        /// 409.
        case conflict
        /// 401 or 403.
        case denied
        /// The service asks for fewer requests.
        case throttled
        /// The service's own failure, in whatever status it came.
        case server
        /// Any other refusal.
        case client
        /// No connection.
        case connect
        /// Time ran out.
        case timeout
        /// The connection broke.
        case broken
        /// The certificate is not trusted.
        case untrusted
        /// The answer is larger than asked for.
        case tooLarge = "too_large"
        /// There are no keys to sign with.
        case credentials
    }

    /// Why a call is tried again.
    public enum Cause: String, Hashable, Sendable, CaseIterable {
        case transient
        case throttled
        /// The bucket's region, the clock's error or newer keys were learnt from a refusal.
        case learnt
    }

    /// By Amazon's name: `PutObject`.
    public let operation: String
    /// What happened.
    public let event: Event

    init(_ operation: S3Operation, _ event: Event) {
        self.operation = operation.rawValue
        self.event = event
    }
}

extension S3Traffic.Kind {
    /// Nil where the caller gave up, which is no failure.
    init?(_ kind: S3Failure.Kind, cause: RetryPolicy.Cause?) {
        switch kind {
        case .credentials(let error):
            guard error.code != .cancelled else { return nil }
            self = .credentials
        case .transport(let error):
            switch error.code {
            case .cancelled: return nil
            case .notSent: self = error.isTimeout ? .timeout : .connect
            case .broken: self = error.isTimeout ? .timeout : .broken
            case .untrusted: self = .untrusted
            case .tooLarge: self = .tooLarge
            }
        case .service(let status, _, _):
            switch (cause, status) {
            case (.throttled, _): self = .throttled
            case (_, 404): self = .notFound
            case (_, 409): self = .conflict
            case (_, 412): self = .precondition
            case (_, 401), (_, 403): self = .denied
            case (.transient, _), (_, 500...): self = .server
            default: self = .client
            }
        }
    }
}
