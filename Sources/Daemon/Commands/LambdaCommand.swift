import ArgumentParser
import Core
import FoundationEssentials
import Glibc
import Lambda
import Logging

/// `fleetsynth lambda`: the runtime of a function of AWS Lambda.
struct LambdaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lambda", abstract: "Serves a function of AWS Lambda: the entry point of its container image.",
        discussion: """
            Lambda starts it and sets AWS_LAMBDA_RUNTIME_API; a program of the name `bootstrap` does the same without arguments. \
            docs/ENGINES.md describes the events.
            """)

    @Argument(
        help: ArgumentHelp(
            "What the function may be asked for: \(LambdaEvent.Action.allCases.map(\.rawValue).joined(separator: ", ")), or fleetsynth for all; "
                + "without it the function's handler setting counts.", valueName: "action"))
    var action: String?

    @MainActor
    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let address = environment["AWS_LAMBDA_RUNTIME_API"] else {
            Console.note("error: AWS_LAMBDA_RUNTIME_API is not set: this command runs inside AWS Lambda; use generate elsewhere")
            throw ExitCode(64)
        }
        let log = Logger(label: "fleetsynth", factory: { _ in StandardErrorLog() })
        do throws(RuntimeAPI.Problem) {
            let api = try RuntimeAPI(address: address)
            let handler: LambdaHandler
            do throws(InvocationFailure) {
                handler = try LambdaHandler(allowing: action ?? environment["_HANDLER"] ?? "", environment: environment, log: log)
            } catch {
                log.error("\(error.message)", metadata: ["type": "\(error.type)"])
                try await api.failInit(error)
                Glibc.exit(78)
            }
            try await RuntimeLoop(api, now: { WallClock.milliseconds }).run(
                observe: { Self.note($0, log) }, handler: { try await handler($0) })
        } catch {
            Console.note("error: \(error)")
            throw ExitCode(69)
        }
    }

    /// Neither events nor answers are logged: a config is its owner's business.
    private static func note(_ event: RuntimeLoop.Event, _ log: Logger) {
        switch event {
        case .began(let invocation):
            log.info(
                "invocation", metadata: ["request": "\(invocation.requestID)", "trace": "\(Quoting.visible(invocation.traceID ?? "none"))"])
        case .answered(let request, let bytes): log.info("answered", metadata: ["request": "\(request)", "bytes": "\(bytes)"])
        case .failed(let request, let failure):
            log.error("\(failure.message)", metadata: ["request": "\(request)", "type": "\(failure.type)"])
        case .answerRefused(let request, let status):
            log.warning(
                "the Runtime API refused an answer, the next event is waited for",
                metadata: ["request": "\(request)", "status": "\(status)"])
        }
    }
}
