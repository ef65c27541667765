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
        let plan = try PanelPlan(config.spec, today: window.end)
        var hasher = ContentHasher()
        let (generator, metadata) = (PanelGenerator(plan), PanelIdentity(config, plan).metadata)
        if role == .panel {
            _ = try await PanelWriter(generator, threads: threads).write(metadata: metadata, sink: { hasher.update($0) })
        } else {
            _ = try await TruthTables(generator, threads: threads).write(role, metadata: metadata, sink: { hasher.update($0) })
        }
        return hasher.finish()
    }
}
