/// A look at a config: some servers, evenly spaced, over the whole window, with the gate's checks of their cells. Nothing is published.
public struct PanelPreview: Sendable {
    private let config: LoadedConfig
    private let plan: PanelPlan
    private let servers: [Int]

    /// What was found.
    public struct Result: Sendable {
        /// Statistics of each metric over the servers looked at, in column order.
        public let metrics: [MetricSummary]
        /// The gate's checks of these servers' cells.
        public let quality: QualityReport
        /// Means over the servers by day of the week, Monday first; nil where there is no such day, or every cell is missing.
        public let weekdays: [[Double?]]
        /// Rows looked at.
        public let rows: Int
        /// Servers looked at.
        public let servers: Int
        /// The report's bytes; nil where none was asked for.
        public let report: [UInt8]?
        fileprivate let courses: [FleetMeans]

        /// At most so many means of a metric over the window.
        public func course(metric: Int, points: Int) -> [Double?] { courses[metric].means(atMost: points) }
    }

    /// - Parameters:
    ///   - config: A validated config.
    ///   - plan: The whole of it.
    ///   - count: Servers to look at; all where there are fewer.
    public init(_ config: LoadedConfig, plan: PanelPlan, servers count: Int) {
        (self.config, self.plan) = (config, plan)
        let kept = min(count, plan.servers.count)
        let spread = (0..<kept).map { plan.servers.lowerBound + $0 * plan.servers.count / kept }
        // Some may not exist in the window, or have all their rows yet to come.
        let rows = PanelRows(plan.spec.data, steps: plan.rowSteps, window: plan.window)
        func hasRows(_ server: Int) -> Bool { rows.total(server..<server + 1).rows > 0 }
        let found = rows.arePlain ? spread : spread.filter(hasRows)
        // A plan has a row, so somebody has one.
        servers = found.isEmpty ? Array(plan.servers.lazy.filter(hasRows).prefix(kept)) : found
    }

    /// Makes and judges the servers' cells, servers in parallel.
    /// - Parameter renderer: Draws the report; nil for none.
    public func callAsFunction(_ renderer: (any ReportRenderer)?, toolVersion: String) async throws -> Result {
        let generator = PanelGenerator(plan, sampling: true)
        var outcome = PanelWriter.Outcome(tallies: generator.signals.map { MetricTally($0) })
        let columns = generator.schema.contents.enumerated().compactMap { index, content -> (column: Int, metric: Int)? in
            if case .metric(let metric) = content { (index, metric) } else { nil }
        }
        let pieces = servers.flatMap { server in columns.map { (server: server, column: $0.column, metric: $0.metric) } }
        try await OrderedPieces.forEach(
            count: pieces.count, window: 16,
            make: { generator.chunk(column: pieces[$0].column, servers: pieces[$0].server..<pieces[$0].server + 1).tally },
            take: { index, tally in if let tally { outcome.tallies[pieces[index].metric].merge(tally) } })
        for server in servers {
            let rows = generator.existence(of: server).count
            outcome.facts.rows += rows
            outcome.facts.servers += rows > 0 ? 1 : 0
        }
        let checks = await QualityGate(plan).checks(
            signals: generator.signals, tallies: outcome.tallies, noise: generator.noiseSample())
        let quality = QualityReport(checks: checks.flatMap { $0 })
        let metrics = zip(outcome.tallies, plan.spec.data.metrics).map { MetricSummary($0, metric: $1) }
        let identity = PanelIdentity(config, plan)
        let material = ReportMaterial(
            generator, outcome, metrics, identity.run, config: config.effective.canonicalJSON(), toolVersion: toolVersion, looked: servers)
        let report = await renderer?.draw(material).bytes(ReportFacts(generation: nil, panel: nil, quality: quality))
        let courses = outcome.tallies.map { FleetMeans($0) }
        return Result(
            metrics: metrics, quality: quality, weekdays: courses.map { $0.weekdays(plan.rowSteps) }, rows: outcome.facts.rows,
            servers: outcome.facts.servers, report: report, courses: courses)
    }
}
