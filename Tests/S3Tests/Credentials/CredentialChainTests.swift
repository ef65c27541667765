import S3
import Testing

@Suite("The order of the sources (X12)")
struct CredentialChainTests {
    /// Everything is set up at once; each step takes the first source away.
    @Test("Each source answers when those before it are not set up, and says its name")
    func order() async throws {
        var bench = CredentialBench(
            StaticSourceTests.keys.merging(StaticSourceTests.directory) { $1 }.merging(RoleSourceTests.web) { $1 }
                .merging(CredentialCacheTests.container) { $1 }.merging(InstanceMetadataTests.on) { $1 })
        bench.files.write(StaticSourceTests.path, "aws_access_key_id=A\naws_secret_access_key=\(secretKey)")
        bench.files.write("/var/run/token", bearer)
        bench.files.write(ProfileSourceTests.credentials, "[default]\n\(ProfileSourceTests.staticKeysText)")
        bench.http.answer { request in
            let body =
                request.method == "POST"
                ? stsXML("AssumeRoleWithWebIdentity", "ASIA", hours: 1)
                : request.method == "PUT" || request.path == InstanceMetadataTests.path ? "role" : keysJSON("A", hours: 6)
            return .success(HTTPFetchResponse(status: 200, body: Array(body.utf8)))
        }
        var sources: [String] = []
        for step in 0..<6 {
            sources.append(try await bench.chain().credentials().source)
            switch step {
            case 0: bench.files.remove(StaticSourceTests.path)
            case 1: bench.environment["AWS_ACCESS_KEY_ID"] = nil; bench.environment["AWS_SECRET_ACCESS_KEY"] = nil
            case 2: bench.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = nil
            case 3: bench.files.remove(ProfileSourceTests.credentials)
            default: bench.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = nil
            }
        }
        #expect(
            sources == [
                "credential file 's3-credentials'", "environment", "web identity", "profile 'default'", "container",
                "instance metadata (role 'role')",
            ])
    }

    @Test("Without any source one error names each and why it does not apply")
    func none() async throws {
        let error = try await CredentialBench().failure()
        #expect(error.code == .missing && !error.isRetryable)
        for words in [
            "credential file: CREDENTIALS_DIRECTORY is not set", "environment: AWS_ACCESS_KEY_ID is not set",
            "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set", "profile: no profile 'default'", "container: AWS_CONTAINER_CREDENTIALS",
            "instance metadata: AWS_EC2_METADATA_DISABLED is true",
        ] { #expect(error.sentence.contains(words), "\(error)") }
        #expect(error.remedy.contains("s3-credentials"))
    }

    @Test("Three thousand damaged and echoing answers: whatever a source says about them holds no secret (X20)")
    func noAnswerLeaks() async throws {
        let answers = [
            ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", keysJSON("AKIA", hours: 1)),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", stsXML("AssumeRoleWithWebIdentity", "AKIA", hours: 1)),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", stsError("AccessDenied", "no \(bearer) no")),
        ]
        var random = SeededGenerator(seed: 12)
        var failures = 0
        for round in 0..<3_000 {
            let (name, answer) = answers[round % answers.count]
            var bytes = Array(answer.utf8)
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.removeSubrange(place...)
            case 1: bytes.remove(at: place)
            default: bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            let body = bytes
            let bench = CredentialBench([name: "/token", "AWS_ROLE_ARN": "r"])
            bench.files.write("/token", bearer)
            let status = [200, 400, 403, 500][round / 3 % 4]
            bench.http.answer { _ in .success(HTTPFetchResponse(status: status, body: body)) }
            do {
                expectNoSecret(in: try await bench.chain().credentials())
            } catch {
                failures += 1
                expectNoSecret(in: error)
            }
        }
        #expect(failures > 2_000, "\(failures)")
    }
}
