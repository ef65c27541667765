import S3
import Testing

@Suite("Profiles (X12)")
struct ProfileSourceTests {
    static let config = "/home/etl/.aws/config"
    static let credentials = "/home/etl/.aws/credentials"
    static let staticKeysText = "aws_access_key_id = AKIAPROFILE\naws_secret_access_key = \(secretKey)\n"

    private func bench(_ config: String, credentials: String = "", _ environment: [String: String] = ["AWS_PROFILE": "p"])
        -> CredentialBench
    {
        let bench = CredentialBench(environment)
        bench.files.write(Self.config, config)
        bench.files.write(Self.credentials, credentials)
        return bench
    }

    @Test("Keys are found in either file, the credentials file first; the default profile needs no name")
    func staticKeys() async throws {
        let one = bench("[profile p]\n\(Self.staticKeysText)")
        #expect(try await one.chain().credentials().source == "profile 'p'")
        let both = bench("[profile p]\n\(Self.staticKeysText)", credentials: "[p]\naws_access_key_id = AKIACRED\n")
        #expect(try await both.chain().credentials().accessKeyID == "AKIACRED")
        let standard = bench("[default]\naws_access_key_id=NO\n[profile default]\n\(Self.staticKeysText)", [:])
        #expect(try await standard.chain().credentials().accessKeyID == "AKIAPROFILE")
    }

    @Test("Both paths follow their variables, and ~ is HOME")
    func paths() async throws {
        let bench = CredentialBench(["AWS_CONFIG_FILE": "/etc/aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/keys", "AWS_PROFILE": "p"])
        bench.files.write("/home/etl/keys", "[p]\naws_access_key_id=A\n")
        bench.files.write("/etc/aws/config", "[profile p]\naws_secret_access_key=\(secretKey)\n")
        #expect(try await bench.chain().credentials().accessKeyID == "A")
    }

    @Test("A profile that is named and does not exist, or holds nothing, is an error; the default one is passed over")
    func missing() async throws {
        #expect(try await bench("").failure().sentence.contains("no profile 'p'"))
        #expect(try await bench("[profile p]\nregion = x\n").failure().sentence.contains("holds no credentials"))
        #expect(try await bench("[default]\nregion = x\n", [:]).failure().sentence.contains("profile 'default' holds no credentials"))
    }

    @Test("A profile of the config goes before the environment, and nothing is asked after it")
    func explicitProfile() async throws {
        var named = bench("[profile p]\n\(Self.staticKeysText)", StaticSourceTests.keys)
        named.settings.profile = "p"
        #expect(try await named.chain().credentials().accessKeyID == "AKIAPROFILE")
        named.settings.profile = "q"
        #expect(try await named.failure().code == .missing)
    }

    @Test("A file with a wrong line is an error that names file and line, never the line's text")
    func wrongLine() async throws {
        let error = try await bench("", credentials: "[p]\naws_access_key_id = A\n\(bearer)\n").failure()
        #expect(error.sentence.contains("line 3") && error.sentence.contains(Self.credentials) && error.code == .invalid)
        expectNoSecret(in: error)
    }

    @Test("A role is assumed with the keys of its source profile, signed for the right region")
    func role() async throws {
        let text = """
            [profile p]
            role_arn = arn:role
            source_profile = base
            external_id = x/1
            duration_seconds = 900
            role_session_name = s
            region = eu-central-1
            [profile base]
            \(Self.staticKeysText)
            """
        let bench = bench(text)
        bench.http.answer(200, stsXML("AssumeRole", "ASIAROLE", hours: 1))
        let found = try await bench.chain().credentials()
        #expect(found.accessKeyID == "ASIAROLE" && found.source == "profile 'p' (role, through profile 'base')")
        let request = try #require(bench.http.requests.first)
        #expect(request.url == "https://sts.eu-central-1.amazonaws.com/")
        #expect(request.header("authorization") == "signed by AKIAPROFILE for eu-central-1/sts")
        #expect(
            request.form == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Arole&RoleSessionName=s&ExternalId=x%2F1&DurationSeconds=900"
        )
    }

    @Test("Roles are followed through profiles, a profile may name itself, and keys beside a role end the way")
    func chains() async throws {
        let text = """
            [profile p]
            role_arn = one
            source_profile = q
            [profile q]
            role_arn = two
            source_profile = q
            credential_process = get
            [profile r]
            role_arn = three
            source_profile = r
            \(Self.staticKeysText)
            [profile s]
            role_arn = four
            source_profile = r
            """
        let through = bench(text)
        through.processes.answer(.success(#"{"Version":1,"AccessKeyId":"PROC","SecretAccessKey":"\#(secretKey)"}"#))
        through.http.answer(200, stsXML("AssumeRole", "ASIA", hours: 1))
        _ = try await through.chain().credentials()
        #expect(
            through.http.requests.map { $0.header("authorization") ?? "" } == [
                "signed by PROC for us-east-1/sts", "signed by ASIA for us-east-1/sts",
            ])
        let beside = bench(text, ["AWS_PROFILE": "s"])
        beside.http.answer(200, stsXML("AssumeRole", "ASIA", hours: 1))
        _ = try await beside.chain().credentials()
        #expect(beside.http.requests.map { $0.header("authorization") ?? "" } == ["signed by AKIAPROFILE for us-east-1/sts"])
    }

    @Test(
        "A role that cannot be assumed is one sentence",
        arguments: [
            ("role_arn = r", "does not say whose keys"), ("role_arn = r\nsource_profile = p", "holds no credentials"),
            ("role_arn = r\nsource_profile = none", "does not exist"),
            ("role_arn = r\nsource_profile = a\ncredential_source = Environment", "several"),
            ("role_arn = r\ncredential_source = Elsewhere", "unknown credential_source 'Elsewhere'"),
            ("role_arn = r\ncredential_source = Environment", "AWS_ACCESS_KEY_ID is not set"),
            ("role_arn = r\nmfa_serial = m\nsource_profile = a", "one-time code"),
            ("role_arn = r\nsource_profile = c\n[profile c]\nrole_arn = r\nsource_profile = p", "leads back to itself"),
            (
                "role_arn = r\nsource_profile = 1\n"
                    + (1...8).map { "[profile \($0)]\nrole_arn = r\nsource_profile = \($0 + 1)\n" }.joined(), "more than 8"
            ),
        ])
    func impossibleRoles(text: String, words: String) async throws {
        let bench = bench("[profile p]\n\(text)\n[profile a]\n\(Self.staticKeysText)")
        let error = try await bench.failure()
        #expect(error.sentence.contains(words), "\(error)")
        #expect(bench.http.requests.isEmpty && !error.isRetryable)
    }

    @Test("A role can be asked for by the environment, the container, the instance and a web identity")
    func credentialSources() async throws {
        let environment = bench("[profile p]\nrole_arn = r\ncredential_source = Environment\n", StaticSourceTests.keys)
        var named = environment
        named.settings.profile = "p"
        named.http.answer(200, stsXML("AssumeRole", "ASIA", hours: 1))
        #expect(try await named.chain().credentials().source == "profile 'p' (role, through environment)")

        let container = bench(
            "[profile p]\nrole_arn = r\ncredential_source = EcsContainer\n",
            ["AWS_PROFILE": "p", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c"])
        container.http.answer { request in
            let body = request.method == "GET" ? keysJSON("CON", hours: 6) : stsXML("AssumeRole", "ASIA", hours: 1)
            return .success(HTTPFetchResponse(status: 200, body: Array(body.utf8)))
        }
        #expect(try await container.chain().credentials().source == "profile 'p' (role, through container)")
        #expect(container.http.requests.last?.header("authorization") == "signed by CON for us-east-1/sts")

        let web = bench("[profile p]\nrole_arn = r\nweb_identity_token_file = ~/token\n")
        web.files.write("/home/etl/token", bearer)
        web.http.answer(200, stsXML("AssumeRoleWithWebIdentity", "ASIA", hours: 1))
        #expect(try await web.chain().credentials().source == "profile 'p' (web identity)")
    }

    @Test("A program's keys are used, with and without an end")
    func process() async throws {
        let bench = bench("[profile p]\ncredential_process = /opt/get keys --for 'the etl' # c\n")
        bench.processes.answer(
            .success(
                #"{"Version":1,"AccessKeyId":"PROC","SecretAccessKey":"\#(secretKey)","SessionToken":"\#(sessionToken)","Expiration":"\#(time(afterHours: 1))"}"#
            ))
        let found = try await bench.chain().credentials()
        #expect(found.accessKeyID == "PROC" && found.expiration == epoch + 3600 && found.source == "profile 'p' (process)")
        #expect(bench.processes.runs == [["/opt/get", "keys", "--for", "the etl"]])
    }

    @Test(
        "A program that gives no keys is an error without its arguments and output",
        arguments: [
            (Result<String, CredentialProcessProblem>.failure(.timedOut), true, "30 s"), (.failure(.failed(3)), true, "status 3"),
            (.failure(.notStarted(2)), false, "errno 2"), (.failure(.tooMuchOutput), false, "65536 bytes"),
            (.success(secretKey), false, "no valid JSON"),
            (.success(#"{"Version":2,"AccessKeyId":"A","SecretAccessKey":"\#(secretKey)"}"#), false, "version 1"),
            (.success(#"{"Version":1,"SecretAccessKey":"\#(secretKey)"}"#), false, "key id is missing"),
        ])
    func failedProcess(result: Result<String, CredentialProcessProblem>, isRetryable: Bool, words: String) async throws {
        let bench = bench("[profile p]\ncredential_process = get \(bearer)\n")
        bench.processes.answer(result)
        let error = try await bench.failure()
        #expect(error.isRetryable == isRetryable && error.sentence.contains(words), "\(error)")
        expectNoSecret(in: error)
    }
}

@Suite("A cached SSO login (X12)")
struct CachedLoginTests {
    static let config = """
        [profile p]
        sso_session = corp
        sso_account_id = 123456789012
        sso_role_name = Data Role
        [sso-session corp]
        sso_start_url = https://corp.awsapps.example/start
        sso_region = eu-west-1
        """
    // The SHA-1 of `corp`, and of the start URL.
    static let cache = "/home/etl/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
    static let oldCache = "/home/etl/.aws/sso/cache/1667e2e8d0e47b926b6e3048caee923410901ca4.json"

    private func bench(_ config: String = config, cache: String = cache, hours: Int = 8) -> CredentialBench {
        let bench = CredentialBench(["AWS_PROFILE": "p"])
        bench.files.write(ProfileSourceTests.config, config)
        bench.files.write(
            cache, #"{"startUrl":"x","region":"eu-west-1","accessToken":"\#(bearer)","expiresAt":"\#(time(afterHours: hours))"}"#)
        let milliseconds = (epoch + 3600) * 1000
        bench.http.answer(
            200,
            #"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"\#(secretKey)","sessionToken":"\#(sessionToken)","expiration":\#(milliseconds)}}"#
        )
        return bench
    }

    @Test("The cached token is changed at the portal into keys of account and role")
    func exchange() async throws {
        let bench = bench()
        let found = try await bench.chain().credentials()
        #expect(found.accessKeyID == "ASIASSO" && found.expiration == epoch + 3600 && found.source == "profile 'p' (SSO)")
        let request = try #require(bench.http.requests.first)
        let url = "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=Data%20Role&account_id=123456789012"
        #expect(request.url == url && request.header("x-amz-sso_bearer_token") == bearer)
    }

    @Test("Older profiles without a session are found by their start URL")
    func olderProfile() async throws {
        let text = Self.config.replacing("sso_session = corp\n", with: "").replacing("[sso-session corp]\n", with: "")
        #expect(try await bench(text, cache: Self.oldCache).chain().credentials().accessKeyID == "ASIASSO")
    }

    @Test("An expired, refused or missing login names the command that renews it")
    func expired() async throws {
        let old = bench(hours: 0)
        let refused = bench()
        refused.http.answer(401, #"{"message":"\#(bearer)"}"#)
        let missing = bench(cache: "/elsewhere")
        for (bench, code) in [(old, CredentialError.Code.expired), (refused, .expired), (missing, .missing)] {
            let error = try await bench.failure()
            #expect(error.code == code && error.remedy.contains("aws sso login --profile p"), "\(error)")
            expectNoSecret(in: error)
        }
        #expect(old.http.requests.isEmpty)
    }

    @Test("A new login counts with the next request")
    func renewed() async throws {
        let bench = bench(hours: 0)
        let chain = bench.chain()
        await #expect(throws: CredentialError.self) { try await chain.credentials() }
        bench.files.write(Self.cache, #"{"accessToken":"new","expiresAt":"\#(time(afterHours: 9))"}"#)
        #expect(try await chain.credentials().accessKeyID == "ASIASSO")
        #expect(bench.http.requests.map { $0.header("x-amz-sso_bearer_token") } == ["new"])
    }

    @Test(
        "An incomplete profile, a strange region and a strange cache are errors",
        arguments: [
            (config.replacing("sso_region = eu-west-1", with: ""), "lacks one of"),
            (config.replacing("[sso-session corp]", with: "[sso-session x]"), "does not exist"),
            (config.replacing("eu-west-1", with: "evil.example/"), "is no region"),
        ])
    func wrongProfiles(text: String, words: String) async throws {
        let bench = bench(text)
        #expect(try await bench.failure().sentence.contains(words))
        #expect(bench.http.requests.isEmpty)
    }
}
