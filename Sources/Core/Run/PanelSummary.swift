import FoundationEssentials

/// The JSON summary beside a panel: what it holds, in numbers. No times, so that equal panels have equal summaries.
public struct PanelSummary: Sendable, Equatable, Codable {
    /// The days of a panel, both ends included.
    public struct Window: Sendable, Equatable, Codable {
        /// First and last day, `YYYY-MM-DD`.
        public let start: String
        /// The last day, `YYYY-MM-DD`.
        public let end: String
        /// The number of days.
        public let days: Int
    }

    /// The dataset's name.
    public let dataset: String
    /// The generation that the summary was published with.
    public let generation: Int
    /// The version of the rules that made the values.
    public let algorithmVersion: Int
    /// The seed.
    public let seed: UInt64
    /// Rows of the panel.
    public let rows: Int
    /// Servers of the panel.
    public let servers: Int
    /// Time between two rows of a server: `daily`, `hourly`, `15min`.
    public let granularity: String
    /// What rows tell of which cells, `p95 of hourly`; nil where each row is a cell of its own.
    public let aggregation: String?
    /// The panel's days.
    public let window: Window
    /// The columns' names, in file order.
    public let columns: [String]
    /// The Parquet file's name, size and hash.
    public let panel: String
    /// The Parquet file's size.
    public let panelBytes: UInt64
    /// The Parquet file's hash, 64 hexadecimal digits.
    public let panelSHA256: String
    /// Statistics of each metric, in column order.
    public let metrics: [MetricSummary]
    /// The fleet's way through the window in a few numbers, for small pictures.
    public struct Overview: Sendable, Equatable, Codable {
        /// The metric's name.
        public let metric: String
        /// Means over the fleet of parts of the window of equal length, at most 60; nil where every cell is missing.
        public let means: [Double?]

        init(_ tally: MetricTally, metric: String) {
            self.metric = metric
            means = FleetMeans(tally).means(atMost: 60)
        }
    }

    /// The course of each metric, in column order.
    public let overview: [Overview]
    /// Every check of the quality gate with its result.
    public let checks: [QualityCheck]
    /// How many checks ended how.
    public struct CheckCounts: Sendable, Equatable, Codable {
        /// Checks that passed, those that would have without their effect among them.
        public let passed: Int
        /// Of those the ones that would have passed without their effect, too.
        public let inconclusive: Int
        /// Checks that failed.
        public let failed: Int
        /// Checks that found nothing to measure.
        public let notApplicable: Int

        enum CodingKeys: String, CodingKey {
            case passed, inconclusive, failed
            case notApplicable = "not_applicable"
        }

        init(_ report: QualityReport) {
            (passed, inconclusive) = (report.passCount, report.inconclusiveCount)
            (failed, notApplicable) = (report.failures.count, report.notApplicableCount)
        }
    }

    /// How many checks ended how.
    public let checkCounts: CheckCounts
    /// What is known about the panel beside it; nil where the config asks for nothing.
    public let truth: TruthSummary?

    enum CodingKeys: String, CodingKey {
        case dataset, generation
        case algorithmVersion = "algorithm_version"
        case seed, rows, servers, granularity, aggregation, window, columns, panel
        case panelBytes = "panel_bytes"
        case panelSHA256 = "panel_sha256"
        case metrics, overview, checks, truth
        case checkCounts = "check_counts"
    }

    init(
        _ plan: PanelPlan, generation: Int, outcome: PanelWriter.Outcome, report: QualityReport, panel artifact: Artifact,
        metrics: [MetricSummary], truth: TruthSummary?
    ) {
        dataset = plan.spec.name
        self.generation = generation
        algorithmVersion = PanelPlan.algorithmVersion
        seed = plan.spec.data.seed
        rows = outcome.facts.rows
        servers = outcome.facts.servers
        granularity = plan.spec.data.rowGranularity.description
        aggregation = plan.spec.data.aggregationText
        window = Window(start: plan.days.start.iso, end: plan.days.end.iso, days: plan.days.count)
        columns = outcome.facts.columns
        panel = artifact.key.name
        panelBytes = artifact.bytes
        panelSHA256 = artifact.sha256.hex
        self.metrics = metrics
        overview = zip(outcome.tallies, plan.spec.data.metrics).map { Overview($0, metric: $1.name) }
        checks = report.checks
        checkCounts = CheckCounts(report)
        self.truth = truth
    }

    /// The file's text: sorted keys, two spaces, a newline at the end.
    func json() -> [UInt8] { JSONText.pretty(self) }
}

/// JSON texts that are the same for the same values.
public enum JSONText {
    /// For files that people read.
    static func pretty(_ value: some Encodable) -> [UInt8] { encode(value, [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]) }

    /// One line, for manifests and machines.
    public static func compact(_ value: some Encodable) -> String {
        String(decoding: encode(value, [.sortedKeys, .withoutEscapingSlashes]).dropLast(), as: UTF8.self)
    }

    private static func encode(_ value: some Encodable, _ format: JSONEncoder.OutputFormatting) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format
        do {
            return try [UInt8](encoder.encode(value)) + [UInt8(ascii: "\n")]
        } catch {
            preconditionFailure("numbers and texts of our own always have a JSON form: \(error)")
        }
    }
}
