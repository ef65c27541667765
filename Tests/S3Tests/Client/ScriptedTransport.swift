import S3
import Synchronization

/// Answers what a test says, in order, and keeps what was asked.
final class ScriptedTransport: S3Transport {
    enum Step: Sendable {
        case answer(TransportResponse)
        case failure(TransportError)

        static func error(_ status: Int, _ code: String, extra: String = "", headers: [(name: String, value: String)] = []) -> Step {
            let body = "<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>no</Message>\(extra)</Error>"
            return .answer(TransportResponse(status: status, headers: headers, body: Array(body.utf8)))
        }
    }

    private let state: Mutex<(steps: [Step], requests: [TransportRequest])>

    init(_ steps: [Step]) { state = Mutex((steps, [])) }

    var requests: [TransportRequest] { state.withLock { $0.requests } }

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let step = state.withLock { state in
            state.requests.append(request)
            return state.steps.isEmpty ? Step.failure(TransportError(.notSent, "the script is over")) : state.steps.removeFirst()
        }
        switch step {
        case .answer(let response): return response
        case .failure(let error): throw error
        }
    }
}

/// Keys that are replaced when they are refused.
final class RotatingCredentials: CredentialProvider {
    private let state = Mutex(1)

    var number: Int { state.withLock { $0 } }

    func credentials() async throws(CredentialError) -> Credentials {
        Credentials(
            accessKeyID: "KEY\(number)", secretAccessKey: Secret("a-very-secret-text"), sessionToken: Secret("a-session-text"),
            source: "test")
    }

    func refresh(rejected: Credentials) async throws(CredentialError) -> Credentials {
        state.withLock { $0 += 1 }
        return try await credentials()
    }
}
