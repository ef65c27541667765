/// Draws the report of a run: pictures and tables for people, in one file.
///
/// A pure function: equal material and equal facts give equal bytes, on any machine and with any number of threads.
public protocol ReportRenderer: Sendable {
    /// The long part of the work, which needs neither verdict nor file: it goes on while the panel is made durable.
    func draw(_ material: ReportMaterial) async -> DrawnReport
}

/// What a report is drawn from.
public struct ReportMaterial: Sendable {
    /// Makes any cell of the panel again.
    package let generator: PanelGenerator
    /// What the pass over all cells left, one per metric.
    package let tallies: [MetricTally]
    /// Statistics of each metric, in column order.
    package let metrics: [MetricSummary]
    /// Rows and servers that the pass saw.
    package let rows: Int
    package let servers: Int
    /// Ordinals of the servers to look at one by one; nil for those that are evenly spaced over the fleet.
    package let looked: [Int]?
    /// The effective config, the text of a JSON object.
    package let config: String
    /// Hashes of it, and of the part that decides the bytes.
    package let configSHA256: ContentHash
    package let dataSHA256: ContentHash
    /// The program's version.
    package let toolVersion: String

    init(
        _ generator: PanelGenerator, _ outcome: PanelWriter.Outcome, _ metrics: [MetricSummary], _ identity: RunIdentity, config: String,
        toolVersion: String, looked: [Int]? = nil
    ) {
        self.generator = generator
        tallies = outcome.tallies
        self.metrics = metrics
        (rows, servers) = (outcome.facts.rows, outcome.facts.servers)
        self.looked = looked
        self.config = config
        (configSHA256, dataSHA256) = (identity.configSHA256, identity.dataSHA256)
        self.toolVersion = toolVersion
    }
}

/// What is known last.
public struct ReportFacts: Sendable {
    /// The generation; nil for a preview, which publishes nothing.
    package let generation: Int?
    /// The panel's file; nil for a preview.
    package let panel: Artifact?
    /// The gate's verdict.
    package let quality: QualityReport
}

/// A report that lacks the facts that are known last.
public struct DrawnReport: Sendable {
    private let finish: @Sendable (ReportFacts) -> [UInt8]

    /// - Parameter finish: Makes the file's bytes.
    public init(_ finish: @escaping @Sendable (ReportFacts) -> [UInt8]) { self.finish = finish }

    /// The file.
    func bytes(_ facts: ReportFacts) -> [UInt8] { finish(facts) }
}

extension PanelGenerator {
    /// The steps of rows on which a server exists, as offsets from the run's first.
    package func existence(of server: Int) -> Range<Int> { rows.span(server: server) }

    /// The calendars that the regions follow, each once, with those regions.
    package var calendarsOfRegions: [(calendar: BusinessCalendar, regions: [String])] {
        let data = plan.spec.data
        return calendars.map { own in (own, data.regions.labels.filter { data.calendar(of: $0) == own.holidays }) }
    }

    /// The steps on which a server exists and whose row is late and not in the file yet.
    package func waitingRows(of server: Int) -> [Int] {
        RowSpans(rows, servers: server..<server + 1).marks(0).filter { $0.count == 0 }.map { Int($0.step) }
    }

    /// What happens in the plan's steps beside outliers and cells that are missing at random; nil where there is too much of it to list.
    package var listedEvents: [TruthEvent]? {
        guard let events = try? events() else { return nil }
        return events.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    }
}
