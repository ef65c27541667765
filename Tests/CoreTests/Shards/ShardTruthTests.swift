import Core
import FoundationEssentials
import Testing

@Suite("Shards with ground truth")
struct ShardTruthTests {
    private static let eventful = """
          outlier_rate: 0.01
          missing_rate: 0.02
          incidents:
            leaks: { kind: memory-leak, per_year: 9, scope: server, duration: 9d, metrics: { mem_p95: 1.4 } }
            releases: { kind: bad-release, per_year: 20, scope: region, duration: 2d, lag: 2d, share: 0.7, metrics: { cpu_p95: 1.6 } }
          changes:
            shifts: { kind: level-shift, per_year: 3, ramp: 5d, metrics: { mem_p95: [0.8, 1.2] } }
        """
    private static let everything = eventful + "\ntruth: { cells: true, components: true, events: true, covariates: 30d, oracle: true }"

    private func oracle(_ store: any ObjectStore, _ manifest: Manifest) async throws -> TruthSummary {
        let text = try await Shards.text(store, manifest, .summary)
        return try #require(try JSONDecoder().decode(PanelSummary.self, from: Data(text.utf8)).truth)
    }

    @Test(
        "events and covariates are the very files of one process, the oracle's error is the same, whatever the number of shards",
        arguments: [1, 3, 40])
    func sameAsOneProcess(count: Int) async throws {
        let config = try Shards.config(Self.everything)
        let (single, sharded) = (InMemoryStore(), InMemoryStore())
        let whole = try await DatasetRunTests.run(config, in: single).0.manifest
        try await Shards.stageAll(config, of: count, in: sharded)
        let made = try await Shards.commit(config, of: count, in: sharded).manifest
        for role in [Artifact.Role.events, .covariates] { #expect(made.artifact(role)?.sha256 == whole.artifact(role)?.sha256) }
        #expect((made.artifact(.events)?.rows ?? 0) > 20)
        let (ours, theirs) = (try await oracle(sharded, made), try await oracle(single, whole))
        #expect(ours.oracle == theirs.oracle && ours.oracle?.count == 4)
        #expect(ours.cells?.hasSuffix(".truth") == true && ours.events?.hasSuffix(".events.parquet") == true)
        #expect(made.truthParts.count == min(count, 23) && made.artifact(.truth) == nil)
        #expect(made.truthParts.map(\.rows) == made.parts.map(\.rows) && made.truthParts.map(\.key.name) == made.parts.map(\.key.name))
        if count == 1 { #expect(made.truthParts[0].sha256 == whole.artifact(.truth)?.sha256) }
        #expect(String(decoding: made.canonicalBytes, as: UTF8.self).contains("\"format_version\": 4"))
        #expect(try await StoreInvariant.problems(sharded) == [])
        let again = try await Shards.commit(config, of: count, in: sharded)
        #expect(!Shards.isPublished(again))
        #expect(try await Shards.stage(config, 0, of: count, in: sharded) == .published(generation: 1))
    }

    @Test("the oracle alone needs no table, and a shard with servers that never exist has nothing to tell")
    func oracleAlone() async throws {
        let config = try Shards.config("truth: { oracle: true }")
        let (single, sharded) = (InMemoryStore(), InMemoryStore())
        let whole = try await DatasetRunTests.run(config, in: single).0.manifest
        try await Shards.stageAll(config, of: 30, in: sharded)
        let made = try await Shards.commit(config, of: 30, in: sharded).manifest
        #expect(made.truthParts.isEmpty)
        #expect(try await oracle(sharded, made) == oracle(single, whole))
    }

    @Test("verify makes every part of the ground truth again from the manifest alone, and names the role of one that differs")
    func regenerate() async throws {
        let store = InMemoryStore()
        let config = try Shards.config(Self.everything)
        try await Shards.stageAll(config, of: 5, in: store)
        _ = try await Shards.commit(config, of: 5, in: store)
        let report = try await Verifier(store, regenerator: ManifestRegenerator(threads: 2)).verify(.everything)
        #expect(report.exitCode == 0 && report.datasets[0].generations[0].regeneration == .equal, "\(report.text)")
        #expect(report.text.contains("5 parts in raw/fleet/_truth/2022-01-01_to_2022-06-30-"))
        struct Other: PanelRegenerator {
            func sha256(of role: Artifact.Role, in manifest: Manifest) async throws -> ContentHash { ContentHash(of: []) }
            func sha256(ofPart part: Artifact, in manifest: Manifest) async throws -> ContentHash {
                part.role == .truthPart ? ContentHash(of: []) : part.sha256
            }
        }
        let other = try await Verifier(store, regenerator: Other()).verify(.everything)
        #expect(other.exitCode == 65 && other.text.contains("OTHER BYTES of the truth-part"), "\(other.text)")
    }

    @Test("a part of the ground truth whose bytes changed is named, and made again by its shard")
    func damaged() async throws {
        let store = InMemoryStore()
        let config = try Shards.config(Self.everything)
        try await Shards.stageAll(config, of: 3, in: store)
        let listed = try #require(try await store.staged("raw/fleet/_truth/").first { $0.key.name.hasPrefix("part-00001") })
        guard case .staged(let token, _) = listed.kind else {
            Issue.record("it is staged")
            return
        }
        try await #require(try await store.resume(listed.key, token: token)).append([0])
        guard case .damaged([1], of: 3, let because) = await Shards.problem({ try await Shards.commit(config, of: 3, in: store) }) else {
            Issue.record("shard 1 is damaged")
            return
        }
        #expect(because.contains("_truth/") && because.contains("part-00001-of-00003.parquet"))
        guard case .staged = try await Shards.stage(config, 1, of: 3, in: store) else {
            Issue.record("it is made again")
            return
        }
        #expect(Shards.isPublished(try await Shards.commit(config, of: 3, in: store)))
        #expect(try await StoreInvariant.problems(store) == [])
    }

    @Test("shards with and without a ground truth, or with another one, are not of one table")
    func strangers() async throws {
        let store = InMemoryStore()
        let (plain, cells) = (try Shards.config(), try Shards.config("truth: { cells: true }"))
        let components = try Shards.config("truth: { cells: true, components: true }")
        try await Shards.stageAll(cells, of: 2, in: store)
        for config in [plain, components] {
            let problem = await Shards.problem { try await Shards.commit(config, of: 2, in: store) }
            #expect(problem?.description.contains("Shards 0-1 of 2 are there, but made with another config") == true)
        }
        let first = try await Shards.commit(cells, of: 2, in: store).manifest
        try await Shards.stageAll(components, of: 2, in: store)
        let second = try await Shards.commit(components, of: 2, in: store).manifest
        #expect(second.generation == 2 && first.parts.map(\.sha256) == second.parts.map(\.sha256))
        #expect(Set(first.artifacts.map(\.key)).isDisjoint(with: second.artifacts.map(\.key)))
        #expect(try await StoreInvariant.problems(store) == [])
    }

    @Test("retention removes the ground truth with its generation, and what was abandoned goes after the grace period")
    func retention() async throws {
        let store = InMemoryStore()
        let rest = "truth: { cells: true, events: true }\nretention: { keep_last: 1, grace_hours: 1 }"
        let (old, new) = (try Shards.config(rest), try Shards.config("  random_seed: 7\n\(rest)"))
        try await Shards.stage(try Shards.config("  random_seed: 8\n\(rest)"), 0, of: 4, in: store, at: 1_770_000_000)
        try await Shards.stageAll(old, of: 4, in: store)
        _ = try await Shards.commit(old, of: 4, in: store, at: 1_770_000_600)
        try await Shards.stageAll(new, of: 4, in: store)
        let second = try await Shards.commit(new, of: 4, in: store, at: 1_770_007_200).manifest
        _ = try await Shards.commit(new, of: 4, in: store, at: 1_770_014_400)
        #expect(Set(try await store.list("raw/").map(\.key)) == Set(second.artifacts.map(\.key)))
    }
}
