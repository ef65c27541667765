import ArgumentParser
import Core
import Dispatch
import Glibc
import Synchronization

/// Runs a command's work so that SIGINT, SIGTERM and SIGHUP cancel it: what was staged is removed, and the exit code tells the signal.
enum Stoppable {
    @MainActor
    static func run(_ work: @escaping @MainActor () async throws(RunError) -> Void) async throws {
        let task = Task { @MainActor () -> RunError? in
            do throws(RunError) {
                try await work()
                return nil
            } catch {
                return error
            }
        }
        let received = Atomic<Int32>(0)
        try await withSignals { number in
            received.store(number, ordering: .relaxed)
            task.cancel()
        } during: {
            guard let error = await task.value else { return }
            Console.failure("error: \(error)")
            let signal = received.load(ordering: .relaxed)
            if case .cancelled = error, signal != 0 { throw ExitCode(128 + signal) }
            throw ExitCode(error.exitCode)
        }
    }

    @MainActor
    private static func withSignals(_ handle: @escaping @Sendable (Int32) -> Void, during body: () async throws -> Void) async throws {
        // SIGHUP is a lost terminal, which ends a command as its other signals do.
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // Runs on a queue of its own, not on the main actor that this function belongs to.
            source.setEventHandler { @Sendable in handle(number) }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        try await body()
    }
}
