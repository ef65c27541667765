import ArgumentParser
import FoundationEssentials
import Service

/// What every command that talks to the service takes.
struct ControlOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The service's socket; by default $RUNTIME_DIRECTORY/control.sock or /run/fleetsynth/control.sock.", valueName: "path"))
    var socket: String?

    /// Asks the service; prints why where it does not do it, and leaves with the exit code of that.
    func ask(_ request: ControlRequest, timeout: Duration = .seconds(10)) throws -> ControlResponse {
        let path = socket ?? ControlSocket.path(environment: ProcessInfo.processInfo.environment)
        let response: ControlResponse
        do throws(ControlError) {
            response = try ControlClient(path: path, timeout: timeout).send(request)
        } catch {
            Console.note("error: \(error)")
            throw ExitCode(error.exitCode)
        }
        guard case .refused(let refusal) = response else { return response }
        Console.note("error: \(refusal)")
        throw ExitCode(refusal.exitCode)
    }

    /// Asks for something that is answered with a sentence, and prints it.
    func tell(_ request: ControlRequest) throws {
        guard case .done(let message, _) = try ask(request) else { throw Self.unexpected() }
        Console.result(message)
    }

    /// For an answer to another question than was asked.
    static func unexpected() -> ExitCode {
        Console.note("error: The service gave an answer to another question. This is a defect of the service.")
        return ExitCode(70)
    }
}
