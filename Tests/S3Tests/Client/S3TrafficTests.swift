import S3
import Synchronization
import Testing

@Suite("What is counted of S3")
struct S3TrafficTests {
    private final class Counts: Sendable {
        private let events = Mutex<[S3Traffic.Event]>([])
        var all: [S3Traffic.Event] { events.withLock { $0 } }
        func add(_ traffic: S3Traffic) {
            #expect(traffic.operation == "GetObject")
            events.withLock { $0.append(traffic.event) }
        }
    }

    private static let fine = ScriptedTransport.Step.answer(TransportResponse(status: 200))

    private func events(_ steps: [ScriptedTransport.Step]) async -> [S3Traffic.Event] {
        let counts = Counts()
        let client = S3Client(
            endpoint: S3Endpoint(url: nil, addressing: nil, bucket: "bucket"), region: "us-east-1", policy: RetryPolicy(attempts: 2),
            surroundings: .init(
                transport: ScriptedTransport(steps), credentials: RotatingCredentials(), now: { 1_700_000_000 }, sleep: { _ in },
                random: { 0.5 }, traffic: { counts.add($0) }))
        _ = try? await client.perform(S3Call(.getObject, "GET", key: "k"))
        return counts.all
    }

    @Test("every try counts as a request, a failed one by its kind, and one more try by its cause")
    func tries() async {
        #expect(await events([Self.fine]) == [.sent])
        #expect(await events([.error(503, "SlowDown"), Self.fine]) == [.sent, .failed(.throttled), .retried(.throttled), .sent])
        #expect(
            await events([.error(500, "InternalError"), .error(500, "InternalError")])
                == [.sent, .failed(.server), .retried(.transient), .sent, .failed(.server)])
    }

    @Test(
        "refusals have the kind that tells what to do",
        arguments: [
            (404, "NoSuchKey", S3Traffic.Kind.notFound), (412, "PreconditionFailed", .precondition), (409, "BucketNotEmpty", .conflict),
            (403, "AccessDenied", .denied), (401, "", .denied), (400, "InvalidArgument", .client), (501, "NotImplemented", .server),
        ])
    func refusals(status: Int, code: String, kind: S3Traffic.Kind) async {
        #expect(await events([.error(status, code)]) == [.sent, .failed(kind)])
    }

    @Test("a refusal that teaches the region is a retry and no error")
    func learnt() async {
        let elsewhere = ScriptedTransport.Step.error(400, "AuthorizationHeaderMalformed", extra: "<Region>eu-west-1</Region>")
        #expect(await events([elsewhere, Self.fine]) == [.sent, .retried(.learnt), .sent])
    }

    @Test("lines that break are told apart, and a caller who gives up is no error")
    func transport() async {
        func kinds(_ error: TransportError) async -> [S3Traffic.Event] {
            await events([.failure(error), Self.fine]).filter { if case .failed = $0 { true } else { false } }
        }
        #expect(await kinds(TransportError(.notSent, "x")) == [.failed(.connect)])
        #expect(await kinds(TransportError(.broken, "x")) == [.failed(.broken)])
        #expect(await kinds(TransportError(.broken, "x", isTimeout: true)) == [.failed(.timeout)])
        #expect(await kinds(TransportError(.untrusted, "x")) == [.failed(.untrusted)])
        #expect(await kinds(TransportError(.tooLarge, "x")) == [.failed(.tooLarge)])
        #expect(await kinds(TransportError(.cancelled, "x")) == [])
    }
}
