import Foundation
import Synchronization
import Testing

/// The real servers that the tests run against, started with the first test that needs them and ended with this process.
enum Servers {
    static let accessKey = "fleetsynth-tests"
    static let secretKey = "a-secret/that+no=output%may-hold"

    struct Problem: Error, CustomStringConvertible { let description: String }

    /// Address by name, once they run.
    private static let known = Mutex<[String: String]>([:])

    /// One start for all. It waits on a thread of its own: the pool's are for the other tests, some of which measure time.
    private static let starting = Task<[String: String], any Error> {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: start()) }.start()
        }
    }

    /// Waits until both run. A server that does not start is a failure of every test that needs it, never a reason to leave it out.
    static func ready() async throws {
        let addresses = try await starting.value
        known.withLock { $0 = addresses }
    }

    static func address(_ name: String) throws -> String {
        guard let address = known.withLock({ $0[name] }) else {
            throw Problem(description: "the server \(name) does not run; is the suite .storesReady?")
        }
        return address
    }

    private static func start() -> Result<[String: String], Problem> {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let root = tests.deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = root.appendingPathComponent(".venv/bin/python")
        process.arguments = [tests.appendingPathComponent("serve.py").path]
        let output = Pipe()
        process.standardOutput = output
        // The other end closes with this process, which ends the servers.
        process.standardInput = Pipe()
        do { try process.run() } catch { return .failure(Problem(description: "make venv first: \(error)")) }
        var line = Data()
        while !line.contains(10), case let chunk = output.fileHandleForReading.availableData, !chunk.isEmpty { line += chunk }
        guard let addresses = try? JSONDecoder().decode([String: String].self, from: line) else {
            return .failure(Problem(description: "the servers of Tests/S3Tests/serve.py do not start"))
        }
        running.append(process)
        return .success(addresses)
    }

    /// Keeps the processes, and with them the pipes.
    private nonisolated(unsafe) static var running: [Process] = []
}

/// What suites over real servers wait for before their first test.
struct StoresReady: SuiteTrait {
    func prepare(for test: Test) async throws { try await Servers.ready() }
}

extension Trait where Self == StoresReady {
    static var storesReady: Self { Self() }
}
