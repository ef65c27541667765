import Core
import Foundation
import Testing

@Suite("Runs with ground truth")
struct TruthRunTests {
    static let everything = "truth: { cells: true, components: true, events: true, covariates: 30d, oracle: true }"
    static let roles: [Artifact.Role] = [.truth, .events, .covariates]

    @Test("publishes its tables beside the panel, whose bytes stay, and is up to date after that")
    func publish() async throws {
        let (plain, _) = try await DatasetRunTests.run(try DatasetRunTests.config(), in: InMemoryStore())
        let store = InMemoryStore()
        let config = try DatasetRunTests.config(Self.everything)
        let (first, _) = try await DatasetRunTests.run(config, in: store)
        let manifest = first.manifest
        let stem = "raw_server_metrics_2022-01-01_to_2022-12-31"
        #expect(manifest.artifacts.map(\.role) == [.summary, .sample, .covariates, .events, .truth, .panel])
        for role in Self.roles { #expect(manifest.artifact(role)?.key.path == "raw/_truth/\(stem).\(role.rawValue).parquet") }
        #expect(Self.roles.map { manifest.artifact($0)?.rows } == [12 * 365, 0, 365 + 30])
        #expect(manifest.artifact(.panel)?.sha256 == plain.manifest.artifact(.panel)?.sha256)
        #expect(try Manifest(parsing: manifest.canonicalBytes, path: "1.json") == manifest)
        func version(_ manifest: Manifest) -> Substring? {
            String(decoding: manifest.canonicalBytes, as: UTF8.self).firstMatch(of: /"format_version": (\d)/)?.1
        }
        #expect(version(manifest) == "2" && version(plain.manifest) == "1")
        let (second, _) = try await DatasetRunTests.run(config, in: store)
        #expect(!DatasetRunTests.isPublished(second))
        let report = try await Verifier(store, regenerator: ManifestRegenerator(threads: 2)).verify(.everything)
        #expect(report.exitCode == 0 && report.text.contains("the same bytes"), "\(report.text)")
    }

    @Test("a table of the truth that is gone, or others asked for, is a new generation", arguments: roles)
    func stale(role: Artifact.Role) async throws {
        let store = InMemoryStore()
        let (first, _) = try await DatasetRunTests.run(try DatasetRunTests.config(Self.everything), in: store)
        try await store.delete(try #require(first.manifest.artifact(role)).key)
        #expect(try await Verifier(store).verify(.everything).exitCode == 65)
        let (second, _) = try await DatasetRunTests.run(try DatasetRunTests.config(Self.everything), in: store)
        #expect(second.manifest.generation == 2)
        #expect(second.manifest.artifact(role)?.sha256 == first.manifest.artifact(role)?.sha256)
        let (third, _) = try await DatasetRunTests.run(try DatasetRunTests.config("truth: { events: true }"), in: store)
        #expect(third.manifest.generation == 3 && third.manifest.artifact(.events) != nil && third.manifest.artifact(.truth) == nil)
    }

    @Test("other bytes of a table are named by verify --regenerate", arguments: roles)
    func regenerate(role: Artifact.Role) async throws {
        let store = InMemoryStore()
        _ = try await DatasetRunTests.run(try DatasetRunTests.config(Self.everything), in: store)
        struct Other: PanelRegenerator {
            let role: Artifact.Role
            func sha256(of role: Artifact.Role, in manifest: Manifest) async throws -> ContentHash {
                role == self.role ? ContentHash(of: []) : try #require(manifest.artifact(role)).sha256
            }
        }
        let report = try await Verifier(store, regenerator: Other(role: role)).verify(.everything)
        #expect(report.exitCode == 65 && report.text.contains("OTHER BYTES of the \(role.rawValue)"), "\(report.text)")
    }

    @Test("retention deletes the tables with their generation")
    func retention() async throws {
        let store = InMemoryStore()
        let extra = """
            retention: { keep_last: 1, grace_hours: 1 }
            output: { filename: \"{dataset}/panel-{generation}.parquet\" }
            \(Self.everything)
            """
        for hour in 0..<3 as Range<Int64> {
            _ = try await DatasetRunTests.run(try DatasetRunTests.config(extra), in: store, force: true, at: 1_770_000_000 + hour * 7200)
        }
        let names = try await store.list("raw/").map(\.key.path).filter { $0.hasSuffix(".parquet") && $0.contains("panel-") }
        let generations = [2, 3].flatMap { number in
            ["covariates", "events", "truth"].map { "raw/fleet/_truth/panel-\(number).\($0).parquet" }
        }
        #expect(names.sorted() == (generations + [2, 3].map { "raw/fleet/panel-\($0).parquet" }).sorted())
    }

    @Test("the oracle's error is that of the noise, with and without a table of cells", arguments: [true, false])
    func oracle(cells: Bool) async throws {
        let metric = "name: m, base_mean: 100, base_std: 10, min_clip: -400, max_clip: 600, server_bias_std: 5, decimals: null"
        let config = try DatasetRunTests.config(
            "  missing_rate: 0.04\n  outlier_rate: 0.04\n  metrics: [{ \(metric) }]\n"
                + "truth: { oracle: true, cells: \(cells) }\nquality: { max_missing_share: 0.1 }")
        let store = InMemoryStore()
        let (outcome, _) = try await DatasetRunTests.run(config, in: store)
        let key = try #require(outcome.manifest.artifact(.summary)).key
        let summary = try JSONDecoder().decode(PanelSummary.self, from: Data(try #require(try await store.get(key)).bytes))
        let oracle = try #require(summary.truth?.oracle)
        #expect(oracle.map(\.metric) == ["m"] && (summary.truth?.cells != nil) == cells)
        // Effects scale noise and level alike; their mean factor is near 1. The exact figure follows from the signal.
        let plan = try PanelPlan(config.spec, today: Specs.day("2026-01-01"))
        let factors = PanelGenerator(plan).signals[0].classes[0].spread
        let mean = factors.reduce(0, +) / Double(factors.count)
        let square = factors.reduce(0) { $0 + $1 * $1 } / Double(factors.count)
        let n = Double(plan.rows)
        #expect(abs(oracle[0].mae - mean * 0.797_884_56) < 5 * mean * 0.603 / n.squareRoot())
        #expect(abs(oracle[0].rmse - square.squareRoot()) < 5 * square.squareRoot() * 0.75 / n.squareRoot())
    }

    @Test("an estimate covers the tables, and plan names them")
    func estimate() async throws {
        let config = try DatasetRunTests.config(Self.everything)
        let plan = try PanelPlan(config.spec, today: Specs.day("2026-01-01"))
        let (outcome, _) = try await DatasetRunTests.run(config, in: InMemoryStore())
        let written = Self.roles.reduce(0) { $0 + (outcome.manifest.artifact($1)?.bytes ?? 0) }
        let estimate = PanelEstimate(plan).truthBytes
        #expect(written <= estimate && estimate < 3 * written)
        let plain = try PanelPlan(try DatasetRunTests.config().spec, today: Specs.day("2026-01-01"))
        #expect(PanelEstimate(plain).truthBytes == 0)
        for artifact in outcome.manifest.artifacts { #expect(plan.fileNames.contains { $0.hasSuffix("/" + artifact.key.path) }) }
    }
}
