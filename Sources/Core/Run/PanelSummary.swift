import FoundationEssentials

/// The JSON summary beside a panel: what it holds, in numbers. No times, so that equal panels have equal summaries.
public struct PanelSummary: Sendable, Equatable, Codable {
    public struct Window: Sendable, Equatable, Codable {
        /// First and last day, `YYYY-MM-DD`.
        public let start: String
        public let end: String
        public let days: Int
    }

    public let dataset: String
    public let generation: Int
    public let algorithmVersion: Int
    public let seed: UInt64
    public let rows: Int
    public let servers: Int
    public let window: Window
    public let columns: [String]
    /// The Parquet file's name, size and hash.
    public let panel: String
    public let panelBytes: UInt64
    public let panelSHA256: String
    public let metrics: [MetricSummary]
    public let checks: [QualityCheck]

    enum CodingKeys: String, CodingKey {
        case dataset, generation
        case algorithmVersion = "algorithm_version"
        case seed, rows, servers, window, columns, panel
        case panelBytes = "panel_bytes"
        case panelSHA256 = "panel_sha256"
        case metrics, checks
    }

    init(_ plan: PanelPlan, generation: Int, outcome: PanelWriter.Outcome, report: QualityReport, panel artifact: Artifact) {
        dataset = plan.spec.name
        self.generation = generation
        algorithmVersion = PanelPlan.algorithmVersion
        seed = plan.spec.data.seed
        rows = outcome.facts.rows
        servers = outcome.facts.servers
        window = Window(start: plan.days.start.iso, end: plan.days.end.iso, days: plan.days.count)
        columns = outcome.facts.columns
        panel = artifact.key.name
        panelBytes = artifact.bytes
        panelSHA256 = artifact.sha256.hex
        metrics = zip(outcome.tallies, plan.spec.data.metrics).map { MetricSummary($0, metric: $1) }
        checks = report.checks
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
