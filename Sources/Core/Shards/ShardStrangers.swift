/// What lies in the place of missing shards: those of another window, config, version or number.
struct ShardStrangers: Sendable {
    private let store: any ObjectStore
    private let set: ShardSet

    init(_ store: any ObjectStore, _ set: ShardSet) { (self.store, self.set) = (store, set) }

    /// A sentence for each other table of the dataset that has such shards, at most three.
    func sentences(_ missing: [Int]) async throws(StoreError) -> [String] {
        var found: [String: (numbers: [Int], example: ObjectKey)] = [:]
        let wanted = Set(missing)
        for key in try await store.keys(set.allRecords) {
            let parts = key.path.dropFirst(set.allRecords.utf8.count).split(separator: "/")
            guard parts.count == 2, parts[0] != set.name, parts[1].hasSuffix(".shard"),
                let shard = Shard(partName: String(parts[1].dropLast(".shard".count))), wanted.contains(shard.index)
            else { continue }
            found[String(parts[0]), default: ([], key)].numbers.append(shard.index)
        }
        var result: [String] = []
        for (_, other) in found.sorted(by: { $0.key < $1.key }).prefix(3) {
            guard let object = try await store.get(other.example, limit: ShardRecord.largest),
                let record = try? ShardRecord(parsing: object.bytes, path: other.example.path)
            else { continue }
            let (noun, verb) = other.numbers.count == 1 ? ("Shard", "is") : ("Shards", "are")
            let head = "\(noun) \(ShardProblem.list(other.numbers)) of \(record.shard.count) \(verb) there, but "
            result.append(head + reason(record))
        }
        return result
    }

    private func reason(_ record: ShardRecord) -> String {
        let (own, wanted) = (record.identity, set.identity)
        if own.window != wanted.window {
            return "for the days \(own.window.start.iso) to \(own.window.end.iso) instead of \(wanted.window.start.iso) to "
                + "\(wanted.window.end.iso): give the shards and the commit the same --today."
        }
        if own.algorithmVersion != wanted.algorithmVersion {
            return
                "made with algorithm version \(own.algorithmVersion) instead of \(wanted.algorithmVersion) (fleetsynth \(record.toolVersion)): "
                + "use one version for all."
        }
        if own.dataSHA256 != wanted.dataSHA256 {
            return "made with another config: use one file, and the same --set and environment, for all."
        }
        return "the table is cut into \(record.shard.count) parts instead of \(set.count): give --shards the number that the shards have."
    }
}
