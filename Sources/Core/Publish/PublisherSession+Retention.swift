extension PublisherSession {
    /// The most generations that one sweep deletes: a wrong clock or limit cannot empty a store at once.
    public static let deletionsPerSweep = 20

    /// Takes generations beyond the policy off the list, and deletes those whose grace period is over: files first, then the manifest, then
    /// the pointer's memory of it, so that a crash in between is repeated by the next sweep.
    ///
    /// The pointer's generation never goes. A file goes only if no manifest that stays lists its key and its bytes are still those of the
    /// generation that goes: what replaced it, or what somebody put there, stays. If any manifest cannot be read, nothing is deleted.
    ///
    /// - Parameters:
    ///   - now: The time; compared with times of earlier runs only.
    ///   - dryRun: Reports what would be done, and does nothing.
    public func sweep(_ policy: RetentionPolicy, now: Moment, dryRun: Bool = false) async throws(StoreError) -> RetentionReport {
        try requireOpen()
        var report = RetentionReport()
        guard let before = pointer else { return report }
        let generations = try await catalog.generations(of: dataset)
        let listed = before.unlisting(beyond: policy.keepLast, generations: generations, now: now)
        report.unlisted = listed.unlisted.dropFirst(before.unlisted.count).map(\.generation)
        if !dryRun && !report.unlisted.isEmpty { try await put(listed) }
        let due = listed.unlisted.filter { $0.since.adding(hours: policy.graceHours) <= now }.map(\.generation).sorted()
            .prefix(Self.deletionsPerSweep)
        guard !due.isEmpty else { return report }

        var leaving: [Int: Manifest] = [:]
        var staying: Set<ObjectKey> = []
        do throws(StoreError) {
            for generation in generations {
                guard let manifest = try await catalog.manifest(dataset, generation) else { continue }
                if due.contains(generation) {
                    leaving[generation] = manifest
                } else {
                    staying.formUnion(manifest.artifacts.map(\.key))
                }
            }
            staying.formUnion(try await catalog.manifestsOfOthers(than: dataset, strict: true).flatMap(\.artifacts).map(\.key))
        } catch {
            guard error.isAboutContent else { throw error }
            report.refusal = error
            return report
        }
        for generation in due {
            let keys = staying
            let ends = try await ManyAtOnce.map(leaving[generation]?.artifacts ?? [], in: store) {
                [store] artifact throws(StoreError) in
                try await Self.remove(artifact, of: generation, from: store, staying: keys, dryRun: dryRun)
            }
            for end in ends {
                switch end {
                case .gone: break
                case .deleted(let key): report.deletedKeys.append(key)
                case .kept(let kept): report.kept.append(kept)
                }
            }
            if !dryRun {
                // Those that an interrupted sweep has removed, too.
                await tidy((leaving[generation]?.artifacts ?? []).map(\.key))
                try await store.delete(Manifest.key(dataset, generation))
            }
            report.deletedGenerations.append(generation)
        }
        if !dryRun { try await put(listed.forgetting(Set(due))) }
        return report
    }

    private enum Removal {
        /// Before the sweep.
        case gone
        case deleted(ObjectKey)
        case kept(RetentionReport.Kept)
    }

    private static func remove(
        _ artifact: Artifact, of generation: Int, from store: any ObjectStore, staying: Set<ObjectKey>, dryRun: Bool
    ) async throws(StoreError) -> Removal {
        if staying.contains(artifact.key) { return .kept(.init(key: artifact.key, reason: "a generation that stays lists it")) }
        guard let actual = try await store.digest(of: artifact.key) else { return .gone }
        guard actual.sha256 == artifact.sha256 else {
            return .kept(.init(key: artifact.key, reason: "its bytes are not those of generation \(generation)"))
        }
        if !dryRun { try await store.delete(artifact.key) }
        return .deleted(artifact.key)
    }
}
