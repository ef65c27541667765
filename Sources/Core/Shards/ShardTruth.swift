/// What a shard has of a table's ground truth. The tables of events and of covariates are about the whole fleet, and small: the commit makes them.
struct ShardTruth: Sendable {
    /// The table of its cells; nil where that is not asked for, or the shard has no rows.
    var part: Artifact?
    /// One per metric, where cells are worked out and the shard has rows.
    var oracle: [OracleTally] = []
}

extension ShardTruth {
    /// Works out and stages what the config asks for.
    ///
    /// - Parameters:
    ///   - stage: Begins the table of cells.
    ///   - progress: Told the share done, 0...1.
    init?(
        _ generator: PanelGenerator, threads: Int, metadata: [(key: String, value: String)], stage: () async throws -> ArtifactWriter,
        progress: (Double) -> Void
    ) async throws {
        let spec = generator.plan.spec.truth
        guard spec != .none else { return nil }
        let tables = TruthTables(generator, threads: threads)
        if spec.cells {
            let writer = try await stage()
            let written = try await tables.write(
                .truth, metadata: metadata, sink: { try await writer.append($0) }, progress: progress)
            part = try await writer.finish(rows: written.rows)
            oracle = written.oracle
        } else if spec.oracle {
            oracle = try await tables.oracle(progress: progress)
        }
    }
}
