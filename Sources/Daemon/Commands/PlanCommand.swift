import ArgumentParser
import Core
import Service

/// `fleetsynth plan`: what a run would make, without making it.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Prints every effective value with its origin, and the rows, bytes and files of a run.")

    @OptionGroup var options: ConfigOptions

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func run() throws {
        let today = WallClock.today
        let config = try options.load(today: today)
        let plan: PanelPlan
        do {
            plan = try PanelPlan(config.spec, today: today)
        } catch {
            Console.note("error: \(error)")
            throw ExitCode(78)
        }
        let report = PlanReport(config, plan, next: try nextRuns(config.spec))
        if json {
            Console.result(JSONText.compact(report))
        } else {
            for line in report.lines { Console.result(line) }
        }
    }

    /// The next five times of the schedule as its zone's clocks show them, after the schedule in words; empty without one.
    private func nextRuns(_ spec: DatasetSpec) throws -> [String] {
        guard let schedule = spec.schedule else { return [] }
        let zone: TimeZoneRules
        do throws(TimeZoneError) {
            zone = try TimeZoneDatabase().rules(schedule.timeZone)
        } catch {
            Console.note("error: schedule.timezone: \(error)")
            throw ExitCode(78)
        }
        let times = Schedule(schedule, zone: zone, dataset: spec.name, host: "").next(5, after: WallClock.now.seconds)
        return ["\(schedule.expression.words) (\(zone.name))"] + times.map(zone.text(at:))
    }
}

private struct PlanReport: Encodable {
    struct Value: Encodable {
        let key: String
        /// Canonical JSON text.
        let value: String
        let origin: String
    }

    let dataset: String
    let start: String
    let end: String
    let servers: Int
    let days: Int
    let rows: Int
    let estimatedBytes: UInt64
    let rowGroups: Int
    let files: [String]
    /// The schedule in words, then its next five times.
    let schedule: [String]
    let values: [Value]

    enum CodingKeys: String, CodingKey {
        case dataset, start, end, servers, days, rows
        case estimatedBytes = "estimated_bytes"
        case rowGroups = "row_groups"
        case files, schedule, values
    }

    init(_ config: LoadedConfig, _ plan: PanelPlan, next: [String]) {
        let estimate = PanelEstimate(plan)
        dataset = plan.spec.name
        start = plan.window.start.iso
        end = plan.window.end.iso
        servers = plan.servers.count
        days = plan.days.count
        rows = plan.rows
        estimatedBytes = estimate.bytes
        rowGroups = estimate.rowGroups
        files = plan.fileNames
        schedule = next
        values = config.effective.lines.map { Value(key: $0.path, value: $0.value, origin: $0.origin.description) }
    }

    var lines: [String] {
        let keyWidth = values.map(\.key.count).max() ?? 0
        let valueWidth = min(40, values.map(\.value.count).max() ?? 0)
        func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        return values.map { "\(pad($0.key, keyWidth))  \(pad($0.value, valueWidth))  \($0.origin)" } + [
            "",
            "dataset \(dataset): \(Humane.count(rows)) rows = \(Humane.count(servers)) servers x \(Humane.count(days)) days, \(start) to \(end)",
            "about \(Humane.bytes(estimatedBytes)) in \(rowGroups) row group\(rowGroups == 1 ? "" : "s")",
        ] + files.map { "file \($0)" } + (schedule.first.map { ["the service runs it \($0), next:"] } ?? [])
            + schedule.dropFirst().map { "  \($0)" }
    }
}
