import Glibc
import S3
import Testing

@Suite("Files and programs of the machine")
struct SystemCredentialTests {
    private let folder = "/tmp/fleetsynth-credentials-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    private let processes = SystemCredentialProcesses()

    private func inFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        try #require(mkdir(folder, 0o700) == 0)
        defer {
            for name in ["a", "b", "pipe", "link"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        return try await body(folder)
    }

    private func write(_ path: String, _ text: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }

    private func run(
        _ words: String..., environment: [String: String] = ["PATH": "/usr/bin:/bin"], time: Duration = .seconds(20), limit: Int = 1000
    ) async throws(CredentialProcessProblem) -> String {
        String(decoding: try await processes.run(words, environment: environment, timeLimit: time, outputLimit: limit), as: UTF8.self)
    }

    @Test("A stamp changes with every way of changing a file")
    func stamps() async throws {
        try await inFolder { folder in
            let files = SystemCredentialFiles()
            let path = "\(folder)/a"
            var stamps = [files.stamp(path)]
            #expect(stamps[0].identity.isEmpty)
            try write(path, "one")
            stamps.append(files.stamp(path))
            try write(path, "longer")
            stamps.append(files.stamp(path))
            try write("\(folder)/b", "LONGER")
            rename("\(folder)/b", path)
            stamps.append(files.stamp(path))
            let (bytes, stamp) = try files.read(path, limit: 6)
            #expect(bytes.map { String(decoding: $0, as: UTF8.self) } == "LONGER" && stamp == stamps[3] && Set(stamps).count == 4)
        }
    }

    @Test("Pipes and folders are refused at once, long files at their limit, links are followed")
    func kinds() async throws {
        try await inFolder { folder in
            let files = SystemCredentialFiles()
            try #require(mkfifo("\(folder)/pipe", 0o600) == 0)
            #expect(throws: CredentialFileProblem.notRegular) { try files.read("\(folder)/pipe", limit: 9) }
            #expect(throws: CredentialFileProblem.notRegular) { try files.read(folder, limit: 9) }
            try write("\(folder)/a", "0123456789")
            #expect(throws: CredentialFileProblem.tooLarge(limit: 9)) { try files.read("\(folder)/a", limit: 9) }
            symlink("a", "\(folder)/link")
            #expect(try files.read("\(folder)/link", limit: 10).bytes?.count == 10)
            #expect(try files.read("\(folder)/absent", limit: 10).bytes == nil)
            #expect(try files.read("\(folder)/a/absent", limit: 10).bytes == nil)
        }
    }

    @Test("A program gets its words as they are, the environment that is passed, and no input")
    func programs() async throws {
        #expect(try await run("printf", "%s|", "a b", "$HOME", "*", "") == "a b|$HOME|*||")
        #expect(try await run("/usr/bin/env", environment: ["ONE": "1", "TWO": "x y"]) == "ONE=1\nTWO=x y\n")
        #expect(try await run("cat") == "")
        #expect(try await run("/bin/sh", "-c", "echo out; echo \(bearer) >&2") == "out\n")
    }

    @Test("Failures are told apart")
    func failures() async {
        await #expect(throws: CredentialProcessProblem.notStarted(ENOENT)) { try await run("no-such-program") }
        await #expect(throws: CredentialProcessProblem.notStarted(ENOENT)) { try await run("/no/such/program") }
        await #expect(throws: CredentialProcessProblem.notStarted(EACCES)) { try await run("/etc") }
        await #expect(throws: CredentialProcessProblem.failed(3)) { try await run("/bin/sh", "-c", "exit 3") }
        await #expect(throws: CredentialProcessProblem.failed(-9)) { try await run("/bin/sh", "-c", "kill -9 $$") }
        await #expect(throws: CredentialProcessProblem.tooMuchOutput) { try await run("yes") }
    }

    /// Well below the programs' minute and the limit of 50 s, and far above what a resumption takes while other tests have the pool's threads.
    private static let soon = Duration.seconds(45)

    @Test("The time limit ends a program with its children, whether it writes, waits or has closed its output")
    func timeLimit() async throws {
        for script in ["sleep 60", "sleep 60 & wait", "exec 1>&-; sleep 60", "trap '' TERM; while :; do echo x; sleep 0.1; done"] {
            let begin = ContinuousClock.now
            await #expect(throws: CredentialProcessProblem.timedOut) { try await run("/bin/sh", "-c", script, time: .milliseconds(300)) }
            #expect(ContinuousClock.now - begin < Self.soon)
        }
    }

    @Test("A cancelled caller ends the program")
    func cancellation() async {
        let task = Task {
            try await SystemCredentialProcesses().run(
                ["sleep", "60"], environment: ["PATH": "/usr/bin:/bin"], timeLimit: .seconds(50), outputLimit: 9)
        }
        task.cancel()
        let begin = ContinuousClock.now
        await #expect(throws: CredentialProcessProblem.cancelled) { try await task.value }
        #expect(ContinuousClock.now - begin < Self.soon)
    }
}
