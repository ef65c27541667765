/// Publishes a table whose shards are all there: what `fleetsynth commit` is.
///
/// ```
/// lock, recover -> up to date? -> every record, every part -> merged tallies -> quality gate -> events, covariates, summary, sample, report
///      -> publish -> remove records
/// ```
/// The parts take their final names in the order of every publication: manifest, artifacts, pointer. Until then nobody sees any of them, and a
/// commit that refuses leaves the shards as they are.
public struct ShardCommit: Sendable {
    private let config: LoadedConfig
    private let plan: PanelPlan
    private let options: DatasetRun.Options
    private let identity: PanelIdentity
    private let set: ShardSet

    /// - Parameters:
    ///   - config: A validated config, that of the shards.
    ///   - shards: How many there are, 1...`Shard.most`.
    ///   - today: The day that relative dates are measured from; the same as for the shards.
    ///   - options: `force` publishes again what is published already; `threads` is how many shards are read at once.
    /// - Throws: `RunError.plan`, or `RunError.shards` where there can be no such number, or no parts in the dataset's folder.
    public init(_ config: LoadedConfig, shards: Int, today: Day, options: DatasetRun.Options) throws(RunError) {
        guard (1...Shard.most).contains(shards) else { throw .shards(.number("0/\(shards)")) }
        self.config = config
        self.options = options
        plan = try PanelPlan.inShards(config.spec, today: today)
        identity = PanelIdentity(config, plan)
        set = try ShardSet.checked(plan, identity.run, count: shards)
    }

    /// - Parameters:
    ///   - store: Where the shards were staged.
    ///   - clock: Read for the manifest's time and the ends of grace periods.
    ///   - observe: Called where the caller runs.
    public func callAsFunction(
        in store: any ObjectStore, clock: () -> Moment, observe: (DatasetRun.Event) -> Void
    ) async throws(RunError) -> DatasetRun.Outcome {
        try await requireAnything(in: store)
        return try await Publisher.withSession(
            store, dataset: set.dataset, rawPrefix: plan.spec.storage.rawPrefix, recovered: { observe(.recovered($0)) }
        ) { try await run($0, clock: clock, observe: observe) }
    }

    private func run(
        _ session: PublisherSession, clock: () -> Moment, observe: (DatasetRun.Event) -> Void
    ) async throws -> DatasetRun.Outcome {
        let debris = ShardDebris(session.store, set, grace: plan.spec.retention.graceHours)
        let records = try await session.store.keys(set.recordFolder).compactMap { set.shard(ofRecord: $0) }
        if !options.force, let latest = try await published(session, hasRecords: !records.isEmpty) {
            await sweep(session, debris, now: clock(), observe: observe)
            return .upToDate(latest)
        }
        try await requireAll(records, in: session.store, latest: session.latest)
        observe(.started(rows: plan.rows, estimatedBytes: PanelEstimate(plan).bytes, because: nil))
        let generator = PanelGenerator(plan)
        var merged = MergedShards(generator)
        try await collect(in: session, into: &merged, progress: { observe(.progress(rows: $0)) })
        return try await publish(session, generator, merged, debris, clock: clock, observe: observe)
    }

    /// Refuses before the lock, which leaves a folder, where the dataset has published nothing and nothing can be published.
    private func requireAnything(in store: any ObjectStore) async throws(RunError) {
        do {
            guard try await store.keys(Manifest.scope(of: set.dataset).path + "/").isEmpty else { return }
            try await requireAll(store.keys(set.recordFolder).compactMap { set.shard(ofRecord: $0) }, in: store, latest: nil)
        } catch {
            throw RunError.ending(error)
        }
    }

    private func requireAll(_ records: [Shard], in store: any ObjectStore, latest: Manifest?) async throws {
        let there = Set(records.map(\.index))
        let missing = (0..<set.count).filter { !there.contains($0) }
        guard !missing.isEmpty else { return }
        var others = try await ShardStrangers(store, set).sentences(missing)
        if let latest, set.isTable(of: latest) {
            others.append("Generation \(latest.generation) is this very table; to publish it again, run the shards with --force, too.")
        }
        throw ShardProblem.missing(missing, of: set.count, others: others)
    }

    /// Reads and checks every shard, several at once, in order.
    private func collect(in session: PublisherSession, into merged: inout MergedShards, progress: (Int) -> Void) async throws {
        var damaged: [Int] = []
        var reason: String?
        func take(_ index: Int, _ shard: LoadedShard) {
            guard let problem = shard.problem ?? merged.add(shard) else { return progress(merged.facts.rows) }
            damaged.append(index)
            if reason == nil { reason = problem }
        }
        let (store, set) = (session.store, set)
        let first = try await LoadedShard(store, set, 0)
        take(0, first)
        let window = ManyAtOnce.window(store, near: 2 * options.threads)
        // As many small records to a task as have a MiB together: handing one over costs more than reading it. Of an empty shard, or one that
        // is damaged, nothing follows for the others.
        let size = first.record.flatMap { $0.facts.rows > 0 ? $0.tally.count : nil } ?? 1 << 20
        let batch = max(1, min(64, set.count / (4 * window), 1 << 20 / (1 + size)))
        try await OrderedPieces.forEach(
            count: (set.count - 1 + batch - 1) / batch, window: window,
            make: { batchIndex in
                var shards: [LoadedShard] = []
                for index in 1 + batchIndex * batch..<min(set.count, 1 + (batchIndex + 1) * batch) {
                    shards.append(try await LoadedShard(store, set, index))
                }
                return shards
            },
            take: { batchIndex, shards in for (place, shard) in shards.enumerated() { take(1 + batchIndex * batch + place, shard) } })
        if let reason { throw ShardProblem.damaged(damaged, of: set.count, because: reason) }
    }

    private func publish(
        _ session: PublisherSession, _ generator: PanelGenerator, _ merged: MergedShards, _ debris: ShardDebris, clock: () -> Moment,
        observe: (DatasetRun.Event) -> Void
    ) async throws -> DatasetRun.Outcome {
        let facts = merged.facts
        let report = QualityGate(plan).judge(
            facts: facts, signals: generator.signals, tallies: merged.tallies, noise: generator.noiseSample())
        let metrics = zip(merged.tallies, plan.spec.data.metrics).map { MetricSummary($0, metric: $1) }
        observe(.judged(report, metrics))
        try report.demand(plan.spec.quality)

        let (summaryKey, sampleKey) = (try set.summary(session.nextGeneration), try set.sample(session.nextGeneration))
        let reportKey = plan.spec.output.report && options.report != nil ? try set.report(session.nextGeneration) : nil
        let tables = try set.tables(plan.spec.truth)
        // The table of cells is parts as the panel is; the others are about all servers.
        let wholeTables = tables.filter { $0.role != .truth }
        let parts = merged.parts.map(\.artifact)
        try await session.checkOwnership(
            parts.map(\.key) + [summaryKey, sampleKey] + [reportKey].compactMap(\.self) + wholeTables.map(\.key),
            expecting: Dictionary(uniqueKeysWithValues: parts.map { ($0.key, $0.sha256) }),
            absent: session.absent(parts.map(\.key)), adopting: options.force)
        for table in wholeTables { try await stage(table.role, table.key, generator, in: session) }
        let folder = try Self.panel(of: parts.filter { $0.role == .part }, in: set.folder, rows: facts.rows)
        let outcome = PanelWriter.Outcome(facts: facts, tallies: merged.tallies, bytes: Int(clamping: folder.bytes))
        let summary = PanelSummary(
            plan, generation: session.nextGeneration, outcome: outcome, report: report, panel: folder, metrics: metrics,
            truth: TruthSummary(plan.spec, tables: tables, oracle: merged.oracle))
        try await stage(summary.json(), summaryKey, role: .summary, in: session)
        let rows = min(plan.spec.output.sampleRows, plan.rows)
        try await stage(SampleCSV(generator).bytes(rows: rows), sampleKey, role: .sample, rows: rows, in: session)
        if let reportKey, let renderer = options.report {
            let material = ReportMaterial(
                generator, outcome, metrics, identity.run, config: config.effective.canonicalJSON(), toolVersion: options.toolVersion)
            let facts = ReportFacts(generation: session.nextGeneration, panel: folder, quality: report)
            try await stage(await renderer.draw(material).bytes(facts), reportKey, role: .report, in: session)
        }
        for part in merged.parts { try session.include(part.artifact, staged: part.staged) }
        try Task.checkCancellation()
        let manifest = try await session.publish(
            record(rows: facts.rows, report, created: clock()), retention: RetentionPolicy(plan.spec.retention))
        await sweep(session, debris, now: manifest.run.created, observe: observe)
        return .published(manifest, metrics)
    }

    /// Makes a table of the ground truth that is about all servers: the very bytes of one process.
    private func stage(
        _ role: Artifact.Role, _ key: ObjectKey, _ generator: PanelGenerator, in session: PublisherSession
    ) async throws {
        let writer = try await session.stage(key, role: role)
        let written = try await TruthTables(generator, threads: options.threads).write(
            role, metadata: identity.metadata, sink: { try await writer.append($0) })
        try await writer.finish(rows: written.rows)
    }

    private func stage(
        _ bytes: [UInt8], _ key: ObjectKey, role: Artifact.Role, rows: Int? = nil, in session: PublisherSession
    ) async throws(StoreError) {
        let writer = try await session.stage(key, role: role)
        try await writer.append(bytes)
        try await writer.finish(rows: rows)
    }

    /// The panel that parts are together. Its hash is that of the lines which `sha256sum part-*` prints: `sha256sum part-* | sha256sum` in the
    /// folder gives the same.
    static func panel(of parts: [Artifact], in folder: String, rows: Int) throws(StoreError) -> Artifact {
        let lines = parts.map { "\($0.sha256)  \($0.key.name)\n" }.joined()
        return Artifact(
            role: .panel, key: try ObjectKey(folder), bytes: parts.reduce(0) { $0 + $1.bytes }, sha256: ContentHash(of: Array(lines.utf8)),
            rows: rows, token: "")
    }

    private func record(rows: Int, _ report: QualityReport, created: Moment) -> RunRecord {
        RunRecord(
            runID: options.runID, reason: options.reason, created: created, toolVersion: options.toolVersion,
            algorithmVersion: PanelPlan.algorithmVersion, configSHA256: identity.run.configSHA256, dataSHA256: identity.run.dataSHA256,
            effectiveConfig: config.effective.canonicalJSON(), window: plan.window, granularity: plan.spec.data.rowGranularity,
            servers: plan.servers.count, rows: rows, seed: plan.spec.data.seed, quality: JSONText.compact(QualityVerdict(report)))
    }

    /// The latest generation where it is this table, made with this config, and every file of it is there.
    ///
    /// The parts are looked for and not read again: they may be terabytes, and `verify` is there to read them. A summary or sample that is gone
    /// is made again where the shards are there, too.
    /// - Throws: `ShardProblem.otherConfig` where the parts are those of this config, and it asks for another judgement or other files beside
    ///   them: only what the shards counted tells what comes of that.
    private func published(_ session: PublisherSession, hasRecords: Bool) async throws -> Manifest? {
        guard session.damagedAfterLatest == nil, let latest = session.latest, set.isTable(of: latest) else { return nil }
        guard latest.run.identity == identity.run else {
            if hasRecords { return nil }
            throw ShardProblem.otherConfig(generation: latest.generation)
        }
        let gone = try await session.absent(latest.artifacts.map(\.key))
        guard gone.isEmpty || hasRecords else {
            throw ShardProblem.gone(generation: latest.generation, file: gone.sorted()[0].path, more: gone.count - 1)
        }
        guard gone.isEmpty else { return nil }
        if hasRecords { try await requireWhole(session, latest) }
        return latest
    }

    /// Shards are there of a table that is published: stragglers, or somebody makes it again because a part was damaged. So its parts are read.
    ///
    /// - Complexity: O(bytes of the parts).
    private func requireWhole(_ session: PublisherSession, _ latest: Manifest) async throws(StoreError) {
        let damaged = try await ManyAtOnce.map(latest.parts + latest.truthParts, in: session.store) {
            [store = session.store] part throws(StoreError) -> String? in
            try await store.digest(of: part.key)?.sha256 == part.sha256 ? nil : part.key.path
        }.compactMap(\.self)
        guard let first = damaged.first else { return }
        throw StoreError(
            .damaged, .permanent,
            "Generation \(latest.generation) is this table, but \(first) is not what was published\(damaged.count > 1 ? ", and \(damaged.count - 1) more" : ""). "
                + "Nothing was changed, and the shards stay. Run every shard with --force, then commit with --force.")
    }

    /// Old generations and leftovers are a matter of room, never a reason to call a published table failed.
    private func sweep(
        _ session: PublisherSession, _ debris: ShardDebris, now: Moment, observe: (DatasetRun.Event) -> Void
    ) async {
        do throws(StoreError) {
            observe(.swept(try await session.sweep(RetentionPolicy(plan.spec.retention), now: now)))
            await session.tidy(try await debris.sweep(now: now))
        } catch {
            observe(.sweepFailed(error))
        }
    }
}
