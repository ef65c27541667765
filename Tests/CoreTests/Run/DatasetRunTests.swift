import Core
import Testing

@Suite("Dataset run")
struct DatasetRunTests {
    static func config(_ changes: String = "", name: String = "fleet") throws -> LoadedConfig {
        let yaml = """
            data_generation:
              num_servers: 12
              end_date: 2022-12-31
            \(changes)
            """
        return try ConfigLoader.load(bytes: Array(yaml.utf8), file: "\(name).yaml", today: Specs.day("2026-01-01"))
    }

    static func run(
        _ config: LoadedConfig, in store: any ObjectStore, force: Bool = false, today: String = "2026-01-01",
        at seconds: Int64 = 1_770_000_000
    ) async throws -> (DatasetRun.Outcome, events: [String]) {
        var options = DatasetRun.Options(runID: "test-1", reason: "manual", threads: 2, toolVersion: "0.0.0")
        options.force = force
        var events: [String] = []
        let outcome = try await DatasetRun(config, today: Specs.day(today), options: options)(
            in: store, clock: { Moment(secondsSince1970: seconds) },
            observe: { event in
                switch event {
                case .recovered: events.append("recovered")
                case .started: events.append("started")
                case .progress: break
                case .judged: events.append("judged")
                case .swept: events.append("swept")
                case .sweepFailed: events.append("sweep failed")
                }
            })
        return (outcome, events)
    }

    static func isPublished(_ outcome: DatasetRun.Outcome) -> Bool { if case .published = outcome { true } else { false } }

    @Test("publishes panel, summary and sample, and says up to date when nothing changed")
    func publishAndUpToDate() async throws {
        let store = InMemoryStore()
        let (first, events) = try await Self.run(try Self.config(), in: store)
        #expect(Self.isPublished(first) && first.manifest.generation == 1)
        #expect(events == ["started", "judged", "swept"])
        #expect(Set(first.manifest.artifacts.map(\.role)) == [.panel, .summary, .sample])
        #expect(first.manifest.run.rows == 12 * 365)
        let (second, silence) = try await Self.run(try Self.config(), in: store, at: 1_790_000_000)
        #expect(!Self.isPublished(second) && second.manifest == first.manifest && silence == ["swept"])
    }

    @Test("a forced run publishes the same panel bytes as the next generation")
    func force() async throws {
        let store = InMemoryStore()
        let (first, _) = try await Self.run(try Self.config(), in: store)
        let (second, _) = try await Self.run(try Self.config(), in: store, force: true)
        #expect(second.manifest.generation == 2)
        #expect(second.manifest.artifact(.panel)?.sha256 == first.manifest.artifact(.panel)?.sha256)
        #expect(second.manifest.artifact(.sample)?.sha256 == first.manifest.artifact(.sample)?.sha256)
    }

    @Test("a changed value is a new generation, a deleted file too")
    func stale() async throws {
        let store = InMemoryStore()
        let (first, _) = try await Self.run(try Self.config(), in: store)
        let (second, _) = try await Self.run(try Self.config("  random_seed: 7"), in: store)
        #expect(second.manifest.generation == 2)
        #expect(second.manifest.artifact(.panel)?.sha256 != first.manifest.artifact(.panel)?.sha256)
        try await store.delete(try #require(second.manifest.artifact(.sample)).key)
        let (third, _) = try await Self.run(try Self.config("  random_seed: 7"), in: store)
        #expect(third.manifest.generation == 3)
    }

    @Test("a failed gate publishes nothing, leaves nothing staged and keeps the generation before")
    func gate() async throws {
        let store = InMemoryStore()
        let (first, _) = try await Self.run(try Self.config(), in: store)
        let error = await #expect(throws: RunError.self) { try await Self.run(try Self.config("  missing_rate: 0.2"), in: store) }
        guard case .quality(let report) = error else {
            Issue.record("the gate decides, not \(String(describing: error))")
            return
        }
        #expect(report.failures.count == 4 && error?.exitCode == 65)
        #expect(try await store.list("").allSatisfy { $0.kind == .object })
        let (again, _) = try await Self.run(try Self.config(), in: store)
        #expect(!Self.isPublished(again) && again.manifest == first.manifest)
    }

    @Test("two datasets never write the same file: the second is refused, the first stays")
    func ownership() async throws {
        let store = InMemoryStore()
        let (first, _) = try await Self.run(try Self.config(), in: store)
        let error = await #expect(throws: RunError.self) { try await Self.run(try Self.config(name: "other"), in: store) }
        #expect(error?.exitCode == 73 && error?.description.contains("belongs to the dataset fleet") == true)
        let (again, _) = try await Self.run(try Self.config(), in: store)
        #expect(again.manifest == first.manifest)
    }

    @Test("a moving window publishes a new day and keeps history")
    func movingWindow() async throws {
        let store = InMemoryStore()
        let config = try Self.config("  start_date: 2022-11-01").spec
        #expect(config.data.start == .fixed(Specs.day("2022-11-01")))
        let yaml = "data_generation: { num_servers: 3, start_date: 2025-12-01, end_date: yesterday }"
        let moving = try ConfigLoader.load(bytes: Array(yaml.utf8), file: "moving.yaml", today: Specs.day("2026-01-05"))
        let (first, _) = try await Self.run(moving, in: store, today: "2026-01-05")
        let (second, _) = try await Self.run(moving, in: store, today: "2026-01-06")
        #expect(first.manifest.run.rows == 3 * 35 && second.manifest.run.rows == 3 * 36)
        let (a, b) = try (PanelPlan(moving.spec, today: Specs.day("2026-01-05")), PanelPlan(moving.spec, today: Specs.day("2026-01-06")))
        for server in 0..<3 {
            let (old, new) = (PanelGenerator(a).values(metric: 0, server: server), PanelGenerator(b).values(metric: 0, server: server))
            #expect(old == Array(new.dropLast()))
        }
    }

    @Test("a published panel can be made again from its manifest alone")
    func regenerate() async throws {
        let store = InMemoryStore()
        let config = try Self.config("  metadata:\n    regions: { zeta: 0.7, alpha: 0.3 }\noutput: { calendar_flags: true }")
        let (outcome, _) = try await Self.run(config, in: store)
        let hash = try await ManifestRegenerator(threads: 1).sha256(of: .panel, in: outcome.manifest)
        #expect(hash == outcome.manifest.artifact(.panel)?.sha256)
    }

    @Test("the granularity is in manifest and summary, and an hourly panel can be made again from its manifest alone")
    func hourly() async throws {
        let store = InMemoryStore()
        let (outcome, _) = try await Self.run(
            try Self.config("  granularity: hourly\n  archetypes: { a: { share: 0.5 }, b: { share: 0.5 } }"),
            in: store)
        let manifest = outcome.manifest
        #expect(
            manifest.run.granularity == Granularity("hourly") && manifest.run.rows == manifest.run.servers * manifest.run.window.days * 24)
        #expect(try Manifest(parsing: manifest.canonicalBytes, path: "1.json") == manifest)
        let key = try #require(manifest.artifact(.summary)).key
        let summary = try #require(try await store.get(key)).bytes
        #expect(String(decoding: summary, as: UTF8.self).contains("\"granularity\" : \"hourly\""))
        #expect(try await ManifestRegenerator(threads: 1).sha256(of: .panel, in: manifest) == manifest.artifact(.panel)?.sha256)
        let (daily, _) = try await Self.run(try Self.config(), in: InMemoryStore())
        #expect(!String(decoding: daily.manifest.canonicalBytes, as: UTF8.self).contains("\n  \"granularity\""))
    }

    @Test("old generations are unlisted and, after the grace period, deleted with their files")
    func retention() async throws {
        let store = InMemoryStore()
        let extra = "retention: { keep_last: 2, grace_hours: 1 }\noutput: { filename: \"panel-{generation}.parquet\" }"
        for hour in 0..<5 as Range<Int64> {
            _ = try await Self.run(try Self.config(extra), in: store, force: true, at: 1_770_000_000 + hour * 7200)
        }
        let names = try await store.list("raw/").map(\.key.name).filter { $0.hasSuffix(".parquet") }
        // Generation 3 is unlisted by the fifth run and in its grace period.
        #expect(names == ["panel-3.parquet", "panel-4.parquet", "panel-5.parquet"])
    }
}
