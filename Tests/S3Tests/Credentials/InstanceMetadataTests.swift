import S3
import Synchronization
import Testing

@Suite("The instance metadata service (X14)")
struct InstanceMetadataTests {
    static let on = ["AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1338"]
    static let path = "/latest/meta-data/iam/security-credentials/"

    /// Answers as the service does; `keys` is what it hands out for the role.
    private func serve(_ bench: CredentialBench, role: String = "etl-role", keys: @escaping @Sendable () -> (Int, String)) {
        bench.http.answer { request in
            func answer(_ status: Int, _ body: String) -> Result<HTTPFetchResponse, HTTPFetchError> {
                .success(HTTPFetchResponse(status: status, body: Array(body.utf8)))
            }
            if request.method == "PUT", request.path == "/latest/api/token" {
                return request.header("x-aws-ec2-metadata-token-ttl-seconds") == nil ? answer(400, "") : answer(200, bearer)
            }
            guard request.header("x-aws-ec2-metadata-token") == bearer else { return answer(401, "") }
            if request.path == Self.path { return answer(200, role) }
            guard request.path == Self.path + role else { return answer(404, "") }
            let (status, body) = keys()
            return answer(status, body)
        }
    }

    @Test("A token is fetched first, then the role's name, then its keys")
    func order() async throws {
        let bench = CredentialBench(Self.on)
        serve(bench) { (200, keysJSON("ASIAIMDS", hours: 6)) }
        let found = try await bench.chain().credentials()
        #expect(found.accessKeyID == "ASIAIMDS" && found.sessionToken?.revealed == sessionToken)
        #expect(found.source == "instance metadata (role 'etl-role')" && found.expiration == epoch + 6 * 3600)
        #expect(bench.http.requests.map(\.method) == ["PUT", "GET", "GET"])
        #expect(bench.http.requests.allSatisfy { $0.timeout == .seconds(2) && $0.url.hasPrefix("http://127.0.0.1:1338/") })
    }

    @Test("A service that refuses the token is never asked without one")
    func noVersionOne() async throws {
        for status in [403, 404, 405, 301] {
            let bench = CredentialBench(Self.on)
            bench.http.answer { request in
                .success(HTTPFetchResponse(status: request.method == "PUT" ? status : 200, body: Array("etl-role".utf8)))
            }
            let error = try await bench.failure()
            #expect(error.isRetryable && error.sentence.contains("\(status)"), "\(error)")
            #expect(bench.http.requests.map(\.method) == ["PUT"])
        }
    }

    @Test("AWS_EC2_METADATA_DISABLED keeps the program from asking, in any case of letters", arguments: ["true", "TRUE", "True"])
    func disabled(value: String) async throws {
        let bench = CredentialBench(Self.on.merging(["AWS_EC2_METADATA_DISABLED": value]) { $1 })
        let error = try await bench.failure()
        #expect(error.code == .missing && !error.isRetryable && bench.http.requests.isEmpty)
    }

    @Test("Endpoint, mode, time and tries follow their variables; a wrong number is an error")
    func settings() async throws {
        let six = CredentialBench([
            "AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6", "AWS_METADATA_SERVICE_TIMEOUT": "7",
            "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "5",
        ])
        _ = try await six.failure()
        #expect(six.http.requests.map(\.url) == Array(repeating: "http://[fd00:ec2::254]/latest/api/token", count: 5))
        #expect(six.http.requests.allSatisfy { $0.timeout == .seconds(7) })
        for value in ["0", "61", "x", "1.5"] {
            let bench = CredentialBench(Self.on.merging(["AWS_METADATA_SERVICE_TIMEOUT": value]) { $1 })
            #expect(try await bench.failure().sentence.contains("AWS_METADATA_SERVICE_TIMEOUT"))
        }
    }

    @Test("No answer is tried three times, then it is a reason among others and may pass")
    func unreachable() async throws {
        let bench = CredentialBench(Self.on)
        bench.http.answer { _ in .failure(.timeout) }
        let error = try await bench.failure()
        #expect(error.code == .missing && error.isRetryable && error.sentence.contains("does not answer"))
        #expect(bench.http.requests.count == 3 && bench.time.pauses == [.milliseconds(100), .milliseconds(200)])
    }

    @Test(
        "Every failure after the token may be tried again later (X14)",
        arguments: [
            (200, #"{"Code":"AssumeRoleUnauthorizedAccess"}"#), (200, "{"), (200, "[]"), (200, #"{"Code":"Success"}"#), (404, ""),
            (500, ""), (401, ""),
            (200, #"{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"\#(secretKey)"}"#),
        ])
    func failures(status: Int, body: String) async throws {
        let bench = CredentialBench(Self.on)
        serve(bench) { (status, body) }
        let error = try await bench.failure()
        #expect(error.isRetryable, "\(error)")
        expectNoSecret(in: error)
    }

    @Test("An instance without a role has no keys, and strange names of roles are not asked for")
    func roles() async throws {
        let none = CredentialBench(Self.on)
        none.http.answer { request in .success(HTTPFetchResponse(status: request.method == "PUT" ? 200 : 404, body: Array("t".utf8))) }
        #expect(try await none.failure().sentence.contains("the instance has no role"))
        for role in ["", "../../user-data", "a b", "..", String(repeating: "r", count: 129)] {
            let bench = CredentialBench(Self.on)
            serve(bench, role: role) { (200, keysJSON("A", hours: 1)) }
            #expect(try await bench.failure().sentence.contains("role's name"))
            #expect(bench.http.requests.count == 2)
        }
    }

    @Test("Keys are renewed before they end; while that fails the old ones serve until they have really ended (X13)")
    func rotationAndOutage() async throws {
        let bench = CredentialBench(Self.on)
        let chain = bench.chain(jitter: 60)
        serve(bench) { (200, keysJSON("FIRST", hours: 1)) }
        #expect(try await chain.credentials().accessKeyID == "FIRST")
        bench.time.advance(3600 - 361)
        #expect(try await chain.credentials().accessKeyID == "FIRST")
        #expect(bench.http.requests.count == 3)
        bench.http.answer { _ in .failure(.connection("refused")) }
        bench.time.advance(1)
        #expect(try await chain.credentials().accessKeyID == "FIRST")
        #expect(bench.http.requests.count == 6)
        // The next try is half a minute away: requests in between do not wait for the outage.
        bench.time.advance(29)
        #expect(try await chain.credentials().accessKeyID == "FIRST")
        #expect(bench.http.requests.count == 6)
        bench.time.advance(330)
        #expect(try await chain.credentials().accessKeyID == "FIRST")
        bench.time.advance(1)
        let error = try await #require(throws: CredentialError.self) { try await chain.credentials() }
        #expect(error.isRetryable)
        serve(bench) { (200, keysJSON("SECOND", hours: 9)) }
        #expect(try await chain.credentials().accessKeyID == "SECOND")
        let kinds = bench.events.all.map { event in
            switch event {
            case .loaded: "loaded"
            case .keptOld: "kept"
            case .failed: "failed"
            }
        }
        #expect(kinds == ["loaded", "kept", "kept", "failed", "loaded"])
        expectNoSecret(in: bench.events.all)
    }
}
