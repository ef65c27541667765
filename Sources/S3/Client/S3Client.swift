import Core
import NIOCore
import Synchronization

/// Makes calls of one bucket: signs, sends, and tries again where that may help.
///
/// What it learns from answers holds for all later calls: the bucket's region, and how far this machine's clock is off.
package final class S3Client: Sendable {
    /// Everything from outside.
    package struct Surroundings: Sendable {
        package var transport: any S3Transport
        package var credentials: any CredentialProvider
        /// Unix seconds.
        package var now: @Sendable () -> Int64
        /// Waits between tries.
        package var sleep: @Sendable (Duration) async throws -> Void
        /// Drawn evenly from 0..<1, for waits only.
        package var random: @Sendable () -> Double
        /// Told of every try, from any thread.
        package var traffic: @Sendable (S3Traffic) -> Void

        package init(
            transport: any S3Transport, credentials: any CredentialProvider, now: @escaping @Sendable () -> Int64,
            sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
            random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
            traffic: @escaping @Sendable (S3Traffic) -> Void = { _ in }
        ) {
            self.transport = transport
            self.credentials = credentials
            self.now = now
            self.sleep = sleep
            self.random = random
            self.traffic = traffic
        }
    }

    /// An answer, with what the tries before it mean for it.
    package struct Answer: Sendable {
        package let response: TransportResponse
        /// Whether an earlier try of the same call may have had its effect.
        package let followsUncertainTry: Bool
    }

    package let endpoint: S3Endpoint
    package let policy: RetryPolicy
    let surroundings: Surroundings
    private let state: Mutex<State>

    private struct State {
        var region: String
        var skew: Int64 = 0
        var quota = RetryQuota()
    }

    /// - Parameter region: Where the bucket is, as far as is known.
    package init(endpoint: S3Endpoint, region: String, policy: RetryPolicy = RetryPolicy(), surroundings: Surroundings) {
        self.endpoint = endpoint
        self.policy = policy
        self.surroundings = surroundings
        state = Mutex(State(region: region))
    }

    /// The region that requests are signed for now.
    package var region: String { state.withLock { $0.region } }

    /// Makes one call.
    ///
    /// - Parameter attempts: Most tries; the policy's unless told.
    /// - Throws: `S3Failure` for every status of 300 and above, and for a status of 200 whose body is an error.
    package func perform(_ call: S3Call, attempts: Int? = nil) async throws(S3Failure) -> Answer {
        var round = Round()
        while true {
            round.tries += 1
            let credentials: Credentials
            do throws(CredentialError) {
                credentials = try await surroundings.credentials.credentials()
            } catch {
                tell(.credentials(error), cause: nil, call)
                throw failure(.credentials(error), call, round)
            }
            surroundings.traffic(S3Traffic(call.operation, .sent))
            let request = signed(call, credentials)
            var cause: RetryPolicy.Cause?
            var kind: S3Failure.Kind
            var asked: Duration?
            do throws(TransportError) {
                let response = try await surroundings.transport.send(request)
                if (200..<300).contains(response.status), let problem = Self.hiddenError(in: response, of: call.operation) {
                    // 200 with an error: the service took long, and the status was out before the outcome (X4).
                    (cause, kind) = (problem.retryCause ?? (problem.code.isEmpty ? .transient : nil), problem.kind)
                    round.isUncertain = round.isUncertain || problem.code.isEmpty || problem.retryCause == .transient
                } else if (200..<300).contains(response.status) {
                    state.withLock { $0.quota.succeed(after: round.lastCause) }
                    return Answer(response: response, followsUncertainTry: round.isUncertain)
                } else {
                    let problem = ServiceError(response)
                    round.requestID = problem.requestID
                    if await learn(from: problem, response, credentials, &round, call) {
                        surroundings.traffic(S3Traffic(call.operation, .retried(.learnt)))
                        continue
                    }
                    (cause, kind) = (problem.retryCause, problem.kind)
                    round.isUncertain = round.isUncertain || problem.isUncertain
                    asked = response.header("x-amz-retry-after").flatMap { Int($0) }.map { .milliseconds(min(max($0, 0), 60_000)) }
                }
            } catch {
                kind = .transport(error)
                cause = error.code == .notSent || error.code == .broken ? .transient : nil
                round.isUncertain = round.isUncertain || error.code == .broken || error.code == .cancelled
                // A store that is silent for half a minute three times is away: a longer wait helps nobody.
                if error.isTimeout { round.timeouts += 1 }
                if round.timeouts >= 3 { cause = nil }
            }
            tell(kind, cause: cause, call)
            guard let cause, round.tries < attempts ?? policy.attempts, !Task.isCancelled, state.withLock({ $0.quota.take(cause) }) else {
                throw failure(kind, call, round)
            }
            round.lastCause = cause
            do {
                try await surroundings.sleep(policy.wait(after: round.tries, cause, share: surroundings.random(), asked: asked))
            } catch {
                throw failure(.transport(TransportError(.cancelled, "the request was cancelled")), call, round)
            }
            surroundings.traffic(S3Traffic(call.operation, .retried(cause == .throttled ? .throttled : .transient)))
        }
    }

    private func tell(_ kind: S3Failure.Kind, cause: RetryPolicy.Cause?, _ call: S3Call) {
        if let kind = S3Traffic.Kind(kind, cause: cause) { surroundings.traffic(S3Traffic(call.operation, .failed(kind))) }
    }

    /// What has happened within one call.
    private struct Round {
        var tries = 0
        var isUncertain = false
        var timeouts = 0
        var lastCause: RetryPolicy.Cause?
        var requestID: String?
        var hasLearntRegion = false
        var hasLearntTime = false
        var hasRefreshed = false
    }

    /// Takes over what a refusal tells about region, clock or keys, each once per call.
    /// - Returns: Whether the call is to be made again at once.
    private func learn(
        from problem: ServiceError, _ response: TransportResponse, _ credentials: Credentials, _ round: inout Round, _ call: S3Call
    ) async -> Bool {
        switch problem.code {
        case "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture":
            guard !round.hasLearntTime, let server = response.header("date").flatMap(HTTPDate.seconds) else { return false }
            round.hasLearntTime = true
            state.withLock { $0.skew = server - surroundings.now() }
            return true
        case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
            guard !round.hasRefreshed else { return false }
            round.hasRefreshed = true
            return (try? await surroundings.credentials.refresh(rejected: credentials)) != nil
        default: break
        }
        let isElsewhere =
            problem.code == "AuthorizationHeaderMalformed" || problem.code == "IllegalLocationConstraintException"
            || [301, 307, 308].contains(problem.status) || (problem.status == 400 && response.header("x-amz-bucket-region") != nil)
        guard isElsewhere, !round.hasLearntRegion, let region = problem.region, region != self.region else { return false }
        round.hasLearntRegion = true
        state.withLock { $0.region = region }
        return true
    }

    /// The error in an answer that says 200: `CompleteMultipartUpload` tells its outcome in the body.
    private static func hiddenError(in response: TransportResponse, of operation: S3Operation) -> ServiceError? {
        guard operation == .completeUpload else { return nil }
        guard let root = XMLNode(parsing: response.body) else {
            return ServiceError(TransportResponse(status: 200, headers: response.headers))
        }
        return root.name == "Error" ? ServiceError(response) : nil
    }

    private func failure(_ kind: S3Failure.Kind, _ call: S3Call, _ round: Round) -> S3Failure {
        S3Failure(
            kind: kind, operation: call.operation, key: call.key, tries: round.tries, isUncertain: round.isUncertain,
            requestID: round.requestID)
    }
}

extension S3Client {
    /// The call as it goes out now.
    private func signed(_ call: S3Call, _ credentials: Credentials) -> TransportRequest {
        let (region, skew) = state.withLock { ($0.region, $0.skew) }
        let time = SigningTime(seconds: surroundings.now() + skew)
        let hash = call.payload?.hex ?? Payload.emptyHash
        let host = endpoint.host(region: region)
        let path = endpoint.path(key: call.key)
        var headers = call.headers + [("host", host), ("x-amz-content-sha256", hash), ("x-amz-date", time.stamp)]
        if let token = credentials.sessionToken { headers.append(("x-amz-security-token", token.revealed)) }
        let signature = SignatureV4(
            SignableRequest(method: call.method, path: path, query: call.query, headers: headers, payloadHash: hash),
            keyID: credentials.accessKeyID, secret: credentials.secretAccessKey, scope: .init(region: region, service: "s3"), time: time)
        headers.append(("authorization", signature.authorization))
        let query = call.query.isEmpty ? "" : "?" + SignatureV4.canonicalQuery(call.query)
        return TransportRequest(
            method: call.method, url: "\(endpoint.scheme)://\(host)\(URIEncoding.encode(path, keepingSlashes: true))\(query)",
            headers: headers, body: call.payload.map(\.bytes), limit: call.limit, timeout: call.timeout, operation: call.operation,
            key: call.key)
    }
}
