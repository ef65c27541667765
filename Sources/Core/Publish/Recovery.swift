import Synchronization

/// Brings a dataset from whatever state a crash left to a whole latest generation. The caller holds the writer lock.
///
/// Content decides: a generation announced after the pointer's is completed if each of its artifacts is, with the announced hash, under its
/// hidden or its final name. Otherwise it is taken back if one of its hidden files is there, which proves that it was never finished; where
/// there is none it may have been published and damaged since, so all of it stays and its number counts as used. Every step can be repeated,
/// so a crash in here is no new case.
struct Recovery: Sendable {
    let catalog: Catalog
    let dataset: String
    private var store: any ObjectStore { catalog.store }

    struct Outcome: Sendable {
        var pointer: Pointer?
        var version: ObjectVersion?
        var latest: Manifest?
        /// The highest number that has a manifest, 0 for none.
        var lastUsed = 0
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
        let takenBack = try await finishAnnounced(&outcome)
        for prefix in prefixes { try await removeLeftovers(prefix, ofAnyOwner: false, &outcome.report) }
        await catalog.tidy(takenBack + outcome.report.removedStaged, below: prefixes)
        outcome.report.removedStaged.sort()
        outcome.lastUsed = try await catalog.generations(of: dataset).last ?? 0
        try await readLatest(&outcome)
        return outcome
    }

    /// Normally there is at most one announced generation. There are more where the pointer was deleted or restored from a backup: then
    /// the newest whole one is taken, and nothing is deleted but what is proven unfinished.
    /// - Returns: The keys of generations that were taken back.
    private func finishAnnounced(_ outcome: inout Outcome) async throws(StoreError) -> [ObjectKey] {
        let known = outcome.pointer?.generation ?? 0
        let generations = try await catalog.generations(of: dataset)
        var announced: [Manifest] = []
        for generation in generations where generation > known {
            if let manifest = try await catalog.manifest(dataset, generation) { announced.append(manifest) }
        }
        guard !announced.isEmpty else { return [] }
        let foreign = Set(try await catalog.manifestsOfOthers(than: dataset, strict: false).flatMap(\.artifacts).map(\.key))
        var broken: [Manifest] = []
        while let manifest = announced.popLast() {
            guard let staged = try await pieces(of: manifest, foreign: foreign) else {
                broken.append(manifest)
                continue
            }
            try await publish(manifest, staged)
            try await point(to: manifest, older: generations.filter { $0 < manifest.generation }, &outcome)
            break
        }
        var takenBack: [ObjectKey] = []
        for manifest in broken {
            if try await isUnfinished(manifest) {
                try await discard(manifest, foreign: foreign, &outcome)
                takenBack += manifest.artifacts.map(\.key)
            } else {
                outcome.report.damaged.append(manifest.generation)
            }
        }
        outcome.report.damaged.sort()
        return takenBack
    }

    /// Whether a hidden file of the generation is there: publication would have given it its final name.
    private func isUnfinished(_ manifest: Manifest) async throws(StoreError) -> Bool { try await !catalog.staged(of: manifest).isEmpty }

    /// Handles to all artifacts of a generation that is whole, in their order; nil if it is not.
    private func pieces(of manifest: Manifest, foreign: Set<ObjectKey>) async throws(StoreError) -> [any StagedObject]? {
        // After the first that is not there, nothing about the others matters.
        let isBroken = Mutex(false)
        let pieces = try await ManyAtOnce.map(manifest.artifacts, in: store) { [store] artifact throws(StoreError) -> (any StagedObject)? in
            guard !isBroken.withLock(\.self), !foreign.contains(artifact.key),
                let object = try await store.resume(artifact.key, token: artifact.token),
                try await object.matches(bytes: artifact.bytes, sha256: artifact.sha256)
            else {
                isBroken.withLock { $0 = true }
                return nil
            }
            return object
        }
        let whole = pieces.compactMap(\.self)
        return whole.count == pieces.count ? whole : nil
    }

    /// Gives all artifacts their final names, the parts of tables in any order before the others.
    private func publish(_ manifest: Manifest, _ pieces: [any StagedObject]) async throws(StoreError) {
        let all = Array(zip(manifest.artifacts, pieces))
        try await ManyAtOnce.forEach(all.filter(\.0.role.isPart).map(\.1), in: store) { object throws(StoreError) in
            try await object.publish()
        }
        for (artifact, object) in all where !artifact.role.isPart { try await object.publish() }
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

    /// Takes back an unfinished generation. Its hidden files are the proof that it is one, so they go last: a crash before the manifest goes
    /// repeats all of this, and after that they are leftovers like any others.
    private func discard(_ manifest: Manifest, foreign: Set<ObjectKey>, _ outcome: inout Outcome) async throws(StoreError) {
        var earlier = foreign
        var isKnown = true
        for generation in try await catalog.generations(of: dataset) where generation != manifest.generation {
            do throws(StoreError) {
                if let older = try await catalog.manifest(dataset, generation) { earlier.formUnion(older.artifacts.map(\.key)) }
            } catch {
                guard error.isAboutContent else { throw error }
                isKnown = false
            }
        }
        let (own, isAloneKnown) = (earlier, isKnown)
        let replaced = try await ManyAtOnce.map(manifest.artifacts, in: store) { [store] artifact throws(StoreError) -> ObjectKey? in
            guard let final = try await store.digest(of: artifact.key), final.sha256 == artifact.sha256 else { return nil }
            if isAloneKnown && !own.contains(artifact.key) {
                try await store.delete(artifact.key)
                return nil
            }
            return foreign.contains(artifact.key) ? nil : artifact.key
        }
        outcome.report.replaced += replaced.compactMap(\.self)
        try await store.delete(Manifest.key(dataset, manifest.generation))
        try await ManyAtOnce.forEach(catalog.staged(of: manifest), in: store) { [store] artifact throws(StoreError) in
            await (try store.resume(artifact.key, token: artifact.token))?.discard()
        }
        outcome.report.discarded = manifest.generation
    }

    /// Removes hidden files that no announcement needs: everything beside the manifests, and elsewhere what is marked as this dataset's.
    private func removeLeftovers(_ prefix: String, ofAnyOwner: Bool, _ report: inout RecoveryReport) async throws(StoreError) {
        let owner = Publisher.owner(of: dataset)
        for listed in try await store.staged(prefix, by: { ofAnyOwner || $0 == owner }) {
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
