import ArgumentParser
import Service

/// `fleetsynth reload`: the configs are read again, and the answer waits for it. This is the unit's `ExecReload=`.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Lets the service read its configs again, waits for that and prints every problem.",
        discussion: """
            Exit code 0: every config is right and in force; 78: something is wrong, as `fleetsynth validate` would say, and the last good \
            version of that config stays in force; 75: the reload did not come to its end; 69: no service answers.
            """)

    @OptionGroup var control: ControlOptions

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    @Option(help: ArgumentHelp("How long to wait for the answer.", valueName: "seconds"))
    var timeout: Int = 60

    func validate() throws {
        if !(1...3600).contains(timeout) { throw ValidationError("--timeout takes a number from 1 to 3600.") }
    }

    func run() throws {
        guard case .reloaded(let report) = try control.ask(.reload, timeout: .seconds(timeout)) else { throw ControlOptions.unexpected() }
        if json {
            Console.resultText(report.json)
        } else if report.exitCode == 0 {
            Console.result(report.text)
        } else {
            Console.note(report.text)
        }
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }
}
