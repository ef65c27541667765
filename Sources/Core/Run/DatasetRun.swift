/// One attempt to bring a dataset up to date: what `fleetsynth generate` and a run of the service both are.
///
/// ```
/// plan -> open the store -> up to date? -> stage panel (generate, tally) -> quality gate -> stage ground truth, summary, sample and report
///      -> publish -> retention
/// ```
/// Core reports what happens through `observe` and throws what went wrong; it logs nothing.
public struct DatasetRun: Sendable {
    /// What a caller may choose.
    public struct Options: Sendable {
        /// Identifies the run in logs and in the manifest.
        public var runID: String
        /// `config`, `schedule`, `catch-up` or `manual`.
        public var reason: String
        /// Publishes a new generation even where nothing changed, and replaces files that no dataset lists.
        public var force = false
        /// Column chunks made at once, 1 or more.
        public var threads: Int
        /// The program's version, for the manifest.
        public var toolVersion: String
        /// Draws the report where the config wants one; nil for none.
        public var report: (any ReportRenderer)?

        /// Options of an unforced run; the parameters are the properties of these names.
        public init(runID: String, reason: String, threads: Int, toolVersion: String) {
            self.runID = runID
            self.reason = reason
            self.threads = threads
            self.toolVersion = toolVersion
        }
    }

    /// What happened, for logs and progress bars.
    public enum Event: Sendable {
        case recovered(RecoveryReport)
        /// `because` is nil for a forced run.
        case started(rows: Int, estimatedBytes: UInt64, because: UpToDate?)
        case progress(rows: Int)
        case judged(QualityReport, [MetricSummary])
        case swept(RetentionReport)
        /// The generation is published, but old ones could not be removed; the next run tries again.
        case sweepFailed(StoreError)
    }

    /// How a run ended well.
    public enum Outcome: Sendable {
        case published(Manifest, [MetricSummary])
        case upToDate(Manifest)

        /// The manifest of the latest generation, however the run ended.
        public var manifest: Manifest {
            switch self {
            case .published(let manifest, _), .upToDate(let manifest): manifest
            }
        }
    }

    private let config: LoadedConfig
    private let plan: PanelPlan
    private let options: Options

    /// - Parameters:
    ///   - config: A validated config.
    ///   - today: The day that relative dates are measured from.
    /// - Throws: `RunError.plan`.
    public init(_ config: LoadedConfig, today: Day, options: Options) throws(RunError) {
        self.config = config
        self.options = options
        do throws(PlanError) {
            plan = try PanelPlan(config.spec, today: today)
        } catch {
            throw .plan(error)
        }
    }

    /// - Parameters:
    ///   - store: Where to publish.
    ///   - clock: Read once, for the manifest's time or the end of grace periods.
    ///   - observe: Called where the caller runs.
    public func callAsFunction(
        in store: any ObjectStore, clock: () -> Moment, observe: (Event) -> Void
    ) async throws(RunError) -> Outcome {
        try await Publisher.withSession(
            store, dataset: plan.spec.name, rawPrefix: plan.spec.storage.rawPrefix, recovered: { observe(.recovered($0)) }
        ) { try await run($0, clock: clock, observe: observe) }
    }

    private func run(_ session: PublisherSession, clock: () -> Moment, observe: (Event) -> Void) async throws -> Outcome {
        let identity = PanelIdentity(config, plan)
        var state: UpToDate?
        if !options.force {
            let found = try await session.isUpToDate(identity.run)
            if case .upToDate(let manifest) = found {
                // Grace periods end without a publication, too.
                await sweep(session, RetentionPolicy(plan.spec.retention), now: clock(), observe: observe)
                return .upToDate(manifest)
            }
            state = found
        }
        let keys = try ArtifactKeys(plan, generation: session.nextGeneration)
        let estimate = PanelEstimate(plan)
        try await session.checkOwnership(keys.all, adopting: options.force)
        try await session.preflight(estimate: estimate.bytes + estimate.truthBytes)
        observe(.started(rows: plan.rows, estimatedBytes: estimate.bytes + estimate.truthBytes, because: state))

        let generator = PanelGenerator(plan, sampling: true)
        let panel = try await session.stage(keys.panel, role: .panel)
        await panel.expect(bytes: estimate.bytes)
        // The ground truth of cells takes longer than the panel; all of it together is the rows' way to the end.
        let share = plan.spec.truth.worksCellsOut ? Self.panelShare : 1
        let outcome = try await PanelWriter(generator, threads: options.threads).write(
            metadata: identity.metadata, sink: { try await panel.append($0) },
            progress: { observe(.progress(rows: Int(share * Double($0)))) })
        // The pool works out what was asked for and found while this thread makes the file durable.
        let gate = QualityGate(plan)
        let metrics = zip(outcome.tallies, plan.spec.data.metrics).map { MetricSummary($0, metric: $1) }
        let material = ReportMaterial(
            generator, outcome, metrics, identity.run, config: config.effective.canonicalJSON(), toolVersion: options.toolVersion)
        async let drawn = keys.report == nil ? nil : options.report?.draw(material)
        async let checks = gate.checks(signals: generator.signals, tallies: outcome.tallies, noise: generator.noiseSample())
        let artifact = try await panel.finish(rows: outcome.facts.rows)
        let report = gate.judge(facts: outcome.facts, metrics: await checks)
        observe(.judged(report, metrics))
        try report.demand(plan.spec.quality)

        let tallies = try await stageTruth(
            generator, keys, identity, estimate, in: session,
            progress: { observe(.progress(rows: Int((share + (1 - share) * $0) * Double(plan.rows)))) })
        let summary = PanelSummary(
            plan, generation: session.nextGeneration, outcome: outcome, report: report, panel: artifact, metrics: metrics,
            truth: TruthSummary(plan.spec, tables: keys.truth, oracle: tallies))
        try await stage(summary.json(), keys.summary, role: .summary, in: session)
        let sampleRows = min(plan.spec.output.sampleRows, plan.rows)
        try await stage(SampleCSV(generator).bytes(rows: sampleRows), keys.sample, role: .sample, rows: sampleRows, in: session)
        if let key = keys.report, let drawn = await drawn {
            let facts = ReportFacts(generation: session.nextGeneration, panel: artifact, quality: report)
            try await stage(drawn.bytes(facts), key, role: .report, in: session)
        }
        try Task.checkCancellation()
        let retention = RetentionPolicy(plan.spec.retention)
        let manifest = try await session.publish(record(identity, outcome, report, created: clock()), retention: retention)
        await sweep(session, retention, now: manifest.run.created, observe: observe)
        return .published(manifest, metrics)
    }

    /// The part of a run with a ground truth of cells that its panel takes.
    static let panelShare = 0.125

    /// Stages the tables that the config asks for.
    /// - Returns: What the pass over the cells found, if there was one.
    private func stageTruth(
        _ generator: PanelGenerator, _ keys: ArtifactKeys, _ identity: PanelIdentity, _ estimate: PanelEstimate,
        in session: PublisherSession, progress: (Double) -> Void
    ) async throws -> [OracleTally] {
        let tables = TruthTables(generator, threads: options.threads)
        var tallies: [OracleTally] = []
        for (role, key) in keys.truth {
            let writer = try await session.stage(key, role: role)
            if role == .truth { await writer.expect(bytes: estimate.truthBytes) }
            let written = try await tables.write(
                role, metadata: identity.metadata, sink: { try await writer.append($0) },
                progress: { if role == .truth { progress($0) } })
            try await writer.finish(rows: written.rows)
            if role == .truth { tallies = written.oracle }
        }
        if plan.spec.truth.oracle, !plan.spec.truth.cells { tallies = try await tables.oracle(progress: progress) }
        return tallies
    }

    private func stage(
        _ bytes: [UInt8], _ key: ObjectKey, role: Artifact.Role, rows: Int? = nil, in session: PublisherSession
    ) async throws(StoreError) {
        let writer = try await session.stage(key, role: role)
        try await writer.append(bytes)
        try await writer.finish(rows: rows)
    }

    private func record(
        _ identity: PanelIdentity, _ outcome: PanelWriter.Outcome, _ report: QualityReport, created: Moment
    ) -> RunRecord {
        RunRecord(
            runID: options.runID, reason: options.reason, created: created, toolVersion: options.toolVersion,
            algorithmVersion: PanelPlan.algorithmVersion, configSHA256: identity.run.configSHA256, dataSHA256: identity.run.dataSHA256,
            effectiveConfig: config.effective.canonicalJSON(), window: plan.window, granularity: plan.spec.data.rowGranularity,
            servers: plan.servers.count,
            rows: outcome.facts.rows,
            seed: plan.spec.data.seed, quality: JSONText.compact(QualityVerdict(report)))
    }

    /// Old generations are a matter of room, never a reason to call a published run failed.
    private func sweep(_ session: PublisherSession, _ policy: RetentionPolicy, now: Moment, observe: (Event) -> Void) async {
        do throws(StoreError) {
            observe(.swept(try await session.sweep(policy, now: now)))
        } catch {
            observe(.sweepFailed(error))
        }
    }
}

/// The gate's verdict as the manifest keeps it; the checks themselves are in the summary.
struct QualityVerdict: Encodable {
    let passed: Bool
    let checks: Int
    let notApplicable: Int
    /// Of those that passed, how many would have without their effect, too.
    let inconclusive: Int
    /// What failed and was published all the same; nil where nothing did.
    let failed: [String]?

    enum CodingKeys: String, CodingKey {
        case passed, checks, failed, inconclusive
        case notApplicable = "not_applicable"
    }

    init(_ report: QualityReport) {
        passed = report.passed
        checks = report.checks.count
        notApplicable = report.checks.count { $0.verdict == .notApplicable }
        inconclusive = report.inconclusiveCount
        failed = report.passed ? nil : report.failures.map(\.label)
    }
}
