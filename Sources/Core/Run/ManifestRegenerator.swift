/// Makes a published panel and its ground truth again from the config in the manifest, to prove that the bytes follow from it.
public struct ManifestRegenerator: PanelRegenerator {
    private let threads: Int

    /// - Parameter threads: Column chunks made at once.
    public init(threads: Int) { self.threads = threads }

    /// Why a manifest cannot be followed.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// A sentence with the remedy.
        public let description: String
    }

    /// Generates the table and hashes it as it passes; nothing is written.
    public func sha256(of role: Artifact.Role, in manifest: Manifest) async throws -> ContentHash {
        let (config, plan) = try Self.plan(of: manifest)
        return try await hash(role, PanelGenerator(plan), PanelIdentity(config, plan).metadata)
    }

    /// Generates the servers of one part, as its name numbers them.
    public func sha256(ofPart part: Artifact, in manifest: Manifest) async throws -> ContentHash {
        let (config, plan) = try Self.plan(of: manifest)
        let role: Artifact.Role = part.role == .truthPart ? .truth : .panel
        return try await hash(role, PanelGenerator(try Self.part(part, of: plan)), PanelIdentity(config, plan).metadata)
    }

    private static func part(_ part: Artifact, of plan: PanelPlan) throws -> PanelPlan {
        let name = part.key.name
        guard name.hasSuffix(".parquet"), let shard = Shard(partName: String(name.dropLast(".parquet".count))), let own = plan.part(shard)
        else { throw Failure(description: "\(part.key) is no part of a table in shards") }
        return own
    }

    private func hash(
        _ role: Artifact.Role, _ generator: PanelGenerator, _ metadata: [(key: String, value: String)]
    ) async throws -> ContentHash {
        var hasher = ContentHasher()
        if role == .panel {
            _ = try await PanelWriter(generator, threads: threads).write(metadata: metadata, sink: { hasher.update($0) })
        } else {
            _ = try await TruthTables(generator, threads: threads).write(role, metadata: metadata, sink: { hasher.update($0) })
        }
        return hasher.finish()
    }

    /// Draws the report again: the same bytes as when it was published, where the program is the same.
    ///
    /// - Throws: `Failure` where the panel does not come out as the manifest lists it, because its report would be of other data.
    public func report(of manifest: Manifest, _ renderer: any ReportRenderer) async throws -> [UInt8] {
        let (config, plan) = try Self.plan(of: manifest)
        let (generator, identity) = (PanelGenerator(plan), PanelIdentity(config, plan))
        var outcome = PanelWriter.Outcome(tallies: generator.signals.map { MetricTally($0) })
        outcome.facts.columns = generator.schema.names
        let files = manifest.artifact(.panel).map { [$0] } ?? manifest.parts
        guard !files.isEmpty else { throw Failure(description: "its manifest lists no panel") }
        for file in files {
            let own = file.role == .part ? PanelGenerator(try Self.part(file, of: plan)) : generator
            var hasher = ContentHasher()
            let made = try await PanelWriter(own, threads: threads).write(metadata: identity.metadata, sink: { hasher.update($0) })
            let found = hasher.finish()
            guard found == file.sha256 else {
                throw Failure(
                    description: "\(file.key) comes out with other bytes, SHA-256 \(found.hex) instead of \(file.sha256.hex); "
                        + "use fleetsynth \(manifest.run.toolVersion)")
            }
            for metric in made.tallies.indices { outcome.tallies[metric].merge(made.tallies[metric]) }
            outcome.facts.append(made.facts)
        }
        let panel =
            try manifest.artifact(.panel)
            ?? ShardCommit.panel(of: manifest.parts, in: manifest.panelPath ?? "", rows: outcome.facts.rows)
        let metrics = zip(outcome.tallies, plan.spec.data.metrics).map { MetricSummary($0, metric: $1) }
        let recorded = RunIdentity(
            configSHA256: manifest.run.configSHA256, dataSHA256: manifest.run.dataSHA256, algorithmVersion: manifest.run.algorithmVersion,
            window: manifest.run.window)
        let material = ReportMaterial(
            generator, outcome, metrics, recorded, config: manifest.run.effectiveConfig, toolVersion: manifest.run.toolVersion)
        let gate = QualityGate(plan)
        async let drawn = renderer.draw(material)
        let checks = await gate.checks(signals: generator.signals, tallies: outcome.tallies, noise: generator.noiseSample())
        let report = gate.judge(facts: outcome.facts, metrics: checks)
        return await drawn.bytes(ReportFacts(generation: manifest.generation, panel: panel, quality: report))
    }

    private static func plan(of manifest: Manifest) throws -> (config: LoadedConfig, plan: PanelPlan) {
        guard manifest.run.algorithmVersion == PanelPlan.algorithmVersion else {
            throw Failure(
                description:
                    "it was made with algorithm version \(manifest.run.algorithmVersion), this program has \(PanelPlan.algorithmVersion); "
                    + "use fleetsynth \(manifest.run.toolVersion)")
        }
        let window = manifest.run.window
        let config = try ConfigLoader.load(
            bytes: Array(manifest.run.effectiveConfig.utf8), file: "manifest of generation \(manifest.generation)", name: manifest.dataset,
            flags: [("data_generation.start_date", window.start.iso), ("data_generation.end_date", window.end.iso)], today: window.end)
        return (config, try PanelPlan(config.spec, today: window.end))
    }
}
