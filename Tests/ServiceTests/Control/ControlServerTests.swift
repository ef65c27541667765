import Core
import Glibc
import Service
import Synchronization
import Testing

@Suite("Control socket", .timeLimit(.minutes(2))) struct ControlServerTests {
    private let folder: ServiceFolder
    private var path: String { folder.path + "/control.sock" }

    init() throws { folder = try ServiceFolder() }

    /// Serves while `body` runs.
    private func serve(
        _ limits: ControlServer.Limits = ControlServer.Limits(),
        answer: @escaping ControlServer.Handler = { .done("\($0)", runID: "\($1.process)") },
        while body: () async throws -> Void
    ) async throws {
        let server = try ControlServer(path: path, limits: limits, handler: answer)
        async let run: Void = server.run()
        do {
            try await body()
        } catch {
            server.stop()
            await run
            throw error
        }
        server.stop()
        await run
        #expect(!folder.names().contains("control.sock"))
    }

    private func ask(_ request: ControlRequest) async throws -> ControlResponse {
        let client = ControlClient(path: path)
        return try await blocking { try client.send(request) }
    }

    /// Asks, and expects what the answer of `serve` is by default.
    private func check(_ request: ControlRequest) async throws {
        let answer = try await ask(request)
        #expect(answer == .done("\(request)", runID: "\(getpid())"))
    }

    @Test("Every request reaches the service with who asks, and its answer comes back")
    func roundTrip() async throws {
        try await serve {
            let requests: [ControlRequest] = [
                .status(dataset: nil), .trigger("web"), .reload, .pause("web"), .resume("web"), .rescan, .version,
            ]
            for request in requests { try await check(request) }
        }
    }

    @Test("S9: the server's thread shows that it turns, also while an answer is being made, and not before it runs")
    func probes() async throws {
        let (door, asked, probed) = (Door(), Door(), Door())
        let server = try ControlServer(path: path) { _, _ in
            asked.open()
            await door.wait()
            return .done("")
        }
        let early = Mutex(0)
        for _ in 0..<100 { server.probe { early.withLock { $0 += 1 } } }
        #expect(early.withLock { $0 } == 0)
        async let run: Void = server.run()
        async let answer = ask(.reload)
        await asked.wait()
        server.probe { probed.open() }
        await probed.wait()
        // Those of before are few, however many there were, and were called by now.
        #expect(1...4 ~= early.withLock { $0 })
        door.open()
        #expect(try await answer == .done(""))
        server.stop()
        await run
    }

    @Test("The status of ten thousand datasets comes whole")
    func largeAnswer() async throws {
        let datasets = (0..<10_000).map { DatasetStatus(dataset: "d\($0)", state: .failed, errors: [String(repeating: "x", count: 200)]) }
        let report = StatusReport(
            version: "1", started: QueueBench.moment(0), now: QueueBench.moment(1), configDirectory: "/", datasets: datasets)
        try await serve(answer: { _, _ in .status(report) }) {
            let answer = try await ask(.status(dataset: nil))
            #expect(answer == .status(report))
        }
    }

    @Test("A long reload holds up nobody else, and its client gets the answer when it is there (S5)")
    func slowAnswer() async throws {
        let door = Door()
        try await serve(
            ControlServer.Limits(idle: .milliseconds(500)),
            answer: { request, _ in
                if request == .reload { await door.wait() }
                return .done("\(request)")
            }
        ) {
            let path = path
            let slow = try await blocking {
                let slow = try RawClient(path)
                slow.send(.reload)
                slow.endSending()
                return slow
            }
            for _ in 0..<3 { #expect(try await ask(.version) == .done("version")) }
            // An idle client is closed after the same time that the reload outlives.
            let idle = try await blocking { try RawClient(path) }
            #expect(try await blocking { try idle.answer() } == nil)
            door.open()
            #expect(try await blocking { try slow.answer() } == .done("reload"))
            #expect(try await blocking { try slow.answer() } == nil)
        }
    }

    @Test("Requests of one connection are answered in their order, wrong ones in between too")
    func pipelining() async throws {
        try await serve {
            let client = try RawClient(path)
            let wrong = Array("\r\n\nnonsense\n".utf8)
            client.send(ControlRequest.version.line + wrong + ControlRequest.reload.line + ControlRequest.rescan.line.dropLast())
            client.endSending()
            let answers = try await blocking { try (0..<5).map { _ in try client.answer() } }
            #expect(answers[0] == .done("version", runID: "\(getpid())") && answers[2] == .done("reload", runID: "\(getpid())"))
            guard case .refused(let refusal) = answers[1] else { throw Unexpected() }
            #expect(refusal.code == .badRequest)
            #expect(answers[3] == .done("rescan", runID: "\(getpid())") && answers[4] == nil)
        }
    }

    @Test("Thousands of wrong lines at once are refused one by one")
    func manyWrongLines() async throws {
        try await serve {
            let client = try RawClient(path)
            let count = 30_000
            async let sent: Void = blocking {
                client.send((0..<2 * count).map { UInt8(ascii: $0 % 2 == 1 ? "\n" : "x") })
                client.endSending()
            }
            let refused = try await blocking {
                var refused = 0
                while case .refused? = try client.answer() { refused += 1 }
                return refused
            }
            try await sent
            #expect(refused == count)
        }
    }

    @Test("A request of up to 64 KiB is read, a longer one is refused and the connection closed", arguments: [65_535, 65_536, 1_000_000])
    func requestSize(_ bytes: Int) async throws {
        try await serve {
            let client = try RawClient(path)
            let start = Array("{\"protocol\":1,\"verb\":\"version\"".utf8)
            let line = start + [UInt8](repeating: 0x20, count: bytes - start.count - 1) + Array("}\n".utf8)
            async let sent: Void = blocking { client.send(line) }
            let answer = try await blocking { try client.answer() }
            if bytes < ControlRequest.maximumBytes {
                #expect(answer == .done("version", runID: "\(getpid())"))
            } else {
                guard case .refused(let refusal) = answer else { throw Unexpected() }
                #expect(refusal.code == .tooLarge)
                #expect(try await blocking { try client.answer() } == nil)
            }
            try await sent
            try await check(.reload)
        }
    }

    @Test("One connection more than allowed is told so; a place that is given back is free again")
    func connectionLimit() async throws {
        try await serve(ControlServer.Limits(connections: 4, idle: .seconds(300))) {
            let path = path
            var clients = try (0..<4).map { _ in try RawClient(path) }
            // The answer shows that the service has accepted them all.
            for client in clients {
                client.send(.version)
                #expect(try await blocking { try client.answer() } != nil)
            }
            guard case .refused(let refusal) = try await ask(.version) else { throw Unexpected() }
            #expect(refusal.code == .busy && refusal.exitCode == 75)
            clients.removeLast()
            var answer = try await ask(.version)
            // The service may see the newcomer before the one that left.
            for _ in 0..<1000 where answer == .refused(refusal) { answer = try await ask(.version) }
            #expect(answer == .done("version", runID: "\(getpid())"))
        }
    }

    @Test("A client that goes away takes its request with it")
    func disconnect() async throws {
        let (begun, cancelled) = (Door(), Door())
        try await serve(answer: { _, _ in
            begun.open()
            await withTaskCancellationHandler {
                await cancelled.wait()
            } onCancel: {
                cancelled.open()
            }
            return .version("late")
        }) {
            var client: RawClient? = try RawClient(path)
            client?.send(.reload)
            await begun.wait()
            client = nil
            await cancelled.wait()
            #expect(client == nil)
        }
    }

    @Test("At the end an answer in the making is still sent, for a while; then its task is cancelled (S8)", arguments: [true, false])
    func stopping(_ comesInTime: Bool) async throws {
        let (begun, door) = (Door(), Door())
        let limits = ControlServer.Limits(linger: comesInTime ? .seconds(60) : .milliseconds(20))
        let server = try ControlServer(path: path, limits: limits) { _, _ in
            begun.open()
            await withTaskCancellationHandler {
                await door.wait()
            } onCancel: {
                door.open()
            }
            return .version("1")
        }
        let run = Task { await server.run() }
        let client = try RawClient(path)
        client.send(.reload)
        await begun.wait()
        run.cancel()
        if comesInTime { door.open() }
        #expect(try await blocking { try client.answer() } == (comesInTime ? .version("1") : nil))
        await run.value
        #expect(folder.names().isEmpty)
    }

    @Test("The socket has mode 0660, whatever the umask leaves")
    func mode() async throws {
        try await serve {
            var status = stat()
            #expect(lstat(path, &status) == 0 && status.st_mode & 0o7777 == 0o660)
        }
    }

    @Test("A socket that a dead service left is replaced")
    func stale() async throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        close(descriptor)
        try #require(code == 0 && folder.names() == ["control.sock"])
        let refused = try await failure(of: ControlClient(path: path))
        #expect(refused.code == .notRunning && refused.exitCode == 69)
        try await serve { try await check(.version) }
    }

    @Test("A second service at the same path is refused and disturbs nothing")
    func second() async throws {
        try await serve {
            let error = #expect(throws: ControlError.self) { try ControlServer(path: path) { _, _ in .version("2") } }
            #expect(error?.code == .alreadyRunning && error?.exitCode == 75)
            try await check(.version)
        }
    }

    @Test("What is no socket is left as it is")
    func noSocket() throws {
        try folder.write("precious", to: "control.sock")
        let error = #expect(throws: ControlError.self) { try ControlServer(path: path) { _, _ in .version("1") } }
        #expect(error?.code == .cannotCreate && error?.exitCode == 73 && folder.names() == ["control.sock"])
    }

    @Test("A service that ends leaves the socket that another one has put in the place of its own")
    func notOurs() async throws {
        let server = try ControlServer(path: path) { _, _ in .version("1") }
        try #require(rename(path, path + ".old") == 0)
        try await serve {
            server.stop()
            await server.run()
            try await check(.version)
        }
    }

    @Test(
        "A path that cannot be a socket's, and a folder that is not there, are errors with their remedy",
        arguments: [
            ("", ControlError.Code.badPath), (String(repeating: "x", count: 108), .badPath), ("missing/control.sock", .cannotCreate),
        ])
    func badPath(_ name: String, _ code: ControlError.Code) throws {
        let path = name.hasPrefix("missing") ? folder.path + "/" + name : name
        let error = #expect(throws: ControlError.self) { try ControlServer(path: path) { _, _ in .version("1") } }
        #expect(error?.code == code && error?.message.contains("--socket") == true)
    }

    private func failure(of client: ControlClient) async throws -> ControlError {
        try await blocking {
            do throws(ControlError) {
                _ = try client.send(.version)
            } catch {
                return error
            }
            throw Unexpected()
        }
    }

    @Test("Where no service answers, the client says how to start one and ends with 69")
    func notRunning() async throws {
        let error = try await failure(of: ControlClient(path: path))
        #expect(error.code == .notRunning && error.exitCode == 69)
        #expect(error.message.contains(path) && error.message.contains("systemctl start fleetsynth") && error.message.contains("--socket"))
    }

    @Test("A service that does not answer in time is given up with 75")
    func timeout() async throws {
        // Bound, never served: the kernel takes the connection and the request, and nobody answers.
        let server = try ControlServer(path: path) { _, _ in .version("1") }
        let error = try await failure(of: ControlClient(path: path, timeout: .milliseconds(50)))
        #expect(error.code == .timeout && error.exitCode == 75)
        withExtendedLifetime(server) {}
    }

    @Test(
        "A stranger is refused even where the socket is open to all, and a member of its group is not",
        .enabled(if: geteuid() == 0, "SKIPPED: only root can be somebody else"), arguments: [([], "permission"), (["0"], "done")])
    func strangers(_ groups: [String], _ words: String) async throws {
        try await serve {
            try #require(chmod(path, 0o666) == 0 && chmod(folder.path, 0o755) == 0)
            let script = """
                import os, socket, sys
                s = socket.socket(socket.AF_UNIX)
                os.setgroups([int(g) for g in sys.argv[2:]]); os.setgid(65534); os.setuid(65534)
                s.connect(sys.argv[1])
                try: s.sendall(b'{"protocol":1,"verb":"version"}\\n')
                except (BrokenPipeError, ConnectionResetError): pass
                sys.stdout.buffer.write(s.makefile("rb").readline())
                """
            let answer = try await spawn(["python3", "-c", script, path] + groups)
            #expect(answer.contains(words))
        }
    }

    /// The standard output of a program.
    private func spawn(_ arguments: [String]) async throws -> String {
        try await blocking {
            var ends: (Int32, Int32) = (-1, -1)
            _ = withUnsafeMutableBytes(of: &ends) { pipe($0.assumingMemoryBound(to: Int32.self).baseAddress) }
            for end in [ends.0, ends.1] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            posix_spawn_file_actions_adddup2(&actions, ends.1, STDOUT_FILENO)
            var words = arguments.map { strdup($0) } + [nil]
            defer { for word in words { free(word) } }
            var process = pid_t()
            let code = posix_spawnp(&process, arguments[0], &actions, nil, &words, environ)
            close(ends.1)
            defer { close(ends.0) }
            try #require(code == 0)
            var output: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = read(ends.0, &buffer, buffer.count), count > 0 { output += buffer.prefix(count) }
            var status: Int32 = 0
            waitpid(process, &status, 0)
            return String(decoding: output, as: UTF8.self)
        }
    }
}

private struct Unexpected: Error {}
