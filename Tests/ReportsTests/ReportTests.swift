import Core
import Reports
import Testing

@Suite("Reports")
struct ReportTests {
    static func config(_ data: String, _ rest: String = "", name: String = "fleet") throws -> LoadedConfig {
        try ConfigLoader.load(
            bytes: Array("data_generation:\n\(data)\n\(rest)\n".utf8), file: "\(name).yaml", today: try #require(Day(iso: "2026-01-01")))
    }

    /// Publishes into a store of its own.
    static func publish(_ config: LoadedConfig, threads: Int = 2) async throws -> (manifest: Manifest, store: InMemoryStore) {
        let store = InMemoryStore()
        var options = DatasetRun.Options(runID: "test-1", reason: "manual", threads: threads, toolVersion: "0.0.0")
        options.report = HTMLReport()
        let run = try DatasetRun(config, today: try #require(Day(iso: "2026-01-01")), options: options)
        let outcome = try await run(in: store, clock: { Moment(secondsSince1970: 1_770_000_000) }, observe: { _ in })
        return (outcome.manifest, store)
    }

    static func html(_ published: (manifest: Manifest, store: InMemoryStore)) async throws -> String {
        let key = try #require(published.manifest.artifact(.report)).key
        return String(decoding: try #require(try await published.store.get(key)).bytes, as: UTF8.self)
    }

    @Test("the same run gives the same page, with any number of threads")
    func deterministic() async throws {
        let config = try Self.config("  num_servers: 40\n  end_date: 2022-12-31")
        let first = try await Self.publish(config, threads: 1)
        #expect(try await Self.html(first) == Self.html(Self.publish(config, threads: 5)))
    }

    @Test("it is an artifact beside the panel, of the newest manifest format, and named before the panel appears")
    func artifact() async throws {
        let published = try await Self.publish(try Self.config("  num_servers: 3\n  end_date: 2022-01-31"))
        let artifact = try #require(published.manifest.artifact(.report))
        #expect(artifact.key.path == "raw/raw_server_metrics_2022-01-01_to_2022-01-31.report.html" && artifact.rows == nil)
        #expect(published.manifest.artifacts.map(\.role) == [.summary, .sample, .report, .panel])
        #expect(String(decoding: published.manifest.canonicalBytes, as: UTF8.self).contains("\"format_version\": 3"))
        #expect(try Manifest(parsing: published.manifest.canonicalBytes, path: "1.json") == published.manifest)
        #expect(try await Verifier(published.store, regenerator: ManifestRegenerator(threads: 1)).verify(.everything).exitCode == 0)
    }

    @Test("a config that wants none gets none, and the same panel")
    func off() async throws {
        let data = "  num_servers: 3\n  end_date: 2022-01-31"
        let without = try await Self.publish(try Self.config(data, "output: { report: false }"))
        let with = try await Self.publish(try Self.config(data))
        #expect(without.manifest.artifact(.report) == nil && with.manifest.artifact(.report) != nil)
        #expect(without.manifest.artifact(.panel)?.sha256 == with.manifest.artifact(.panel)?.sha256)
        #expect(String(decoding: without.manifest.canonicalBytes, as: UTF8.self).contains("\"format_version\": 1"))
        #expect(try Self.config(data).effective.canonicalJSON() == Self.config(data, "output: { report: true }").effective.canonicalJSON())
    }

    @Test("it can be drawn again from the manifest alone, byte for byte, relative dates included")
    func again() async throws {
        let published = try await Self.publish(
            try Self.config("  num_servers: 5\n  start_date: today-60d\n  end_date: yesterday\n  granularity: 6h"))
        let again = try await ManifestRegenerator(threads: 3).report(of: published.manifest, HTMLReport())
        #expect(try await String(decoding: again, as: UTF8.self) == Self.html(published))
    }

    @Test("names and labels are text, not markup")
    func escaping() async throws {
        let labels = "  metadata: { regions: [\"<img src=x onerror=alert(1)>\", \"a&b\"], business_units: [\"'\\\"</title><script>\"] }"
        let metrics = "  metrics: [{ name: load, unit: \"<b>%\" }]"
        let page = try await Self.html(
            try await Self.publish(try Self.config("  num_servers: 9\n  end_date: 2022-02-28\n\(labels)\n\(metrics)")))
        #expect(!page.contains("<img") && !page.contains("<script") && !page.contains("<b>%") && page.contains("&lt;img src=x"))
        #expect(page.contains("a&amp;b") && !page.contains("a&b"))
    }

    @Test("pages stay below two megabytes", arguments: [(70, 0, "daily"), (4, 100, "daily"), (12, 3, "hourly")])
    func bounds(metrics: Int, archetypes: Int, granularity: String) async throws {
        var data = "  num_servers: 200\n  end_date: 2022-12-31\n  granularity: \(granularity)\n"
        data += "  metrics: [" + (0..<metrics).map { "{ name: metric_\($0) }" }.joined(separator: ", ") + "]\n"
        if archetypes > 0 {
            let shares = (0..<archetypes).map { "kind-\($0): { share: \(1 / Double(archetypes)) }" }
            data += "  archetypes: { \(shares.joined(separator: ", ")) }\n"
        }
        let page = try await Self.html(try await Self.publish(try Self.config(data)))
        #expect(page.utf8.count < 2_000_000, "\(page.utf8.count)")
        #expect((page.contains("The other 46 metrics")) == (metrics == 70))
    }

    @Test(
        "odd panels are drawn, too",
        arguments: [
            "  num_servers: 1\n  start_date: 2022-01-01\n  end_date: 2022-01-01",
            "  num_servers: 2\n  start_date: 2022-01-01\n  end_date: 2022-01-02\n  granularity: 5min",
            "  num_servers: 4\n  end_date: 2022-03-31\n  metrics: [{ name: flat, base_std: 0, server_bias_std: 0, outlier_rate: 0 }]",
            "  num_servers: 4\n  end_date: 2022-03-31\n  decimals: null",
            "  num_servers: 9\n  end_date: 2022-12-31\n  lifetime: { commissioned: { share: 0.9, from: 2022-02-01, to: 2022-11-30 } }",
            "  num_servers: 3\n  start_date: 1975-01-01\n  end_date: 2024-12-31",
        ])
    func odd(data: String) async throws {
        let page = try await Self.html(try await Self.publish(try Self.config(data, "quality: { max_missing_share: 1 }")))
        #expect(page.hasSuffix("</html>\n") && page.contains("data-chart=\"time\""))
        #expect(page.firstMatch(of: /[^a-z](nan|inf|nil)[^a-z]/) == nil)
    }
}
