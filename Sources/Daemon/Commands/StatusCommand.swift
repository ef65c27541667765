import ArgumentParser
import FoundationEssentials
import Glibc
import Service

/// `fleetsynth status`: how the service and its datasets are.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows how the service's datasets are.",
        discussion: "Exit code 0 whatever the state; 66 if there is no such dataset; 69 if no service answers.")

    @Argument(help: "One dataset; by default all.")
    var name: String?

    @OptionGroup var control: ControlOptions

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    @Flag(help: "Print counters and gauges in Prometheus's text format instead, as for a textfile collector; not with --json or a name.")
    var metrics = false

    func validate() throws {
        if metrics, json || name != nil {
            throw ValidationError("--metrics is about the whole service, in one format: leave out --json and the name.")
        }
    }

    func run() throws {
        if metrics {
            guard case .metrics(let text) = try control.ask(.metrics) else { throw ControlOptions.unexpected() }
            return Console.resultText(text)
        }
        guard case .status(let report) = try control.ask(.status(dataset: name)) else { throw ControlOptions.unexpected() }
        if json {
            Console.resultText(report.json)
        } else {
            Console.result(StatusTable(report, width: Self.terminalWidth).text)
        }
    }

    /// Columns of the terminal on standard output; nil where there is none.
    private static var terminalWidth: Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
