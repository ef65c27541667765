import S3
import Testing

@Suite("Keys of a role: web identity, STS, container (X12)")
struct RoleSourceTests {
    static let web = [
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/etl", "AWS_REGION": "eu-west-1",
    ]

    private func webBench(_ more: [String: String] = [:]) -> CredentialBench {
        let bench = CredentialBench(Self.web.merging(more) { $1 })
        bench.files.write("/var/run/token", "\(bearer)\n")
        return bench
    }

    @Test("A web identity token is changed at STS, unsigned and in the body")
    func webIdentity() async throws {
        let bench = webBench(["AWS_ROLE_SESSION_NAME": "night run"])
        bench.http.answer(200, stsXML("AssumeRoleWithWebIdentity", "ASIAWEB", hours: 1))
        let found = try await bench.chain().credentials()
        #expect(found.accessKeyID == "ASIAWEB" && found.sessionToken?.revealed == sessionToken)
        #expect(found.expiration == epoch + 3600 && found.source == "web identity")
        let request = try #require(bench.http.requests.first)
        #expect(request.method == "POST" && request.url == "https://sts.eu-west-1.amazonaws.com/" && request.header("authorization") == nil)
        let expected =
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fetl&RoleSessionName=night%20run"
            + "&WebIdentityToken=\(bearer)"
        #expect(request.form == expected)
    }

    @Test(
        "The endpoint of STS follows the settings",
        arguments: [
            (["AWS_REGION": "cn-north-1"], "https://sts.cn-north-1.amazonaws.com.cn/"),
            (["AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9/sts"], "http://127.0.0.1:9/sts/"),
            (["AWS_ENDPOINT_URL": "https://minio.example:9000/"], "https://minio.example:9000/"),
            (["AWS_ENDPOINT_URL": "https://all", "AWS_ENDPOINT_URL_STS": "https://sts"], "https://sts/"),
            (["AWS_ENDPOINT_URL": "https://all", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"], "https://sts.eu-west-1.amazonaws.com/"),
        ])
    func endpoints(more: [String: String], url: String) async throws {
        let bench = webBench(more)
        bench.http.answer(200, stsXML("AssumeRoleWithWebIdentity", "ASIA", hours: 1))
        _ = try await bench.chain().credentials()
        #expect(bench.http.requests.map(\.url) == [url])
    }

    @Test("Plain http beyond the loopback interface is refused unless it is allowed")
    func plainHTTP() async throws {
        var bench = webBench(["AWS_ENDPOINT_URL_STS": "http://sts.internal"])
        bench.http.answer(200, stsXML("AssumeRoleWithWebIdentity", "ASIA", hours: 1))
        let error = try await bench.failure()
        #expect(error.code == .invalid && error.remedy.contains("allow_http") && bench.http.requests.isEmpty)
        bench.settings.allowsPlainHTTP = true
        #expect(try await bench.chain().credentials().accessKeyID == "ASIA")
    }

    @Test(
        "A refusal of STS is one sentence with its cause, retried or not",
        arguments: [
            (403, "AccessDenied", CredentialError.Code.denied, false, 1), (400, "ExpiredTokenException", .expired, true, 1),
            (400, "InvalidIdentityToken", .invalid, false, 1), (400, "IDPCommunicationError", .unavailable, true, 3),
            (400, "Throttling", .unavailable, true, 3), (503, "ServiceUnavailable", .unavailable, true, 3),
            (302, "Moved", .unavailable, true, 1),
        ])
    func refusals(status: Int, code: String, kind: CredentialError.Code, isRetryable: Bool, requests: Int) async throws {
        let bench = webBench()
        bench.http.answer(status, stsError(code, "the token \(bearer) is not welcome"))
        let error = try await bench.failure()
        #expect(error.code == kind && error.isRetryable == isRetryable && error.sentence.contains(code), "\(error)")
        #expect(error.sentence.contains("<redacted> is not welcome"), "\(error)")
        #expect(bench.http.requests.count == requests)
        expectNoSecret(in: error)
    }

    @Test(
        "An answer that is not what STS writes gives no keys",
        arguments: [
            "", "{}", "<html></html>", stsXML("AssumeRole", "ASIA", hours: 1),
            stsXML("AssumeRoleWithWebIdentity", "ASIA", hours: 1).replacing("Expiration", with: "Expires"),
            stsXML("AssumeRoleWithWebIdentity", "ASIA", hours: 1).replacing("SessionToken", with: "Session"),
            stsXML("AssumeRoleWithWebIdentity", "A&#10;B", hours: 1),
            String(stsXML("AssumeRoleWithWebIdentity", "ASIA", hours: 1).dropLast(40)),
        ])
    func strangeAnswers(body: String) async throws {
        let bench = webBench()
        bench.http.answer(200, body)
        let error = try await bench.failure()
        #expect(error.code == .invalid, "\(error)")
        expectNoSecret(in: error)
    }

    @Test("Half of the settings, a missing token and an empty one are errors")
    func incomplete() async throws {
        #expect(try await CredentialBench(["AWS_WEB_IDENTITY_TOKEN_FILE": "/t"]).failure().sentence.contains("AWS_ROLE_ARN"))
        let missing = try await CredentialBench(Self.web).failure()
        #expect(missing.sentence.contains("does not exist") && missing.isRetryable)
        let empty = webBench()
        empty.files.write("/var/run/token", " \n")
        #expect(try await empty.failure().sentence.contains("one token"))
    }

    @Test("The token is read again for each call, so a rotated one is used (X13)")
    func rotation() async throws {
        let bench = webBench()
        bench.http.answer(200, stsXML("AssumeRoleWithWebIdentity", "ASIA1", hours: 1))
        let chain = bench.chain()
        #expect(try await chain.credentials().accessKeyID == "ASIA1")
        bench.files.write("/var/run/token", "rotated")
        bench.http.answer(200, stsXML("AssumeRoleWithWebIdentity", "ASIA2", hours: 2))
        #expect(try await chain.credentials().accessKeyID == "ASIA1")
        bench.time.advance(3600 - 299)
        #expect(try await chain.credentials().accessKeyID == "ASIA2")
        #expect(bench.http.requests.count == 2 && bench.http.requests[1].form.hasSuffix("WebIdentityToken=rotated"))
    }
}

@Suite("The container's endpoint (X12)")
struct ContainerSourceTests {
    @Test("The relative path is asked on the well-known address, without a token")
    func relative() async throws {
        let bench = CredentialBench(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/uuid?x=1"])
        bench.http.answer(200, keysJSON("ASIACON", hours: 6))
        let found = try await bench.chain().credentials()
        #expect(found.accessKeyID == "ASIACON" && found.source == "container" && found.expiration == epoch + 6 * 3600)
        #expect(bench.http.requests.map(\.url) == ["http://169.254.170.2/v2/credentials/uuid?x=1"])
    }

    @Test("The token of a file goes before the variable's, and is read for each call")
    func tokens() async throws {
        let url = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials"]
        let variable = CredentialBench(url.merging(["AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer \(bearer)"]) { $1 })
        variable.http.answer(200, keysJSON("A", hours: 6))
        _ = try await variable.chain().credentials()
        #expect(variable.http.requests.first?.header("authorization") == "Bearer \(bearer)")

        let both = ["AWS_CONTAINER_AUTHORIZATION_TOKEN": "no", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token"]
        let file = CredentialBench(url.merging(both) { $1 })
        file.http.answer(200, keysJSON("A", hours: 6))
        let missing = try await file.failure()
        #expect(missing.sentence.contains("does not exist"))
        file.files.write("/token", bearer + "\n")
        _ = try await file.chain().credentials()
        #expect(file.http.requests.first?.header("authorization") == bearer)
    }

    @Test(
        "A host beyond the machine gets the token only through https",
        arguments: [
            ("http://127.0.0.1:80/x", true), ("http://localhost/x", true), ("http://[::1]/x", true), ("http://169.254.170.2/x", true),
            ("http://169.254.170.23/x", true), ("http://[fd00:ec2:0::23]/x", true), ("https://keys.example/x", true),
            ("http://keys.example/x", false), ("http://10.0.0.1/x", false), ("http://169.254.170.24/x", false),
            ("http://127.0.0.1@keys.example/x", false), ("http://127.0.0.1.keys.example/x", false), ("http://[fd00:ec2::24]/x", false),
            ("ftp://127.0.0.1/x", false), ("/x", false),
        ])
    func hosts(url: String, isAllowed: Bool) async throws {
        let bench = CredentialBench(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": bearer])
        bench.http.answer(200, keysJSON("A", hours: 6))
        if isAllowed {
            #expect(try await bench.chain().credentials().accessKeyID == "A")
        } else {
            #expect(try await bench.failure().code == .invalid)
            #expect(bench.http.requests.isEmpty)
        }
    }

    @Test("A token with a line break, and a path that is none, are refused before anything is sent")
    func injections() async throws {
        let token = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "\(bearer)\r\nx: y"]
        for environment in [
            token, ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "@evil.example/"], ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/a b"],
        ] {
            let bench = CredentialBench(environment)
            let error = try await bench.failure()
            #expect(error.code == .invalid && bench.http.requests.isEmpty)
            expectNoSecret(in: error)
        }
    }

    @Test(
        "Busy endpoints are asked three times, refusals and redirects once", arguments: [(500, 3), (429, 3), (403, 1), (404, 1), (301, 1)])
    func statuses(status: Int, requests: Int) async throws {
        let bench = CredentialBench(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"])
        bench.http.answer(status, keysJSON("A", hours: 6))
        let error = try await bench.failure()
        #expect(error.sentence.contains("\(status)") && bench.http.requests.count == requests)
        #expect(error.isRetryable == (status == 301 || requests == 3))
        expectNoSecret(in: error)
    }
}
