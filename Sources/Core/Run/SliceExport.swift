/// Writes a part of a dataset as a file of its own, outside any generation: values are those of the whole, cell for cell.
public struct SliceExport: Sendable {
    private let config: LoadedConfig
    private let plan: PanelPlan

    /// What was written.
    public struct Result: Sendable {
        /// Rows written.
        public let rows: Int
        /// The file's size.
        public let bytes: UInt64
        /// The file's hash.
        public let sha256: ContentHash
        /// Statistics of each metric, in column order.
        public let metrics: [MetricSummary]
        /// What the gate found; with `quality.on_failure: warn` checks may have failed.
        public let quality: QualityReport
    }

    /// - Parameters:
    ///   - config: A validated config.
    ///   - plan: The whole of it, or a slice.
    public init(_ config: LoadedConfig, plan: PanelPlan) {
        self.config = config
        self.plan = plan
    }

    /// Writes `key` of `store`, atomically, if the quality gate passes or the config only wants a warning.
    public func callAsFunction(
        to key: ObjectKey, in store: any ObjectStore, threads: Int, progress: (Int) -> Void
    ) async throws(RunError) -> Result {
        do {
            let staged = try await store.stage(key, owner: "slice")
            do {
                await staged.expect(bytes: PanelEstimate(plan).bytes)
                return try await write(staged, threads: threads, progress: progress)
            } catch {
                await staged.discard()
                throw error
            }
        } catch {
            throw RunError(error)
        }
    }

    private func write(_ staged: any StagedObject, threads: Int, progress: (Int) -> Void) async throws -> Result {
        let generator = PanelGenerator(plan, sampling: true)
        var hasher = ContentHasher()
        let outcome = try await PanelWriter(generator, threads: threads).write(
            metadata: PanelIdentity(config, plan).metadata,
            sink: { bytes in
                hasher.update(bytes)
                try await staged.append(bytes)
            }, progress: progress)
        let report = QualityGate(plan).judge(
            facts: outcome.facts, signals: generator.signals, tallies: outcome.tallies, noise: generator.noiseSample())
        try report.demand(plan.spec.quality)
        try await staged.seal()
        try await staged.publish()
        return Result(
            rows: outcome.facts.rows, bytes: hasher.count, sha256: hasher.finish(),
            metrics: zip(outcome.tallies, plan.spec.data.metrics).map { MetricSummary($0, metric: $1) }, quality: report)
    }
}
