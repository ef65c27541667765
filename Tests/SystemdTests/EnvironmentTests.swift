import Glibc
import Systemd
import Testing

@Suite("What the unit gives the service")
struct EnvironmentTests {
    @Test("S12: directories are colon lists of absolute paths")
    func directories() {
        let found = ServiceDirectories(environment: [
            "STATE_DIRECTORY": "/var/lib/fleetsynth:/var/lib/other", "CONFIGURATION_DIRECTORY": "/etc/fleetsynth", "RUNTIME_DIRECTORY": "",
            "CACHE_DIRECTORY": "relative:/var/cache/fleetsynth",
        ])
        #expect(found.state == ["/var/lib/fleetsynth", "/var/lib/other"])
        #expect(found.configuration == ["/etc/fleetsynth"])
        #expect(found.runtime.isEmpty && found.logs.isEmpty)
        #expect(found.cache == ["/var/cache/fleetsynth"])
    }

    @Test("S11: sockets are ours only if LISTEN_PID says so, and carry their names")
    func sockets() throws {
        let environment = ["LISTEN_FDS": "3", "LISTEN_PID": "41", "LISTEN_FDNAMES": "control::metrics"]
        let found = try ListenSockets(environment: environment, processID: 41)
        #expect(
            found.sockets == [
                .init(descriptor: 3, name: "control"), .init(descriptor: 4, name: "unknown"), .init(descriptor: 5, name: "metrics"),
            ])
        #expect(try ListenSockets(environment: environment, processID: 42).sockets.isEmpty)
        #expect(try ListenSockets(environment: [:], processID: 41).sockets.isEmpty)
        #expect(try ListenSockets(environment: ["LISTEN_FDS": "1"], processID: 41).sockets.isEmpty)
    }

    @Test("S11: numbers that make no sense are refused", arguments: ["-1", "many", "99999", ""])
    func badSockets(count: String) {
        #expect(throws: ListenSockets.Problem.malformed(variable: "LISTEN_FDS", value: count)) {
            try ListenSockets(environment: ["LISTEN_FDS": count, "LISTEN_PID": "41"], processID: 41)
        }
    }

    @Test("S11: adopted sockets are closed on exec, and must be open")
    func closeOnExec() throws {
        let source = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(source) }
        // Descriptor 3 may be the test process's own; these tests start no children, so the flag does no harm to it or the others.
        let first = ListenSockets.firstDescriptor
        let open = fcntl(first, F_GETFD) >= 0 ? -1 : dup2(source, first)
        let sockets = try ListenSockets(environment: ["LISTEN_FDS": "1", "LISTEN_PID": "41"], processID: 41)
        let before = fcntl(first, F_GETFD)
        defer {
            if open >= 0 { close(first) } else { _ = fcntl(first, F_SETFD, before) }
        }
        #expect(try sockets.adopt().map(\.descriptor) == [first])
        #expect(fcntl(first, F_GETFD) & FD_CLOEXEC == FD_CLOEXEC)
        let many = try ListenSockets(environment: ["LISTEN_FDS": "1024", "LISTEN_PID": "41"], processID: 41)
        #expect(throws: ListenSockets.Problem.self) { try many.adopt() }
    }
}
