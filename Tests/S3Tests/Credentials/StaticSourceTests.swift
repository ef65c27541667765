import S3
import Testing

@Suite("Keys from files and the environment (X12)")
struct StaticSourceTests {
    static let path = "/run/credentials/fleetsynth/s3-credentials"
    static let directory = ["CREDENTIALS_DIRECTORY": "/run/credentials/fleetsynth"]
    static let keys = ["AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": secretKey]

    @Test(
        "A credential file is read as lines or as JSON",
        arguments: [
            "aws_access_key_id = AKIA1\naws_secret_access_key = \(secretKey)\naws_session_token=\(sessionToken)\n",
            "\u{FEFF}[any]\r\nAWS_ACCESS_KEY_ID=AKIA1\r\nAWS_SECRET_ACCESS_KEY=\(secretKey)\r\nAWS_SESSION_TOKEN=\(sessionToken)\r\n",
            "[other]\naws_access_key_id=X\n[default]\naws_access_key_id=AKIA1\naws_secret_access_key=\(secretKey)\naws_session_token=\(sessionToken)",
            " \n{\"AccessKeyId\": \"AKIA1\", \"SecretAccessKey\": \"\(secretKey)\", \"SessionToken\": \"\(sessionToken)\"}",
            #"{"aws_access_key_id":"AKIA1","aws_secret_access_key":"\#(secretKey)","aws_session_token":"\#(sessionToken)"}"#,
        ])
    func credentialFile(text: String) async throws {
        let bench = CredentialBench(Self.directory)
        bench.files.write(Self.path, text)
        let found = try await bench.chain().credentials()
        #expect(found.accessKeyID == "AKIA1" && found.secretAccessKey.revealed == secretKey)
        #expect(found.sessionToken?.revealed == sessionToken && found.expiration == nil)
        #expect(found.source == "credential file 's3-credentials'")
    }

    @Test(
        "A credential file that cannot be used is an error, and no other source is asked",
        arguments: [
            ("", "access key id is missing"), ("aws_access_key_id=AKIA", "secret access key is missing"), ("{", "no valid JSON"),
            ("{\"AccessKeyId\": 5}", "access key id is missing"), ("\(secretKey)\n", "line 1"), ("[a]\n[b]\n", "several sections"),
            ("aws_access_key_id=A B\naws_secret_access_key=\(secretKey)", "access key id has characters"),
            ("aws_access_key_id=A/B\naws_secret_access_key=\(secretKey)", "access key id has characters"),
            ("aws_access_key_id=A\naws_secret_access_key=\(secretKey) x", "white space"),
            (#"{"AccessKeyId":"A","SecretAccessKey":"\#(secretKey)","Token":"\#(sessionToken)\r\nx: y"}"#, "session token has white space"),
            (#"{"AccessKeyId":"A","SecretAccessKey":"\#(secretKey)","Expiration":"soon"}"#, "is no time"),
        ])
    func badCredentialFile(text: String, words: String) async throws {
        let bench = CredentialBench(Self.directory.merging(Self.keys) { $1 })
        bench.files.write(Self.path, text)
        let error = try await bench.failure()
        #expect(error.code == .invalid && error.sentence.contains(words), "\(error)")
        expectNoSecret(in: error)
    }

    @Test(
        "A file that is too long, unreadable or no file is an error that says so",
        arguments: [
            (CredentialFileProblem.tooLarge(limit: 65_536), "65536"), (.notRegular, "no regular file"), (.unreadable(13), "errno 13"),
        ])
    func fileProblems(problem: CredentialFileProblem, words: String) async throws {
        let bench = CredentialBench(Self.directory)
        bench.files.fail(Self.path, problem)
        #expect(try await bench.failure().sentence.contains(words))
        bench.files.fail(Self.path, nil)
        bench.files.write(Self.path, [UInt8](repeating: 0x41, count: 65_537))
        #expect(try await bench.failure().sentence.contains("65536"))
    }

    @Test("S14: the name of a credential cannot lead out of its folder", arguments: ["../x", "a/b", "", ".", "..", "a\0b"])
    func credentialName(name: String) async throws {
        var bench = CredentialBench(Self.directory)
        bench.settings.credentialName = name
        #expect(try await bench.failure().code == .invalid)
        #expect(bench.files.stamp("/run/credentials/x").identity.isEmpty)
    }

    @Test("The environment's keys are used, with and without a token")
    func environment() async throws {
        let plain = try await CredentialBench(Self.keys).chain().credentials()
        #expect(plain.accessKeyID == "AKIAENV" && plain.sessionToken == nil && plain.source == "environment")
        let temporary = try await CredentialBench(Self.keys.merging(["AWS_SESSION_TOKEN": sessionToken]) { $1 }).chain().credentials()
        #expect(temporary.sessionToken?.revealed == sessionToken)
    }

    @Test("Half of a pair in the environment is an error", arguments: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    func halfOfAPair(name: String) async throws {
        let error = try await CredentialBench([name: secretKey]).failure()
        #expect(error.code == .invalid && error.remedy.contains("both"))
        expectNoSecret(in: error)
    }

    @Test("A credential file that is changed counts with the next request, without a restart (X13)")
    func rotation() async throws {
        let bench = CredentialBench(Self.directory)
        let chain = bench.chain()
        bench.files.write(Self.path, "aws_access_key_id=OLD\naws_secret_access_key=\(secretKey)")
        #expect(try await chain.credentials().accessKeyID == "OLD")
        bench.files.write(Self.path, "aws_access_key_id=NEW\naws_secret_access_key=\(secretKey)")
        #expect(try await chain.credentials().accessKeyID == "NEW")
        // Half written: the old ones stay, and the file is looked at again after a pause.
        bench.files.write(Self.path, "aws_access_key_id=HALF")
        #expect(try await chain.credentials().accessKeyID == "NEW")
        bench.files.write(Self.path, "aws_access_key_id=THIRD\naws_secret_access_key=\(secretKey)")
        bench.time.advance(31)
        #expect(try await chain.credentials().accessKeyID == "THIRD")
        expectNoSecret(in: bench.events.all)
    }

    @Test("A credential file that appears goes before the environment at once")
    func appearance() async throws {
        let bench = CredentialBench(Self.directory.merging(Self.keys) { $1 })
        let chain = bench.chain()
        #expect(try await chain.credentials().source == "environment")
        bench.files.write(Self.path, "aws_access_key_id=FILE\naws_secret_access_key=\(secretKey)")
        #expect(try await chain.credentials().accessKeyID == "FILE")
    }
}
