import ArgumentParser
import Core
import Logging
import S3
import Service

/// `fleetsynth plan`: what a run would make, without making it.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Prints every effective value with its origin, and the rows, bytes and files of a run.")

    @OptionGroup var options: ConfigOptions

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func run() async throws {
        let today = WallClock.today
        let config = try options.load(today: today)
        let plan: PanelPlan
        do {
            plan = try PanelPlan(config.spec, today: today)
        } catch {
            Console.note("error: \(error)")
            throw ExitCode(78)
        }
        let report = PlanReport(config, plan, next: try nextRuns(config.spec), s3: try await s3Facts(config.spec.storage))
        if json {
            Console.result(JSONText.compact(report))
        } else {
            for line in report.lines { Console.result(line) }
        }
    }

    /// How the bucket is reached and which source the keys come from, never the keys; empty for a local store.
    private func s3Facts(_ storage: StorageSpec) async throws -> [S3Fact] {
        guard storage.useS3 else { return [] }
        let connector = S3Connector.ofThisProcess(log: Logger(label: "fleetsynth", factory: { _ in StandardErrorLog() }))
        let store: S3Store
        do throws(S3Settings.Problem) {
            store = try connector.store(storage)
        } catch {
            Console.note("error: \(error)")
            throw ExitCode(78)
        }
        let source: String
        do throws(CredentialError) {
            source = try await connector.credentialSource(store)
        } catch {
            source = "nowhere: \(error)"
        }
        return store.settings.facts.map { S3Fact(name: $0.name, value: $0.value) } + [S3Fact(name: "keys from", value: source)]
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

/// One line about the bucket.
private struct S3Fact: Encodable {
    let name: String
    let value: String
}

private struct PlanReport: Encodable {
    struct Value: Encodable {
        let key: String
        /// Canonical JSON text.
        let value: String
        let origin: String
    }

    /// The time zone of a region, and who says so.
    struct Zone: Encodable {
        let region: String
        let zone: String
        let origin: String
    }

    let dataset: String
    let start: String
    let end: String
    let servers: Int
    let days: Int
    let granularity: String
    /// What rows tell of which cells; nil where each row is a cell.
    let aggregation: String?
    let rows: Int
    let estimatedBytes: UInt64
    /// Of the tables of the ground truth; nil where there are none.
    let estimatedTruthBytes: UInt64?
    let rowGroups: Int
    let files: [String]
    /// The schedule in words, then its next five times.
    let schedule: [String]
    /// The regions' time zones; empty for daily rows, which need none.
    let zones: [Zone]
    let s3: [S3Fact]
    private let steps: StepRange
    /// The steps of the cells that rows are made of; nil where each row is a cell.
    private let cells: StepRange?
    let values: [Value]

    enum CodingKeys: String, CodingKey {
        case dataset, start, end, servers, days, granularity, aggregation, rows
        case estimatedBytes = "estimated_bytes"
        case estimatedTruthBytes = "estimated_truth_bytes"
        case rowGroups = "row_groups"
        case zones = "time_zones"
        case files, schedule, s3, values
    }

    init(_ config: LoadedConfig, _ plan: PanelPlan, next: [String], s3 facts: [S3Fact]) {
        let estimate = PanelEstimate(plan)
        dataset = plan.spec.name
        start = plan.window.start.iso
        end = plan.window.end.iso
        servers = plan.servers.count
        days = plan.days.count
        granularity = plan.spec.data.rowGranularity.description
        aggregation = plan.spec.data.aggregationText
        cells = plan.spec.data.aggregation == nil ? nil : plan.steps
        steps = plan.rowSteps
        zones =
            plan.spec.data.granularity.isDaily
            ? [] : plan.spec.data.regionZones.map { Zone(region: $0.region, zone: $0.zone, origin: $0.origin.rawValue) }
        rows = plan.rows
        estimatedBytes = estimate.bytes
        estimatedTruthBytes = estimate.truthBytes > 0 ? estimate.truthBytes : nil
        rowGroups = estimate.rowGroups
        files = plan.fileNames
        schedule = next
        s3 = facts
        values = config.effective.lines.map { Value(key: $0.path, value: $0.value, origin: $0.origin.description) }
    }

    var lines: [String] {
        let keyWidth = values.map(\.key.count).max() ?? 0
        let valueWidth = min(40, values.map(\.value.count).max() ?? 0)
        func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        var lines = values.map { "\(pad($0.key, keyWidth))  \(pad($0.value, valueWidth))  \($0.origin)" }
        let facts: [String?] = [
            "",
            "dataset \(dataset): \(Humane.many(rows, "row")): \(Humane.shape(rows: rows, servers: servers, steps: steps)), \(start) to \(end)",
            aggregation.map { "each row is the \($0) cells: \(Humane.count(servers)) servers x \(cells.map(Humane.steps) ?? "")" },
            "about \(Humane.bytes(estimatedBytes)) in \(rowGroups) row group\(rowGroups == 1 ? "" : "s")"
                + (estimatedTruthBytes.map { ", and \(Humane.bytes($0)) of ground truth" } ?? ""),
        ]
        lines += facts.compactMap(\.self)
        lines += files.map { "file \($0)" }
        lines += zones.map { "time zone of \($0.region): \($0.zone) (\($0.origin))" }
        lines += s3.map { "s3 \($0.name): \($0.value)" }
        if let words = schedule.first { lines.append("the service runs it \(words), next:") }
        return lines + schedule.dropFirst().map { "  \($0)" }
    }
}
