/// One shard as a commit found it.
struct LoadedShard: Sendable {
    let record: ShardRecord?
    /// Its files, in the order of the record's.
    let staged: [any StagedObject]
    /// Why the shard cannot be published; nil for a whole one.
    let problem: String?

    /// Reads the record and compares the staged part with it.
    ///
    /// - Complexity: O(bytes of the part) where the store keeps no checksums.
    init(_ store: any ObjectStore, _ set: ShardSet, _ index: Int) async throws {
        let shard = try Shard(index: index, count: set.count)
        let key = try set.record(shard)
        guard let object = try await store.get(key, limit: ShardRecord.largest) else {
            (record, staged, problem) = (nil, [], "\(key) is gone")
            return
        }
        var found: (record: ShardRecord?, staged: [any StagedObject], problem: String?) = (nil, [], nil)
        do throws(StoreError) {
            let record = try ShardRecord(parsing: object.bytes, path: key.path)
            let pieces = try await record.pieces(in: store)
            found = (record, pieces.staged, pieces.broken.map { "\($0) is not what its record says" })
            if let difference = try record.difference(from: set, shard) { found.problem = "\(key): \(difference)" }
        } catch {
            guard error.isAboutContent else { throw error }
            // Its sentence ends where that of the commit goes on.
            let reason = error.message.reversed().drop { $0 == " " || $0 == "." }.reversed()
            found = (nil, [], String(reason))
        }
        (record, staged, problem) = found
    }
}

/// All shards of a table together, as if one process had made it.
struct MergedShards: Sendable {
    private(set) var facts = PanelFacts()
    private(set) var tallies: [MetricTally]
    /// One per metric, where cells are worked out.
    private(set) var oracle: [OracleTally]
    /// In the order of the rows; of a shard the part of the panel first.
    private(set) var parts: [(artifact: Artifact, staged: any StagedObject)] = []

    init(_ generator: PanelGenerator) {
        tallies = generator.signals.map { MetricTally($0) }
        let spec = generator.plan.spec
        oracle = spec.truth.worksCellsOut ? spec.data.metrics.map { OracleTally($0) } : []
        facts.columns = generator.schema.names
    }

    /// Adds the next shard.
    /// - Returns: What is wrong with its tallies; then all of this is void.
    mutating func add(_ shard: LoadedShard) -> String? {
        guard let record = shard.record else { return "there is no record" }
        do throws(TallyReader.Damage) {
            try record.merge(into: &tallies, oracle: &oracle)
        } catch {
            return "the tallies of shard \(record.shard) cannot be read: \(error.problem)"
        }
        facts.append(record.facts)
        parts += zip(record.artifacts, shard.staged).map { (artifact: $0, staged: $1) }
        return nil
    }
}
