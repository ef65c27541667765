public import Core

/// A run as one HTML file: no network, no script, the same bytes for the same run.
///
/// ```
/// sample of cells  ->  a study per metric, in parallel  ->  sections  ->  page
/// ```
/// Fleet means, profiles and distributions are exact, from the tallies of the whole pass. Bands, labels, correlations, gaps and single servers
/// come from a sample of servers, and the page says so. Size: bounded by `mostMetrics` and by points per chart, whatever the panel's size.
public struct HTMLReport: ReportRenderer {
    /// Metrics that are drawn; the others have their line in the table of metrics.
    static let mostMetrics = 24
    /// Points of a chart over time, and of all of them together.
    static let (mostPoints, mostPointsTogether) = (400, 4800)

    /// A renderer; it holds nothing.
    public init() {}

    /// Draws everything but the gate's table and the facts about the file.
    public func draw(_ material: ReportMaterial) async -> DrawnReport {
        let generator = material.generator
        let plan = generator.plan
        let sample = await FleetSample(generator, servers: FleetSample.servers(of: plan, among: material.looked))
        let drawn = min(Self.mostMetrics, plan.spec.data.metrics.count)
        let bins = TimeBins(plan.rowSteps, atMost: min(Self.mostPoints, Self.mostPointsTogether / drawn))
        let events = plan.spec.data.servers <= EventList.mostServers ? generator.listedEvents ?? [] : []
        let scene = Scene(
            material: material, sample: sample, bins: bins,
            marks: CalendarMarks(generator, events: EventList.telling(events), charts: drawn),
            events: events)
        async let missing = scene.missing()
        async let correlations = Correlations(sample, metrics: 0..<min(CorrelationTable.mostMetrics, plan.spec.data.metrics.count))
        let metrics = await withTaskGroup(of: (Int, String).self) { tasks in
            for index in 0..<drawn { tasks.addTask { (index, scene.metric(index)) } }
            var bodies = [String](repeating: "", count: drawn)
            for await (index, body) in tasks { bodies[index] = body }
            return bodies
        }
        let pictures = Pictures(metrics: metrics, missing: await missing, correlations: await correlations)
        return DrawnReport { facts in Array(ReportPage(scene: scene, pictures: pictures, facts: facts).html.utf8) }
    }
}

/// What is drawn before the verdict is known.
struct Pictures: Sendable {
    /// Markup by metric.
    let metrics: [String]
    let missing: String
    let correlations: Correlations
}

/// What all charts of a report share.
struct Scene: Sendable {
    let material: ReportMaterial
    let sample: FleetSample
    let bins: TimeBins
    let marks: CalendarMarks
    let events: [TruthEvent]

    var plan: PanelPlan { material.generator.plan }
    var axis: TimeAxis { TimeAxis(plan.days) }

    /// The sample in words.
    var sampled: String {
        let present = sample.present
        let count = "\(Numbers.grouped(present)) server\(present == 1 ? "" : "s")"
        guard present == sample.servers.count else { return "the \(count) with rows" }
        return sample.isWhole ? present == 1 ? "the one server" : "all \(count)" : count
    }

    /// Whether rows may come twice.
    var hasRepeatedRows: Bool { plan.spec.data.mess.rows.duplicateRate > 0 }

    /// What means are of, in words.
    var means: String { isPreview ? "mean of the \(Numbers.grouped(material.servers)) servers" : "fleet mean, all cells" }

    /// Whether only some servers were made, so that means are theirs.
    var isPreview: Bool { material.looked != nil }

    /// All charts of one metric.
    func metric(_ index: Int) -> String {
        let study = MetricStudy(index, material, sample, bins)
        var out = Markup()
        out.append(TimeChart(study: study, bins: bins, axis: axis, marks: marks, means: means, sample: sampled).figure().markup())
        let profiles = ProfileCharts(study: study, steps: plan.rowSteps).figures()
        out.raw("<div class=\"charts\(profiles.count > 2 ? " four" : "")\">")
        for figure in profiles { out.append(figure.markup()) }
        out.append(DistributionChart(study: study).figure().markup())
        out.raw("</div>\n")
        out.append(LabelTable(study: study, sample: sampled).markup())
        if index < Self.metricsWithServers {
            out.append(ServerPanels(study: study, generator: material.generator, sample: sample, axis: axis).markup())
        }
        return out.string
    }

    private static let metricsWithServers = 6

    /// The map of missing cells.
    func missing() -> String {
        MissingMap(generator: material.generator, sample: sample, sampled: sampled, axis: axis).figure().markup().string
    }
}
