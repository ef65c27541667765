/// What shards leave behind: records that a commit has used, what duplicates staged, and what was abandoned.
struct ShardDebris: Sendable {
    private let store: any ObjectStore
    private let set: ShardSet
    private let graceHours: Int

    /// - Parameter grace: Hours after which what another table's shards staged counts as abandoned.
    init(_ store: any ObjectStore, _ set: ShardSet, grace: Int) {
        (self.store, self.set, graceHours) = (store, set, grace)
    }

    /// Removes what is left of this table's shards, which is published, and of tables that were begun and not committed within the grace period.
    ///
    /// A shard of this table that is still being made somewhere, because an engine started it twice, fails or stages once more; started again
    /// it finds its part published. Half-written records of others stay until theirs goes.
    /// - Returns: What was removed, and what an interrupted sweep may have removed before: their folders may be empty now.
    func sweep(now: Moment) async throws(StoreError) -> [ObjectKey] {
        var leaving: Set<String> = [set.name]
        var live: Set<String> = []
        var records: [(name: String, key: ObjectKey)] = []
        for key in try await store.keys(set.allRecords) {
            guard let name = set.name(ofRecord: key) else { continue }
            records.append((name, key))
            guard name != set.name, !live.contains(name) else { continue }
            if try await isOld(key, now: now) { leaving.insert(name) } else { live.insert(name) }
        }
        let used = records.filter { leaving.contains($0.name) && !live.contains($0.name) }.map(\.key)
        try await ManyAtOnce.forEach(used, in: store) { [store] key throws(StoreError) in try await store.delete(key) }
        let parts = try await store.staged(set.allParts, by: { ShardSet.began($0, dataset: set.dataset) != nil }).filter { listed in
            guard case .staged(_, let owner?) = listed.kind, let began = ShardSet.began(owner, dataset: set.dataset),
                let name = set.name(ofPart: listed.key)
            else { return false }
            return name == set.name || (!live.contains(name) && began.adding(hours: graceHours) <= now)
        }
        let halves = try await store.staged(set.allRecords, by: { ShardSet.began($0, dataset: set.dataset) == nil }).filter { listed in
            set.name(ofRecord: listed.key).map { leaving.contains($0) && !live.contains($0) } ?? false
        }
        try await ManyAtOnce.forEach(parts + halves, in: store) { [store] listed throws(StoreError) in
            guard case .staged(let token, _) = listed.kind else { return }
            await (try store.resume(listed.key, token: token))?.discard()
        }
        return try used + (parts + halves).map(\.key) + [ObjectKey(set.recordFolder + "records")]
    }

    private func isOld(_ key: ObjectKey, now: Moment) async throws(StoreError) -> Bool {
        guard let object = try await store.get(key, limit: ShardRecord.largest) else { return false }
        do throws(StoreError) {
            return try ShardRecord(parsing: object.bytes, path: key.path).created.adding(hours: graceHours) <= now
        } catch {
            guard error.isAboutContent else { throw error }
            return false
        }
    }
}
