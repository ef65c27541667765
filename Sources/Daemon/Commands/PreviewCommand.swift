import ArgumentParser
import Core
import Glibc
import Reports

/// `fleetsynth preview`: a look at a config, within a second and without publishing anything.
struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview", abstract: "Draws a few servers of a config over its whole window; publishes nothing.",
        discussion: """
            Shows each metric's course, statistics and week on the terminal, or writes the page that a run would publish, of 30 servers that \
            are evenly spaced over the fleet. Their cells are those of the run, and its checks are asked of them.
            """)

    @OptionGroup var options: ConfigOptions

    @Option(help: ArgumentHelp("Servers to look at, 1 to 1000.", valueName: "n"))
    var servers = 30

    @Option(help: ArgumentHelp("Write this HTML file; one that is there is replaced only if it is a report.", valueName: "file"))
    var output: String?

    @Flag(help: "Print statistics and checks as one JSON document.")
    var json = false

    func validate() throws {
        if !(1...1000).contains(servers) { throw ValidationError("--servers takes a number from 1 to 1000.") }
    }

    @MainActor
    func run() async throws {
        let today = WallClock.today
        let config = try options.load(today: today)
        let file = try output.map { try ReportFile($0) }
        let result: PanelPreview.Result
        let plan: PanelPlan
        do {
            plan = try PanelPlan(config.spec, today: today)
            result = try await PanelPreview(config, plan: plan, servers: servers)(
                file == nil ? nil : HTMLReport(), toolVersion: Version.text)
        } catch {
            Console.note("error: \(error)")
            throw ExitCode(78)
        }
        if let file { try await file.write(result.report ?? []) }
        if json {
            Console.result(JSONText.compact(PreviewResult(plan, result, output: output)))
            return
        }
        for line in PreviewText(plan, result, columns: Self.columns).lines { Console.result(line) }
        if let file { Console.result("wrote \(file.path): open it in a browser") }
    }

    /// Columns of the terminal that results go to; nil where they go elsewhere.
    private static var columns: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

private struct PreviewResult: Encodable {
    let status = "preview"
    let dataset: String
    let rows: Int
    let servers: Int
    let start: String
    let end: String
    let passed: Bool
    let output: String?
    let metrics: [MetricSummary]
    let checks: [QualityCheck]

    init(_ plan: PanelPlan, _ result: PanelPreview.Result, output: String?) {
        dataset = plan.spec.name
        (rows, servers) = (result.rows, result.servers)
        (start, end) = (plan.days.start.iso, plan.days.end.iso)
        passed = result.quality.passed
        self.output = output
        (metrics, checks) = (result.metrics, result.quality.checks)
    }
}
