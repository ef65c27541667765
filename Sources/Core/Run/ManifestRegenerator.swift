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
        let name = part.key.name
        guard name.hasSuffix(".parquet"), let shard = Shard(partName: String(name.dropLast(".parquet".count))), let own = plan.part(shard)
        else { throw Failure(description: "\(part.key) is no part of a table in shards") }
        return try await hash(.panel, PanelGenerator(own), PanelIdentity(config, plan).metadata)
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
