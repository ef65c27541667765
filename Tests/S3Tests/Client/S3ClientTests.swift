import S3
import Synchronization
import Testing

@Suite("A call to S3")
struct S3ClientTests {
    private static let fine = ScriptedTransport.Step.answer(TransportResponse(status: 200, headers: [("etag", "\"1\"")]))
    private static let completed = ScriptedTransport.Step.answer(
        TransportResponse(status: 200, body: Array("  <CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>".utf8)))

    private func client(
        _ transport: ScriptedTransport, _ credentials: any CredentialProvider = RotatingCredentials(), waits: Waits = Waits()
    ) -> S3Client {
        S3Client(
            endpoint: S3Endpoint(url: nil, addressing: nil, bucket: "bucket"), region: "us-east-1",
            surroundings: .init(
                transport: transport, credentials: credentials, now: { 1_700_000_000 }, sleep: { waits.add($0) }, random: { 0.5 }))
    }

    private func failure(_ transport: ScriptedTransport, _ call: S3Call) async -> S3Failure? {
        do throws(S3Failure) {
            _ = try await client(transport).perform(call)
            return nil
        } catch {
            return error
        }
    }

    private static let get = S3Call(.getObject, "GET", key: "k")
    private static let complete = S3Call(.completeUpload, "POST", key: "k", query: [(name: "uploadId", value: "1")])

    @Test(
        "X9 What may pass is tried again",
        arguments: ["SlowDown", "InternalError", "ServiceUnavailable", "Throttling", "RequestTimeout", "BadDigest"])
    func retried(code: String) async throws {
        let transport = ScriptedTransport([.error(code == "RequestTimeout" ? 400 : 503, code), Self.fine])
        let waits = Waits()
        _ = try await client(transport, waits: waits).perform(Self.get)
        #expect(transport.requests.count == 2)
        #expect(waits.all == [code == "SlowDown" || code == "Throttling" ? .milliseconds(500) : .milliseconds(25)])
    }

    @Test(
        "X9 What will not pass is not",
        arguments: [(400, "InvalidArgument"), (403, "AccessDenied"), (404, "NoSuchKey"), (412, "PreconditionFailed")])
    func notRetried(status: Int, code: String) async {
        let transport = ScriptedTransport([.error(status, code), Self.fine])
        let error = await failure(transport, Self.get)
        #expect(error?.code == code && error?.status == status && error?.isUncertain == false)
        #expect(transport.requests.count == 1)
    }

    @Test("X8 A conflict is tried again, and never taken for an object that exists")
    func conflict() async throws {
        let transport = ScriptedTransport([.error(409, "ConditionalRequestConflict"), Self.fine])
        _ = try await client(transport).perform(S3Call(.putObject, "PUT", key: "k"))
        #expect(transport.requests.count == 2)
    }

    @Test("X4 A completion that says 200 and holds an error is a failure, tried again where that may help")
    func hiddenError() async throws {
        let transport = ScriptedTransport([.error(200, "InternalError"), Self.completed])
        let answer = try await client(transport).perform(Self.complete)
        #expect(answer.followsUncertainTry)
        let denied = ScriptedTransport([.error(200, "AccessDenied")])
        #expect(await failure(denied, Self.complete)?.code == "AccessDenied")
        // Half an answer says nothing.
        let half = ScriptedTransport([.answer(TransportResponse(status: 200, body: Array("<Complete".utf8))), Self.completed])
        #expect(try await client(half).perform(Self.complete).followsUncertainTry)
    }

    @Test("D14 A try that broke after it was sent leaves the outcome in doubt; one that was never sent does not")
    func doubt() async {
        let broken = ScriptedTransport([.failure(TransportError(.broken, "x")), .error(404, "NoSuchUpload")])
        #expect(await failure(broken, Self.complete)?.isUncertain == true)
        let refused = ScriptedTransport([.failure(TransportError(.notSent, "x")), .error(404, "NoSuchUpload")])
        #expect(await failure(refused, Self.complete)?.isUncertain == false)
    }

    @Test("X2 A clock that is off is corrected once, by the server's date")
    func skew() async throws {
        let date = [(name: "date", value: "Wed, 15 Nov 2023 00:00:00 GMT")]
        let transport = ScriptedTransport([.error(403, "RequestTimeTooSkewed", headers: date), Self.fine, Self.fine])
        let client = client(transport)
        _ = try await client.perform(Self.get)
        _ = try await client.perform(Self.get)
        let stamps = transport.requests.map { request in request.headers.first { $0.name == "x-amz-date" }?.value }
        #expect(stamps == ["20231114T221320Z", "20231115T000000Z", "20231115T000000Z"])
        let stuck = ScriptedTransport([
            .error(403, "RequestTimeTooSkewed", headers: date), .error(403, "RequestTimeTooSkewed", headers: date),
        ])
        #expect(await failure(stuck, Self.get)?.code == "RequestTimeTooSkewed")
        #expect(stuck.requests.count == 2)
    }

    @Test("X2 The bucket's region is learnt once, for all later calls")
    func region() async throws {
        let transport = ScriptedTransport([
            .error(400, "AuthorizationHeaderMalformed", extra: "<Region>eu-west-1</Region>"), Self.fine, Self.fine,
        ])
        let client = client(transport)
        _ = try await client.perform(Self.get)
        _ = try await client.perform(Self.get)
        #expect(client.region == "eu-west-1")
        #expect(transport.requests.map { $0.url.contains("eu-west-1") } == [false, true, true])
        let moved = ScriptedTransport([
            .error(301, "PermanentRedirect", headers: [("x-amz-bucket-region", "eu-west-1")]), .error(301, "PermanentRedirect"),
        ])
        #expect(await failure(moved, Self.get)?.status == 301)
        #expect(moved.requests.count == 2)
    }

    @Test("X9 Keys that have expired are renewed once")
    func expired() async throws {
        let credentials = RotatingCredentials()
        let transport = ScriptedTransport([.error(400, "ExpiredToken"), Self.fine])
        _ = try await client(transport, credentials).perform(Self.get)
        #expect(credentials.number == 2)
        let keys = transport.requests.map { request in request.headers.first { $0.name == "authorization" }?.value.contains("KEY2/") }
        #expect(keys == [false, true])
    }

    @Test("X10 A store that stays in trouble is left alone after six tries")
    func givesUp() async {
        let transport = ScriptedTransport(Array(repeating: .error(503, "SlowDown"), count: 20))
        #expect(await failure(transport, Self.get)?.tries == 6)
    }

    @Test("X20 No failure tells a secret")
    func secrets() async {
        for step in [
            ScriptedTransport.Step.error(403, "SignatureDoesNotMatch"), .failure(TransportError(.untrusted, "x")),
            .error(500, "InternalError"),
        ] {
            let error = await failure(ScriptedTransport(Array(repeating: step, count: 8)), Self.get)
            let text = "\(String(describing: error)) \(String(reflecting: error))"
            #expect(!text.contains("a-very-secret-text") && !text.contains("a-session-text"))
        }
    }
}

/// Waits that a client asked for.
final class Waits: Sendable {
    private let state = Mutex<[Duration]>([])
    var all: [Duration] { state.withLock { $0 } }
    func add(_ wait: Duration) { state.withLock { $0.append(wait) } }
}
