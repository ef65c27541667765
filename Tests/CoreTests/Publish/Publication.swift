import Core

/// One attempt to publish a dataset, as a run makes it.
struct Publication: Sendable {
    var dataset = "web"
    /// Decides the artifacts' bytes.
    var content = 1
    /// Whether the names carry the generation, so that nothing is ever replaced.
    var numbered = false
    /// Whether there is a third artifact, which takes its name between the summary and the panel.
    var sampled = false
    /// Whether files that no dataset lists may be replaced.
    var adopting = false
    var folder = "raw"
    var retention = RetentionPolicy(keepLast: 100, graceHours: 24)
    var now = Moment(secondsSince1970: 1_750_000_000)
    /// Whether a sweep follows, as in a run.
    var sweeps = false

    var panel: [UInt8] { Array("panel \(content) ".utf8) + [UInt8](repeating: UInt8(truncatingIfNeeded: content), count: 200) }
    var summary: [UInt8] { Array("summary \(content)".utf8) }

    func key(_ name: String, generation: Int) throws -> ObjectKey {
        try ObjectKey("\(folder)/" + (numbered ? "\(generation)-\(name)" : name))
    }

    var record: RunRecord {
        RunRecord(
            runID: "run-\(content)", reason: "manual", created: now, toolVersion: "1.0", algorithmVersion: 1,
            configSHA256: ContentHash(of: Array("config \(content)".utf8)), dataSHA256: ContentHash(of: Array("data \(content)".utf8)),
            effectiveConfig: "{\"data_generation\": {\"outlier_rate\": 1.50e-3}}",
            window: DayRange(start: Day(number: 18_993), end: Day(number: 20_453)), servers: 120, rows: 175_320,
            seed: .max, quality: "{\"passed\":true}")
    }

    /// Opens, stages, publishes and closes.
    @discardableResult
    func run(_ store: any ObjectStore) async throws -> Manifest {
        let session = try await Publisher.open(store, dataset: dataset)
        let generation = session.nextGeneration
        let panelKey = try key("panel.parquet", generation: generation)
        let summaryKey = try key("panel.summary.json", generation: generation)
        let sampleKey = sampled ? try key("panel.sample.csv", generation: generation) : nil
        try await session.checkOwnership([panelKey, summaryKey] + [sampleKey].compactMap(\.self), adopting: adopting)
        let panel = try await session.stage(panelKey, role: .panel)
        try await panel.append(Array(self.panel.prefix(50)))
        try await panel.append(Array(self.panel.dropFirst(50)))
        try await panel.finish(rows: 175_320)
        let summary = try await session.stage(summaryKey, role: .summary)
        try await summary.append(self.summary)
        try await summary.finish()
        if let sampleKey {
            let sample = try await session.stage(sampleKey, role: .sample)
            try await sample.append(Array("sample \(content)".utf8))
            try await sample.finish(rows: 1)
        }
        let manifest = try await session.publish(record, retention: retention)
        if sweeps { _ = try await session.sweep(retention, now: now) }
        await session.close()
        return manifest
    }

    /// The next publication, an hour later.
    func next() -> Publication {
        var next = self
        next.content += 1
        next.now = now.adding(hours: 1)
        return next
    }
}

/// What holds for a store between two runs.
enum StoreInvariant {
    /// Everything is as published, nothing is announced or left over, and every object is one that a pointer or manifest names.
    /// - Returns: What is wrong, empty for nothing.
    static func problems(_ store: any ObjectStore) async throws -> [String] {
        let report = try await Verifier(store).verify(.everything)
        var problems: [String] = []
        if report.exitCode != 0 { problems.append(report.text) }
        problems += report.leftovers.map { "left over: \($0)" }
        problems += report.datasets.flatMap(\.announced).map { "announced: \($0)" }
        let named = Set(report.datasets.flatMap(\.generations).flatMap(\.files).map(\.artifact.key))
        for listed in try await store.list("") where !named.contains(listed.key) && !listed.key.path.hasPrefix("manifests/") {
            problems.append("debris: \(listed.key)")
        }
        return problems
    }
}
