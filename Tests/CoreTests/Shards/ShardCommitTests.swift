import Core
import Testing

@Suite("Shards and commit")
struct ShardCommitTests {
    /// Everything that a run may differ by in its tallies: archetypes, ends of servers, incidents, mess, noise that is more than normal.
    static let everything = """
          archetypes: { web: { share: 0.5 }, batch: { share: 0.5 } }
          missing_rate: 0.02
          outlier_rate: 0.01
        output: { calendar_flags: true, sample_rows: 200 }
        """

    @Test("summary and sample are those of one process, whatever the number of shards", arguments: [1, 2, 7, 23, 40])
    func sameAsOneProcess(count: Int) async throws {
        let config = try Shards.config(Self.everything)
        let (single, sharded) = (InMemoryStore(), InMemoryStore())
        let (whole, _) = try await DatasetRunTests.run(config, in: single)
        try await Shards.stageAll(config, of: count, in: sharded)
        let parts = try await Shards.commit(config, of: count, in: sharded)
        #expect(Shards.isPublished(parts) && parts.manifest.generation == 1)
        #expect(parts.manifest.run.rows == whole.manifest.run.rows && parts.manifest.run.identity == whole.manifest.run.identity)
        #expect(parts.manifest.parts.count == min(count, 23))
        #expect(parts.manifest.parts.compactMap(\.rows).reduce(0, +) == whole.manifest.run.rows)
        #expect(try await Shards.text(sharded, parts.manifest, .sample) == Shards.text(single, whole.manifest, .sample))
        func numbers(_ summary: String) -> [Substring] { summary.split(separator: "\n").filter { !$0.contains("\"panel") } }
        let (left, right) = (
            try await Shards.text(sharded, parts.manifest, .summary), try await Shards.text(single, whole.manifest, .summary)
        )
        #expect(numbers(left) == numbers(right) && numbers(left).count > 100)
        #expect(try await StoreInvariant.problems(sharded) == [])
    }

    @Test("one shard has the very bytes of the panel of one process")
    func oneShard() async throws {
        let store = InMemoryStore()
        let config = try Shards.config()
        let (whole, _) = try await DatasetRunTests.run(config, in: InMemoryStore())
        try await Shards.stageAll(config, of: 1, in: store)
        let parts = try await Shards.commit(config, of: 1, in: store)
        #expect(parts.manifest.parts.map(\.sha256) == [whole.manifest.artifact(.panel)?.sha256])
    }

    @Test("a shard made again is found staged, then published, and nothing changes")
    func again() async throws {
        let store = InMemoryStore()
        let config = try Shards.config()
        try await Shards.stageAll(config, of: 3, in: store)
        let before = try await store.list("")
        guard case .alreadyStaged(let staged) = try await Shards.stage(config, 1, of: 3, in: store) else {
            Issue.record("it is there already")
            return
        }
        #expect(staged.part?.path.hasSuffix("/part-00001-of-00003.parquet") == true && staged.servers == 8)
        #expect(try await store.list("") == before)
        let outcome = try await Shards.commit(config, of: 3, in: store)
        #expect(try await Shards.stage(config, 1, of: 3, in: store) == .published(generation: 1))
        let second = try await Shards.commit(config, of: 3, in: store)
        #expect(!Shards.isPublished(second) && second.manifest == outcome.manifest)
        #expect(try await StoreInvariant.problems(store) == [])
    }

    @Test("two processes that make every shard at once leave one table and no debris")
    func twice() async throws {
        let store = InMemoryStore()
        let config = try Shards.config()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for index in 0..<8 {
                for _ in 0..<2 { tasks.addTask { try await Shards.stage(config, index, of: 8, in: store) } }
            }
            try await tasks.waitForAll()
        }
        #expect(Shards.isPublished(try await Shards.commit(config, of: 8, in: store)))
        #expect(try await StoreInvariant.problems(store) == [])
    }

    @Test("shards that are missing are named, nothing is published, and the others stay")
    func missing() async throws {
        let store = InMemoryStore()
        let config = try Shards.config()
        for index in [0, 2, 3] { try await Shards.stage(config, index, of: 6, in: store) }
        let problem = await Shards.problem { try await Shards.commit(config, of: 6, in: store) }
        #expect(problem == .missing([1, 4, 5], of: 6, others: []) && problem?.exitCode == 66)
        #expect(try await store.list("manifests/").isEmpty)
        for index in [1, 4, 5] { try await Shards.stage(config, index, of: 6, in: store) }
        #expect(Shards.isPublished(try await Shards.commit(config, of: 6, in: store)))
    }

    @Test("shards of another window, config or number are named with the remedy")
    func strangers() async throws {
        let moving = try Shards.config("  random_seed: 1").spec.name
        let yaml = "data_generation: { num_servers: 6, start_date: 2025-12-01, end_date: yesterday }"
        let config = try ConfigLoader.load(bytes: Array(yaml.utf8), file: "\(moving).yaml", today: Specs.day("2026-01-05"))
        let store = InMemoryStore()
        try await Shards.stage(config, 0, of: 2, in: store, today: "2026-01-05")
        try await Shards.stage(config, 1, of: 2, in: store, today: "2026-01-06")
        let window = await Shards.problem { try await Shards.commit(config, of: 2, in: store, today: "2026-01-05") }
        #expect(
            window?.description.contains("Shard 1 of 2 is missing") == true
                && window?.description.contains("2025-12-01 to 2026-01-05 instead") == true
                && window?.description.contains("--today") == true)
        let number = await Shards.problem { try await Shards.commit(config, of: 3, in: store, today: "2026-01-05") }
        #expect(number?.description.contains("cut into 2 parts instead of 3") == true)
        let other = try ConfigLoader.load(
            bytes: Array(yaml.replacing("num_servers: 6", with: "num_servers: 7").utf8), file: "\(moving).yaml",
            today: Specs.day("2026-01-05"))
        let seed = await Shards.problem { try await Shards.commit(other, of: 2, in: store, today: "2026-01-05") }
        #expect(seed?.description.contains("made with another config") == true)
    }

    @Test("a part or record whose bytes changed is named, and made again by its shard")
    func damaged() async throws {
        let store = InMemoryStore()
        let config = try Shards.config()
        try await Shards.stageAll(config, of: 3, in: store)
        let listed = try await store.staged("raw/").first { $0.key.name.hasPrefix("part-00001") }
        guard let listed, case .staged(let token, _) = listed.kind else {
            Issue.record("the part of shard 1 is staged")
            return
        }
        let staged = try #require(try await store.resume(listed.key, token: token))
        try await staged.append([0])
        let part = await Shards.problem { try await Shards.commit(config, of: 3, in: store) }
        guard case .damaged([1], of: 3, let because) = part else {
            Issue.record("shard 1 is damaged, not \(String(describing: part))")
            return
        }
        #expect(because.contains("part-00001-of-00003.parquet") && part?.exitCode == 65)
        let key = try #require(try await store.list("raw/_staging/").first { $0.key.name.hasPrefix("part-00002") }).key
        var bytes = try #require(try await store.get(key)).bytes
        bytes[bytes.count - 1] ^= 1
        _ = try await store.put(key, bytes, if: .none)
        guard case .damaged([1, 2], of: 3, _) = await Shards.problem({ try await Shards.commit(config, of: 3, in: store) }) else {
            Issue.record("shards 1 and 2 are damaged")
            return
        }
        // In its text: the remedy is to make the shard again, not to look for a backup.
        bytes[bytes.firstIndex(of: UInt8(ascii: "f")) ?? 0] = UInt8(ascii: "g")
        for index in [0, 1] { try await Shards.stage(config, index, of: 3, in: store) }
        _ = try await store.put(key, bytes, if: .none)
        let text = await Shards.problem { try await Shards.commit(config, of: 3, in: store) }?.description ?? ""
        #expect(text.contains("Shard 2 of 3 is not whole") && !text.contains("backup") && text.contains("generate --shard 2/3"), "\(text)")
        for index in 0..<3 { try await Shards.stage(config, index, of: 3, in: store) }
        #expect(Shards.isPublished(try await Shards.commit(config, of: 3, in: store)))
        #expect(try await StoreInvariant.problems(store) == [])
    }

    @Test("a failed gate publishes nothing and keeps the shards for a commit with another limit")
    func gate() async throws {
        let store = InMemoryStore()
        let config = try Shards.config("  missing_rate: 0.2")
        try await Shards.stageAll(config, of: 3, in: store)
        let error = await #expect(throws: RunError.self) { try await Shards.commit(config, of: 3, in: store) }
        #expect(error?.exitCode == 65 && error?.description.contains("quality.max_missing_share") == true)
        let lenient = try Shards.config("  missing_rate: 0.2\nquality: { max_missing_share: 0.5 }")
        #expect(Shards.isPublished(try await Shards.commit(lenient, of: 3, in: store)))
    }

    @Test("a new config is a new folder; retention removes the old one with its parts, and abandoned shards go after the grace period")
    func generations() async throws {
        let store = InMemoryStore()
        let keep = "retention: { keep_last: 1, grace_hours: 1 }"
        let (old, new) = (try Shards.config(keep), try Shards.config("  random_seed: 7\n\(keep)"))
        let abandoned = try Shards.config("  random_seed: 8\n\(keep)")
        try await Shards.stage(abandoned, 0, of: 4, in: store, at: 1_770_000_000)
        try await Shards.stageAll(old, of: 4, in: store)
        let first = try await Shards.commit(old, of: 4, in: store, at: 1_770_000_600)
        // Within its grace period.
        #expect(try await store.list("raw/_staging/").count == 1)
        try await Shards.stageAll(new, of: 4, in: store)
        let second = try await Shards.commit(new, of: 4, in: store, at: 1_770_007_200)
        #expect(try await store.list("raw/_staging/").isEmpty && second.manifest.generation == 2)
        #expect(Set(first.manifest.parts.map(\.key)).isDisjoint(with: second.manifest.parts.map(\.key)))
        _ = try await Shards.commit(new, of: 4, in: store, at: 1_770_014_400)
        #expect(Set(try await store.list("raw/").map(\.key)) == Set(second.manifest.artifacts.map(\.key)))
        #expect(try await StoreInvariant.problems(store) == [])
    }

    @Test("a forced commit publishes the same parts again, and what is gone after publication is said with its remedy")
    func force() async throws {
        let store = InMemoryStore()
        let config = try Shards.config()
        try await Shards.stageAll(config, of: 3, in: store)
        let first = try await Shards.commit(config, of: 3, in: store)
        try await store.delete(first.manifest.parts[1].key)
        let gone = await Shards.problem { try await Shards.commit(config, of: 3, in: store) }
        #expect(gone?.description.contains("part-00001-of-00003.parquet is gone") == true && gone?.exitCode == 66)
        let none = await Shards.problem { try await Shards.commit(config, of: 3, in: store, force: true) }
        #expect(none?.description.contains("Generation 1 is this very table") == true)
        try await Shards.stageAll(config, of: 3, in: store, force: true)
        let second = try await Shards.commit(config, of: 3, in: store, force: true)
        #expect(second.manifest.generation == 2 && second.manifest.parts.map(\.sha256) == first.manifest.parts.map(\.sha256))
        #expect(try await StoreInvariant.problems(store) == [])
    }

    @Test(
        "a published table is not what another config makes of the same parts, until its shards are there again to be judged",
        arguments: ["quality: { max_missing_share: 0.5 }", "quality: { on_failure: warn }", "output: { report: false }"])
    func otherConfig(change: String) async throws {
        let store = InMemoryStore()
        let (config, other) = (try Shards.config(), try Shards.config(change))
        try await Shards.stageAll(config, of: 3, in: store)
        let first = try await Shards.commit(config, of: 3, in: store)
        let before = try await store.list("")
        let problem = await Shards.problem { try await Shards.commit(other, of: 3, in: store) }
        #expect(problem == .otherConfig(generation: 1) && problem?.exitCode == 66)
        #expect(problem?.description.contains("Run every shard with --force, then commit again.") == true)
        #expect(try await store.list("") == before)
        #expect(!Shards.isPublished(try await Shards.commit(config, of: 3, in: store)))
        // The remedy.
        try await Shards.stageAll(other, of: 3, in: store, force: true)
        let second = try await Shards.commit(other, of: 3, in: store)
        #expect(Shards.isPublished(second) && second.manifest.generation == 2)
        #expect(second.manifest.parts.map(\.sha256) == first.manifest.parts.map(\.sha256))
        #expect(try await StoreInvariant.problems(store) == [])
    }

    @Test("a table that is published does not pass a gate that it fails: 65, and the published one stays")
    func gateAfterwards() async throws {
        let store = InMemoryStore()
        let strict = try Shards.config("quality: { max_missing_share: 0.0001 }")
        let config = try Shards.config()
        try await Shards.stageAll(config, of: 3, in: store)
        _ = try await Shards.commit(config, of: 3, in: store)
        #expect(await Shards.problem { try await Shards.commit(strict, of: 3, in: store) } == .otherConfig(generation: 1))
        try await Shards.stageAll(strict, of: 3, in: store, force: true)
        let error = await #expect(throws: RunError.self) { try await Shards.commit(strict, of: 3, in: store) }
        #expect(error?.exitCode == 65)
        #expect(try await Verifier(store).verify(.everything).exitCode == 0)
    }

    @Test("with {generation} in output.filename no file of an earlier generation is replaced; a shard says what else is not heeded")
    func numbered() async throws {
        let store = InMemoryStore()
        let config = try Shards.config("output: { filename: \"{dataset}_{generation}.parquet\" }")
        for _ in 0..<2 {
            try await Shards.stageAll(config, of: 2, in: store, force: true)
            _ = try await Shards.commit(config, of: 2, in: store, force: true)
        }
        let report = try await Verifier(store).verify(.everything)
        let files = try #require(report.datasets.first).generations.flatMap(\.files)
        #expect(files.count == 8 && files.allSatisfy { $0.status == .ok }, "\(report.text)")
        let names = Set(files.map(\.artifact.key.name)).filter { $0.hasSuffix(".summary.json") || $0.hasSuffix(".sample.csv") }
        #expect(names.count == 4 && names.filter { $0.hasSuffix(".2.summary.json") }.count == 1)
        #expect(try await StoreInvariant.problems(store) == [])
        let options = ShardRun.Options(threads: 1, toolVersion: "0.0.0")
        let today = Specs.day("2026-01-01")
        let shard = try Shard("0/2")
        let note = try ShardRun(config, shard: shard, today: today, options: options).note
        #expect(note?.contains("raw/fleet/2022-01-01_to_2022-06-30-") == true && note?.contains("output.filename") == true)
        let usual = try Shards.config("output: { filename: \"raw_server_metrics_{start_date}_to_{end_date}.parquet\" }")
        #expect(try ShardRun(usual, shard: shard, today: today, options: options).note == nil)
    }

    @Test("parts that would lie among the manifests are refused before any is made")
    func amongManifests() throws {
        let config = try Shards.config("storage: { raw_prefix: \"\" }", name: "manifests")
        let options = ShardRun.Options(threads: 1, toolVersion: "0.0.0")
        let error = #expect(throws: RunError.self) {
            try ShardRun(config, shard: try Shard("0/2"), today: Specs.day("2026-01-01"), options: options)
        }
        #expect(error?.exitCode == 78 && error?.description.contains("storage.raw_prefix") == true)
        #expect(throws: RunError.self) {
            try ShardCommit(
                config, shards: 2, today: Specs.day("2026-01-01"),
                options: DatasetRun.Options(runID: "test-1", reason: "manual", threads: 1, toolVersion: "0.0.0"))
        }
    }

    @Test("the parts can be made again from the manifest alone")
    func regenerate() async throws {
        let store = InMemoryStore()
        let config = try Shards.config(Self.everything)
        try await Shards.stageAll(config, of: 5, in: store)
        _ = try await Shards.commit(config, of: 5, in: store)
        let report = try await Verifier(store, regenerator: ManifestRegenerator(threads: 2)).verify(.everything)
        #expect(report.exitCode == 0 && report.datasets[0].generations[0].regeneration == .equal)
        #expect(report.text.contains("5 parts in raw/fleet/2022-01-01_to_2022-06-30-"))
    }
}
