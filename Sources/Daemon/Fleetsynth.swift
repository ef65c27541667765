import ArgumentParser
import Glibc

/// The program: one file per command in Commands/.
@main
struct Fleetsynth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleetsynth",
        abstract: "Realistic, reproducible synthetic telemetry of an enterprise server fleet, from small YAML files.",
        discussion: """
            Exit codes: 0 done or up to date; 64 usage; 65 quality gate or verification failed; 66 input missing; 69 store unavailable; \
            70 our bug; 73 cannot create; 74 I/O error; 75 temporary, try again; 77 permission; 78 config; 130 and 143 stopped by a signal.
            """,
        version: Version.text,
        subcommands: [
            GenerateCommand.self, CommitCommand.self, ValidateCommand.self, PlanCommand.self, PreviewCommand.self, SchemaCommand.self,
            CalendarCommand.self, CronCommand.self, VerifyCommand.self, ReportCommand.self, ServeCommand.self, StatusCommand.self,
            TriggerCommand.self, ReloadCommand.self, PauseCommand.self, ResumeCommand.self, LambdaCommand.self,
        ])
}

extension Fleetsynth {
    static func main() async {
        // A reader that closes its end of a pipe must not kill a run half-way (and systemd counts death by SIGPIPE as a clean end).
        signal(SIGPIPE, SIG_IGN)
        // To a service a hang-up is a wish to reload. Until the handler is there it is dropped, which loses nothing: the first scan is still
        // to come. The moments before `main` are the starter's to cover, as the unit does with `env --ignore-signal=HUP` (S2).
        if CommandLine.arguments.dropFirst().first == ServeCommand.configuration.commandName { signal(SIGHUP, SIG_IGN) }
        // Lambda starts a custom runtime by this name, without arguments.
        let isBootstrap = CommandLine.arguments.first?.split(separator: "/").last == "bootstrap" && getenv("AWS_LAMBDA_RUNTIME_API") != nil
        let arguments = isBootstrap ? [LambdaCommand.configuration.commandName ?? ""] : Array(CommandLine.arguments.dropFirst())
        let command: any ParsableCommand
        do {
            command = try await asyncParseAsRoot(arguments)
        } catch {
            SageMakerJob.report(refusal: error, of: arguments)
            exit(withError: error)
        }
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
        } catch {
            exit(withError: error)
        }
    }
}

/// The program's own version; values follow `PanelPlan.algorithmVersion` alone.
enum Version {
    static let text = "0.1.0"
}
