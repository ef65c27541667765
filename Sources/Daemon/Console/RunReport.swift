import Core
import Logging

/// Tells a person, or a machine, how a run goes and how it ended.
struct RunReport {
    private let target: PublishTarget
    private let isJSON: Bool
    private let log: Logger
    private var progress: ProgressLine
    /// What the gate found; told at the end where the data is published all the same.
    private var failures: [QualityCheck] = []
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    private let isCommit: Bool

    /// - Parameter isCommit: Whether shards are published that other processes have made.
    init(_ target: PublishTarget, isJSON: Bool, isCommit: Bool = false) {
        self.isCommit = isCommit
        self.target = target
        self.isJSON = isJSON
        var handler = StandardErrorLog()
        if isJSON { handler.logLevel = .warning }
        log = Logger(label: "fleetsynth", factory: { _ in handler })
        progress = ProgressLine(total: 1, isTerminal: Console.isTerminal, isSilent: true)
        start = clock.now
    }

    mutating func observe(_ event: DatasetRun.Event) {
        switch event {
        case .recovered(let report): recovered(report)
        case .started(let rows, let bytes, let reason):
            progress = ProgressLine(total: rows, isTerminal: Console.isTerminal, isSilent: isJSON)
            var why = "the run is forced"
            if case .stale(let differences) = reason { why = differences.map(\.description).joined(separator: ", ") }
            let what = isCommit ? "every shard is there; checking them" : "generating, because \(why)"
            log.info("\(what)", metadata: ["rows": "\(rows)", "estimated_bytes": "\(bytes)"])
        case .progress(let rows): progress.update(rows: rows)
        case .judged(let report, let metrics):
            progress.clear()
            for line in Self.lines(metrics) { log.info("\(line)") }
            let counts = "\(report.passCount) checks passed, \(report.failures.count) failed, \(report.notApplicableCount) not applicable"
            log.info("quality gate: \(counts)\(Self.inconclusive(report))")
            failures = report.failures
        case .swept(let report): swept(report)
        case .sweepFailed(let error): log.warning("\(error.message) The new generation is published; the next run tries again.")
        }
    }

    private func recovered(_ report: RecoveryReport) {
        if let generation = report.rolledForward { log.notice("completed generation \(generation), which an earlier run had announced") }
        if let generation = report.discarded { log.warning("took back generation \(generation), which an earlier run could not complete") }
        for generation in report.damaged {
            log.warning(
                "generation \(generation) is damaged and no longer the latest; its files stay as they are, this run publishes a new one")
        }
        for key in report.replaced { log.warning("\(key) belongs to no complete generation; this run restores it") }
        if !report.removedStaged.isEmpty { log.notice("removed \(report.removedStaged.count) unfinished files of an earlier run") }
        if let problem = report.latestProblem { log.warning("\(problem.message) This run publishes a new generation.") }
    }

    private func swept(_ report: RetentionReport) {
        if !report.unlisted.isEmpty { log.info("generations \(Self.list(report.unlisted)) are no longer listed") }
        if !report.deletedGenerations.isEmpty {
            log.info("deleted generations \(Self.list(report.deletedGenerations)), \(report.deletedKeys.count) files")
        }
        for kept in report.kept.prefix(10) { log.info("kept \(kept.key): \(kept.reason)") }
        if report.kept.count > 10 { log.info("kept \(report.kept.count - 10) more files") }
        if let refusal = report.refusal { log.warning("\(refusal.message) No old generation was deleted.") }
    }

    private static func inconclusive(_ report: QualityReport) -> String {
        let count = report.inconclusiveCount
        return count == 0 ? "" : "; \(count) of those passed \(count == 1 ? "is" : "are") not conclusive, too little data shows the effect"
    }

    private static func list(_ generations: [Int]) -> String { generations.map(String.init).joined(separator: ", ") }

    private static func lines(_ metrics: [MetricSummary]) -> [String] {
        let (lines, width) = (MetricLines(metrics, MetricLines.all), metrics.map(\.name.count).max() ?? 0)
        return metrics.map { metric in
            "\(metric.name): \(String(repeating: " ", count: width - metric.name.count))\(lines.numbersAndMissing(metric))"
        }
    }

    mutating func finish(_ outcome: DatasetRun.Outcome) {
        for failure in failures { log.warning("published although a check failed: \(failure.sentence)") }
        if isJSON {
            Console.result(json(outcome))
        } else {
            for line in result(outcome).lines { Console.result(line) }
        }
    }

    /// The result for machines, one line.
    func json(_ outcome: DatasetRun.Outcome) -> String { JSONText.compact(result(outcome)) }

    /// The result in a line.
    func sentence(_ outcome: DatasetRun.Outcome) -> String {
        let run = outcome.manifest.run
        let status = if case .published = outcome { "published" } else { "up to date:" }
        return "\(status) \(outcome.manifest.dataset), generation \(outcome.manifest.generation), \(Humane.count(run.rows)) rows"
    }

    private func result(_ outcome: DatasetRun.Outcome) -> PublishedResult {
        PublishedResult(outcome, target, seconds: (clock.now - start) / .seconds(1))
    }
}

/// The result of a run for machines; `lines` is the same for people.
private struct PublishedResult: Encodable {
    let status: String
    let dataset: String
    let generation: Int
    let rows: Int
    let servers: Int
    let start: String
    let end: String
    let bytes: UInt64
    let seconds: Double
    let rowsPerSecond: Double
    let panel: String
    /// Files that are the panel together; nil where it is one.
    let parts: Int?
    let summary: String
    let sample: String
    /// The report for people; nil for none.
    let report: String?
    /// Where the ground truth is; nil for what was not asked for.
    let truth: String?
    let events: String?
    let covariates: String?
    let manifest: String
    private let shape: String
    private let pandasCommand: String

    enum CodingKeys: String, CodingKey {
        case status, dataset, generation, rows, servers, start, end, bytes, seconds
        case rowsPerSecond = "rows_per_second"
        case panel, parts, summary, sample, report, truth, events, covariates, manifest
    }

    init(_ outcome: DatasetRun.Outcome, _ target: PublishTarget, seconds elapsed: Double) {
        let manifest = outcome.manifest
        func path(_ role: Artifact.Role) -> String { manifest.artifact(role).map { target.path(of: $0.key) } ?? "" }
        if case .published = outcome { status = "published" } else { status = "up-to-date" }
        dataset = manifest.dataset
        generation = manifest.generation
        rows = manifest.run.rows
        servers = manifest.run.servers
        start = manifest.run.window.start.iso
        end = manifest.run.window.end.iso
        shape = Humane.shape(rows: rows, servers: servers, steps: StepRange(manifest.run.window, manifest.run.granularity))
        bytes = manifest.panelBytes
        parts = manifest.parts.isEmpty ? nil : manifest.parts.count
        seconds = elapsed
        rowsPerSecond = status == "published" && elapsed > 0 ? Double(rows) / elapsed : 0
        panel = manifest.panelPath.flatMap { try? ObjectKey($0) }.map(target.path) ?? ""
        pandasCommand = target.pandasCommand(panel)
        summary = path(.summary)
        sample = path(.sample)
        func place(_ role: Artifact.Role) -> String? { manifest.artifact(role).map { target.path(of: $0.key) } }
        report = place(.report)
        (events, covariates) = (place(.events), place(.covariates))
        truth = manifest.cellsPath.flatMap { try? ObjectKey($0) }.map(target.path)
        self.manifest = "\(target.root)/manifests/\(manifest.dataset)/\(manifest.generation).json"
    }

    var lines: [String] {
        let size = Humane.bytes(bytes)
        let head =
            status == "published"
            ? "published \(dataset), generation \(generation), in \(Humane.seconds(seconds))"
            : "\(dataset) is up to date: generation \(generation) is what this config makes, and every file is "
                + (parts == nil ? "as published" : "there; `fleetsynth verify` reads them")
        return [
            head,
            "  \(Humane.many(rows, "row")): \(shape), \(start) to \(end), \(size)",
            "  panel     \(panel)\(parts.map { "/ (\(Humane.many($0, "part")))" } ?? "")",
            "  summary   \(summary)", "  sample    \(sample)",
        ]
            + [("report  ", report), ("truth   ", truth), ("events  ", events), ("known   ", covariates)].compactMap { name, path in
                path.map { "  \(name)  \($0)" }
            }
            + ["  manifest  \(manifest)", "open it in pandas:", "  \(pandasCommand)"]
    }
}
