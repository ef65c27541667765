/// Brings a dataset from whatever state a crash left to a whole latest generation. The caller holds the writer lock.
///
/// Content decides: a generation announced after the pointer's is completed if each of its artifacts is, with the announced hash, under its
/// hidden or its final name; otherwise it is taken back. Every step can be repeated, so a crash in here is no new case.
struct Recovery: Sendable {
    let catalog: Catalog
    let dataset: String
    private var store: any ObjectStore { catalog.store }

    struct Outcome: Sendable {
        var pointer: Pointer?
        var version: ObjectVersion?
        var latest: Manifest?
        var report = RecoveryReport()
    }

    func run(prefixes: [String]) async throws(StoreError) -> Outcome {
        var outcome = Outcome()
        if let found = try await catalog.pointer(of: dataset) {
            outcome.pointer = found.pointer
            outcome.version = found.version
        }
        // Half-written manifests and pointers first: then a start that is killed again and again gathers none of its own.
        let folder = try Manifest.scope(of: dataset).path + "/"
        try await removeLeftovers(folder, ofAnyOwner: true, &outcome.report)
        try await finishAnnounced(&outcome)
        for prefix in prefixes { try await removeLeftovers(prefix, ofAnyOwner: false, &outcome.report) }
        outcome.report.removedStaged.sort()
        try await readLatest(&outcome)
        return outcome
    }

    /// Normally there is at most one announced generation. There are more where the pointer was deleted or restored from a backup: then
    /// the newest whole one is taken, and nothing is deleted but an unfinished one directly after it.
    private func finishAnnounced(_ outcome: inout Outcome) async throws(StoreError) {
        let known = outcome.pointer?.generation ?? 0
        let generations = try await catalog.generations(of: dataset)
        var announced: [Manifest] = []
        for generation in generations where generation > known {
            if let manifest = try await catalog.manifest(dataset, generation) { announced.append(manifest) }
        }
        guard !announced.isEmpty else { return }
        let foreign = Set(try await catalog.manifestsOfOthers(than: dataset, strict: false).flatMap(\.artifacts).map(\.key))
        var unfinished: [Manifest] = []
        while let manifest = announced.popLast() {
            guard let staged = try await pieces(of: manifest, foreign: foreign) else {
                unfinished.append(manifest)
                continue
            }
            for object in staged { try await object.publish() }
            try await point(to: manifest, older: generations.filter { $0 < manifest.generation }, &outcome)
            break
        }
        guard let last = unfinished.first else { return }
        guard unfinished.count == 1, last.generation == (outcome.pointer?.generation ?? 0) + 1 else {
            throw StoreError(
                damaged: try Pointer.key(of: dataset).path,
                "the generations \(unfinished.map(\.generation).sorted()) after it are not whole",
                remedy: "Run `fleetsynth verify`, restore the pointer from a backup, or move the manifests of those generations away.")
        }
        try await discard(last, foreign: foreign, &outcome)
    }

    /// Handles to all artifacts of a generation that is whole; nil if it is not.
    private func pieces(of manifest: Manifest, foreign: Set<ObjectKey>) async throws(StoreError) -> [any StagedObject]? {
        var result: [any StagedObject] = []
        for artifact in manifest.artifacts {
            guard !foreign.contains(artifact.key), let object = try await store.resume(artifact.key, token: artifact.token),
                try await object.matches(bytes: artifact.bytes, sha256: artifact.sha256)
            else { return nil }
            result.append(object)
        }
        return result
    }

    private func point(to manifest: Manifest, older: [Int], _ outcome: inout Outcome) async throws(StoreError) {
        let earlier = outcome.pointer
        let leaving = Set((earlier?.unlisted ?? []).map(\.generation))
        let pointer = Pointer(
            dataset: dataset, generation: manifest.generation, manifestSHA256: manifest.sha256,
            retained: older.filter { !leaving.contains($0) } + [manifest.generation], unlisted: earlier?.unlisted ?? [])
        outcome.version = try await store.put(
            Pointer.key(of: dataset), pointer.canonicalBytes, if: outcome.version.map { .matches($0) } ?? .absent)
        outcome.pointer = pointer
        outcome.report.rolledForward = manifest.generation
    }

    /// Takes back an announced generation. Its manifest goes last, so that a crash before that repeats the rest.
    private func discard(_ manifest: Manifest, foreign: Set<ObjectKey>, _ outcome: inout Outcome) async throws(StoreError) {
        var earlier = foreign
        for generation in try await catalog.generations(of: dataset) where generation != manifest.generation {
            if let older = try await catalog.manifest(dataset, generation) { earlier.formUnion(older.artifacts.map(\.key)) }
        }
        for artifact in manifest.artifacts {
            await (try store.resume(artifact.key, token: artifact.token))?.discard()
            guard let final = try await store.digest(of: artifact.key), final.sha256 == artifact.sha256 else { continue }
            if !earlier.contains(artifact.key) {
                try await store.delete(artifact.key)
            } else if !foreign.contains(artifact.key) {
                outcome.report.replaced.append(artifact.key)
            }
        }
        try await store.delete(Manifest.key(dataset, manifest.generation))
        outcome.report.discarded = manifest.generation
    }

    /// Removes hidden files that no announcement needs: everything beside the manifests, and elsewhere what is marked as this dataset's.
    private func removeLeftovers(_ prefix: String, ofAnyOwner: Bool, _ report: inout RecoveryReport) async throws(StoreError) {
        let owner = Publisher.owner(of: dataset)
        for listed in try await store.list(prefix) {
            guard case .staged(let token, let stagedBy) = listed.kind, ofAnyOwner || stagedBy == owner else { continue }
            guard let object = try await store.resume(listed.key, token: token) else { continue }
            await object.discard()
            if !report.removedStaged.contains(listed.key) { report.removedStaged.append(listed.key) }
        }
    }

    private func readLatest(_ outcome: inout Outcome) async throws(StoreError) {
        guard let pointer = outcome.pointer else { return }
        let path = try Manifest.key(dataset, pointer.generation).path
        do throws(StoreError) {
            guard let manifest = try await catalog.manifest(dataset, pointer.generation) else {
                throw StoreError(damaged: path, "it is missing")
            }
            guard manifest.sha256 == pointer.manifestSHA256 else {
                throw StoreError(damaged: path, "it is not the one that latest.json names")
            }
            outcome.latest = manifest
        } catch {
            guard error.code == .damaged else { throw error }
            outcome.report.latestProblem = error
        }
    }
}
