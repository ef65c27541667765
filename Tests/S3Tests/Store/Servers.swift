import Foundation
import Testing

/// The real servers that the tests run against, started with the first test that needs them and ended with this process.
enum Servers {
    static let accessKey = "fleetsynth-tests"
    static let secretKey = "a-secret/that+no=output%may-hold"

    /// Address by name. A server that does not start is a failure of every test that needs it, never a reason to leave it out.
    static let addresses: Result<[String: String], Problem> = start()

    struct Problem: Error, CustomStringConvertible { let description: String }

    static func address(_ name: String) throws -> String {
        guard let address = try addresses.get()[name] else { throw Problem(description: "there is no server \(name)") }
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
