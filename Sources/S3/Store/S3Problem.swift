import Core

/// Refusals count as retryable: keys, policies and buckets are mended by somebody else, and a service tries again, slowly (X17).
extension S3Store {
    /// A failure in the store's words: what failed on which object, what was kept, what to do.
    func storeError(_ failure: S3Failure) -> StoreError {
        let place = failure.key.map { "s3://\(settings.bucket)/\($0)" } ?? "s3://\(settings.bucket)"
        let kept =
            failure.isUncertain ? "Whether it took effect is decided by content at the next start." : "What is published stays as it was."
        func error(_ code: StoreError.Code, _ outcome: StoreError.Outcome, _ problem: String, _ remedy: String) -> StoreError {
            let id = failure.requestID.map { " (request \($0))" } ?? ""
            let tries = failure.tries > 1 ? " after \(failure.tries) tries" : ""
            return StoreError(
                code, failure.isUncertain ? .unknown : outcome,
                "\(failure.operation.rawValue) of \(place) failed\(tries): \(problem)\(id). \(kept) \(remedy)")
        }
        switch failure.kind {
        case .credentials(let problem):
            return StoreError(
                problem.isRetryable ? .unavailable : .permissionDenied, .retryable,
                "There are no keys for s3://\(settings.bucket): \(problem.sentence) \(problem.remedy)")
        case .transport(let problem):
            switch problem.code {
            case .notSent, .broken:
                return error(
                    .unavailable, .retryable, "\(settings.endpointText) does not answer, \(problem.reason)",
                    "Check storage.endpoint_url and the network; the run can be tried again.")
            case .untrusted:
                return error(
                    .unavailable, .permanent, "\(settings.endpointText) is not trusted, \(problem.reason)",
                    "Check the address (it may speak plain http), or name the authority that signed its certificate in storage.ca_file.")
            case .tooLarge: return error(.damaged, .permanent, problem.reason, "Look at that object.")
            case .cancelled: return error(.unavailable, .retryable, "it was stopped", "Run again.")
            }
        case .service(let status, let code, let message):
            let cause = Cause(status: status, code: code, settings: settings)
            let said = message.isEmpty || cause.isPlain ? "" : ", \(message)"
            return error(
                cause.code, cause.outcome, "\(cause.problem)\(said) (\(code.isEmpty ? "status \(status)" : "\(code), status \(status)"))",
                cause.remedy)
        }
    }

    /// The error of a condition that does not hold.
    func preconditionFailed(_ key: ObjectKey) -> StoreError {
        StoreError(
            .preconditionFailed, .retryable,
            "\(path(of: key)) is not as it was: somebody else has written it meanwhile. Nothing was changed; the next run reads it anew.")
    }

    /// The error of an object that is gone.
    func missing(_ key: ObjectKey) -> StoreError {
        StoreError(.notFound, .permanent, "\(path(of: key)) does not exist: something removed it meanwhile. Run again.")
    }

    /// The error of an answer that S3 does not give.
    func unreadable(_ operation: S3Operation, key: String) -> StoreError { storeError(unreadableFailure(operation, key: key)) }

    func unreadableFailure(_ operation: S3Operation, key: String) -> S3Failure {
        S3Failure(
            kind: .service(status: 200, code: "UnreadableAnswer", message: "the answer is not one of S3"), operation: operation, key: key,
            tries: 1,
            isUncertain: false, requestID: nil)
    }

    private struct Cause {
        let code: StoreError.Code
        let outcome: StoreError.Outcome
        let problem: String
        let remedy: String
        /// Whether the service's own sentence adds nothing.
        let isPlain: Bool

        init(_ code: StoreError.Code, _ outcome: StoreError.Outcome, _ problem: String, _ remedy: String, isPlain: Bool = false) {
            self.code = code
            self.outcome = outcome
            self.problem = problem
            self.remedy = remedy
            self.isPlain = isPlain
        }

        init(status: Int, code: String, settings: S3Settings) {
            switch code {
            case "NoSuchBucket":
                self.init(
                    .missingStore, .retryable, "the bucket \(settings.bucket) does not exist at \(settings.endpointText)",
                    "Create it, or change storage.bucket_name or storage.endpoint_url.", isPlain: true)
            case "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException":
                self.init(
                    .permissionDenied, .retryable, "the service does not know the access key",
                    "Check which keys are used (`fleetsynth plan` names their source).",
                    isPlain: true)
            case "SignatureDoesNotMatch":
                self.init(
                    .permissionDenied, .retryable, "the secret key does not fit the access key",
                    "Check the keys (`fleetsynth plan` names their source).", isPlain: true)
            case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
                self.init(
                    .permissionDenied, .retryable, "the session's keys have expired", "Renew them where they come from.", isPlain: true)
            case "InvalidToken", "InvalidTokenId":
                self.init(
                    .permissionDenied, .retryable, "the service does not take the session token",
                    "Check the keys (`fleetsynth plan` names their source); the token must belong to the two others.", isPlain: true)
            case "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture":
                self.init(.permissionDenied, .retryable, "this machine's clock is off", "Set the clock.", isPlain: true)
            case "AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "UnauthorizedAccess", "KMS.AccessDeniedException":
                self.init(
                    .permissionDenied, .retryable, "access is denied",
                    "Allow this call for these keys; docs/S3.md has a policy that suffices.")
            case "NoSuchKey", "NoSuchUpload", "NoSuchVersion":
                self.init(.notFound, .permanent, "it does not exist", "Something removed it meanwhile; run again.")
            case "QuotaExceeded", "InsufficientCapacity", "XMinioStorageFull", "StorageFull":
                self.init(.quota, .retryable, "the store is full", "Free space there, or have the quota raised.")
            case "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
                self.init(
                    .unavailable, .permanent, "the bucket is in another region or at another endpoint",
                    "Set storage.region or storage.endpoint_url.")
            case "InvalidBucketName":
                self.init(.missingStore, .permanent, "the service refuses the bucket's name", "Change storage.bucket_name.")
            case "UnreadableAnswer":
                self.init(
                    .unavailable, .retryable, "the answer is none of S3",
                    "Check that storage.endpoint_url is the address of an S3 service.", isPlain: true)
            default: self.init(status: status, settings: settings)
            }
        }

        private init(status: Int, settings: S3Settings) {
            switch status {
            case 401, 403:
                self.init(
                    .permissionDenied, .retryable, "access is denied",
                    "Allow this call for these keys; docs/S3.md has a policy that suffices.")
            case 404: self.init(.notFound, .permanent, "it does not exist", "Check storage.endpoint_url and storage.bucket_name.")
            case 408, 409, 429, 500, 502, 503, 504:
                self.init(.unavailable, .retryable, "\(settings.endpointText) is in trouble or busy", "The run can be tried again.")
            case 405, 501:
                self.init(
                    .unavailable, .retryable, "\(settings.endpointText) does not know this call of S3",
                    "Check that storage.endpoint_url is the address of an S3 service; docs/S3.md has settings for those that differ from Amazon's."
                )
            case 507: self.init(.quota, .retryable, "the store is full", "Free space there, or have the quota raised.")
            default:
                self.init(
                    .inputOutput, .permanent, "the service refuses the call",
                    "docs/S3.md has settings for services that differ from Amazon's.")
            }
        }
    }
}
