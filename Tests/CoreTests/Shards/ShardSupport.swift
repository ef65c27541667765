import Core

/// Shards and commits as a command makes them.
enum Shards {
    static func config(_ changes: String = "", name: String = "fleet") throws -> LoadedConfig {
        let yaml = """
            data_generation:
              num_servers: 23
              start_date: 2022-01-01
              end_date: 2022-06-30
            \(changes)
            """
        return try ConfigLoader.load(bytes: Array(yaml.utf8), file: "\(name).yaml", today: Specs.day("2026-01-01"))
    }

    @discardableResult
    static func stage(
        _ config: LoadedConfig, _ index: Int, of count: Int, in store: any ObjectStore, force: Bool = false, today: String = "2026-01-01",
        at seconds: Int64 = 1_770_000_000
    ) async throws -> ShardRun.Outcome {
        var options = ShardRun.Options(threads: 2, toolVersion: "0.0.0")
        options.force = force
        return try await ShardRun(config, shard: try Shard(index: index, count: count), today: Specs.day(today), options: options)(
            in: store, clock: { Moment(secondsSince1970: seconds) })
    }

    static func stageAll(_ config: LoadedConfig, of count: Int, in store: any ObjectStore, force: Bool = false) async throws {
        for index in 0..<count { try await stage(config, index, of: count, in: store, force: force) }
    }

    static func commit(
        _ config: LoadedConfig, of count: Int, in store: any ObjectStore, force: Bool = false, today: String = "2026-01-01",
        at seconds: Int64 = 1_770_003_600
    ) async throws -> DatasetRun.Outcome {
        var options = DatasetRun.Options(runID: "test-1", reason: "manual", threads: 2, toolVersion: "0.0.0")
        options.force = force
        return try await ShardCommit(config, shards: count, today: Specs.day(today), options: options)(
            in: store, clock: { Moment(secondsSince1970: seconds) }, observe: { _ in })
    }

    /// The problem that a commit ends with; nil where it ends well or otherwise.
    static func problem(_ commit: () async throws -> DatasetRun.Outcome) async -> ShardProblem? {
        do {
            _ = try await commit()
            return nil
        } catch RunError.shards(let problem) {
            return problem
        } catch {
            return nil
        }
    }

    static func isPublished(_ outcome: DatasetRun.Outcome) -> Bool { if case .published = outcome { true } else { false } }

    static func text(_ store: any ObjectStore, _ manifest: Manifest, _ role: Artifact.Role) async throws -> String {
        guard let key = manifest.artifact(role)?.key, let object = try await store.get(key) else { return "" }
        return String(decoding: object.bytes, as: UTF8.self)
    }
}
