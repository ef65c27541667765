/// One shard of a table made and staged: what `fleetsynth generate --shard` is, on whatever engine.
///
/// ```
/// plan -> published or staged already? -> stage the part (generate, tally) -> its ground truth -> record      commit (`ShardCommit`)
/// ```
/// It takes no lock and changes nothing that readers see. Made again, or by two processes at once, it comes to the same: the first whole record
/// stays, whoever is later removes what it staged.
public struct ShardRun: Sendable {
    /// What a caller may choose.
    public struct Options: Sendable {
        /// Makes the shard even where it is there.
        public var force = false
        /// Column chunks made at once, 1 or more.
        public var threads: Int
        /// The program's version, for the record.
        public var toolVersion: String

        /// Options of an unforced run; the parameters are the properties of these names.
        public init(threads: Int, toolVersion: String) {
            self.threads = threads
            self.toolVersion = toolVersion
        }
    }

    /// How a shard ended well.
    public enum Outcome: Hashable, Sendable {
        /// Made and staged.
        case staged(Staged)
        /// Staged by an earlier process, or by one at the same time.
        case alreadyStaged(Staged)
        /// Committed: the generation of the dataset that has it.
        case published(generation: Int)
    }

    /// What was staged.
    public struct Staged: Hashable, Sendable {
        /// Rows of the part, 0 where the shard has none.
        public let rows: Int
        /// Servers in it.
        public let servers: Int
        /// Where the part will be; nil where it has no rows, and so no file.
        public let part: ObjectKey?
        /// The part's size.
        public let bytes: UInt64
        /// The part's hash.
        public let sha256: ContentHash?

        init(_ record: ShardRecord) {
            (rows, servers) = (record.facts.rows, record.facts.servers)
            (part, bytes, sha256) = (record.part?.key, record.part?.bytes ?? 0, record.part?.sha256)
        }
    }

    private let config: LoadedConfig
    private let whole: PanelPlan
    private let shard: Shard
    private let options: Options
    private let set: ShardSet
    private let metadata: [(key: String, value: String)]

    /// What the config asks for and shards do not do, a sentence; nil for nothing.
    public var note: String? {
        guard whole.spec.output.filename != OutputSpec.defaultFilename else { return nil }
        return
            "output.filename does not name a table in shards, which is a folder: \(set.folder). Only {generation} in it counts, and keeps "
            + "apart the summary, sample and report of each generation"
    }

    /// Rows that the shard makes, 0 where it has no servers.
    public var rows: Int { whole.part(shard)?.rows ?? 0 }

    /// - Parameters:
    ///   - config: A validated config.
    ///   - shard: Which part of it.
    ///   - today: The day that relative dates are measured from; the same for every shard and the commit.
    /// - Throws: `RunError.plan`, or `RunError.shards` where no parts can be in the dataset's folder.
    public init(_ config: LoadedConfig, shard: Shard, today: Day, options: Options) throws(RunError) {
        (self.config, self.shard, self.options) = (config, shard, options)
        whole = try PanelPlan.inShards(config.spec, today: today)
        let identity = PanelIdentity(config, whole)
        set = try ShardSet.checked(whole, identity.run, count: shard.count)
        metadata = identity.metadata
    }

    /// - Parameters:
    ///   - store: Where the dataset is published.
    ///   - clock: Read once, at the beginning: it tells what is under way from what was abandoned.
    ///   - progress: Told the rows finished so far.
    public func callAsFunction(
        in store: any ObjectStore, clock: () -> Moment, progress: (Int) -> Void = { _ in }
    ) async throws(RunError) -> Outcome {
        do {
            let now = clock()
            if !options.force {
                if let generation = try await published(store) { return .published(generation: generation) }
                if let record = try await recorded(store).record { return .alreadyStaged(.init(record)) }
            }
            guard let plan = whole.part(shard) else {
                let truth = whole.spec.truth == .none ? nil : ShardTruth()
                return try await keep(record(PanelFacts(), nil, [], truth, now), [], in: store)
            }
            let estimate = PanelEstimate(plan)
            try await PublisherSession.preflight(store, estimate: estimate.bytes + estimate.truthBytes)
            let owner = ShardSet.owner(of: set.dataset, since: now)
            var staged: [any StagedObject] = []
            do {
                let panel = try await begin(set.part(shard), .part, owner, &staged, in: store)
                await panel.expect(bytes: estimate.bytes)
                let generator = PanelGenerator(plan)
                let share = plan.spec.truth.worksCellsOut ? DatasetRun.panelShare : 1
                let outcome = try await PanelWriter(generator, threads: options.threads).write(
                    metadata: metadata, sink: { try await panel.append($0) }, progress: { progress(Int(share * Double($0))) })
                let artifact = try await panel.finish(rows: outcome.facts.rows)
                let truth = try await ShardTruth(
                    generator, threads: options.threads, metadata: metadata,
                    stage: {
                        let writer = try await begin(set.truthPart(shard), .truthPart, owner, &staged, in: store)
                        await writer.expect(bytes: estimate.truthBytes)
                        return writer
                    }, progress: { progress(Int((share + (1 - share) * $0) * Double(plan.rows))) })
                return try await keep(record(outcome.facts, artifact, outcome.tallies, truth, now), staged, in: store)
            } catch {
                // A record whose fate is unknown may name the parts.
                if (error as? StoreError)?.outcome != .unknown {
                    await discard(staged)
                    await tidy(store)
                }
                throw error
            }
        } catch {
            throw RunError.ending(error)
        }
    }

    /// Begins a file that only the commit makes visible.
    private func begin(
        _ key: ObjectKey, _ role: Artifact.Role, _ owner: String, _ staged: inout [any StagedObject], in store: any ObjectStore
    ) async throws(StoreError) -> ArtifactWriter {
        let shared = store as? any SharedStaging
        let object = if let shared { try await shared.stageShared(key, owner: owner) } else { try await store.stage(key, owner: owner) }
        staged.append(object)
        return ArtifactWriter(key: key, role: role, staged: object)
    }

    private func discard(_ staged: [any StagedObject]) async { for object in staged { await object.discard() } }

    /// Removes the folders that were made for files which did not come about.
    private func tidy(_ store: any ObjectStore) async {
        guard let store = store as? any FolderTidying else { return }
        let keys = [try? set.part(shard), try? set.truthPart(shard), try? set.record(shard)].compactMap(\.self)
        await store.removeEmptyFolders(of: keys, below: whole.spec.storage.rawPrefix)
    }

    private func record(
        _ facts: PanelFacts, _ part: Artifact?, _ tallies: [MetricTally], _ truth: ShardTruth?, _ now: Moment
    ) -> ShardRecord {
        ShardRecord(
            dataset: set.dataset, shard: shard, identity: set.identity, toolVersion: options.toolVersion, created: now, facts: facts,
            part: part, tallies: tallies, truth: truth)
    }

    /// Writes the record, unless another process was first and its part is whole.
    private func keep(_ record: ShardRecord, _ staged: [any StagedObject], in store: any ObjectStore) async throws(StoreError) -> Outcome {
        let key = try set.record(shard)
        let bytes = record.bytes
        // A commit that came meanwhile took another process's part; this one would lie about until the next.
        if !options.force, let generation = try await published(store) {
            await discard(staged)
            return .published(generation: generation)
        }
        for _ in 1...3 {
            let there = try await recorded(store)
            if let other = there.record, !options.force {
                await discard(staged)
                return .alreadyStaged(.init(other))
            }
            do throws(StoreError) {
                _ = try await store.put(key, bytes, if: there.version.map { .matches($0) } ?? .absent)
                return .staged(.init(record))
            } catch {
                // Somebody else's record came in between: look again.
                guard error.code == .preconditionFailed else { throw error }
            }
        }
        throw StoreError(
            .busy, .retryable, "\(key) is written by several processes at once. Nothing was changed; run shard \(shard) again.")
    }

    /// The shard's record where it is one of this set and its part is whole, and the version of whatever is in its place.
    private func recorded(_ store: any ObjectStore) async throws(StoreError) -> (record: ShardRecord?, version: ObjectVersion?) {
        let key = try set.record(shard)
        guard let object = try await store.get(key, limit: ShardRecord.largest) else { return (nil, nil) }
        do throws(StoreError) {
            let record = try ShardRecord(parsing: object.bytes, path: key.path)
            guard try record.difference(from: set, shard) == nil, try await record.pieces(in: store).broken == nil else {
                return (nil, object.version)
            }
            return (record, object.version)
        } catch {
            guard error.isAboutContent else { throw error }
            return (nil, object.version)
        }
    }

    /// The latest generation, where it is this very table and this shard's part is in place.
    private func published(_ store: any ObjectStore) async throws(StoreError) -> Int? {
        let catalog = Catalog(store: store)
        let latest: Manifest?
        do throws(StoreError) {
            guard let pointer = try await catalog.pointer(of: set.dataset)?.pointer else { return nil }
            latest = try await catalog.manifest(set.dataset, pointer.generation)
        } catch {
            // The commit finds that out and says it.
            guard error.isAboutContent else { throw error }
            return nil
        }
        guard let latest, set.isTable(of: latest) else { return nil }
        guard whole.part(shard) != nil else { return latest.generation }
        for key in [try set.part(shard)] + (whole.spec.truth.cells ? [try set.truthPart(shard)] : []) {
            guard let part = latest.artifacts.first(where: { $0.key == key }), let actual = try await store.digest(of: key),
                actual.sha256 == part.sha256
            else { return nil }
        }
        return latest.generation
    }
}

extension ShardRecord {
    /// The files as they are staged, and the first that has not the recorded bytes; none at all for a shard without rows.
    func pieces(in store: any ObjectStore) async throws(StoreError) -> (staged: [any StagedObject], broken: ObjectKey?) {
        var pieces: [any StagedObject] = []
        for artifact in artifacts {
            guard let staged = try await store.resume(artifact.key, token: artifact.token),
                try await staged.matches(bytes: artifact.bytes, sha256: artifact.sha256)
            else { return (pieces, artifact.key) }
            pieces.append(staged)
        }
        return (pieces, nil)
    }
}

extension PanelPlan {
    /// The whole of a dataset whose panel is made in shards.
    static func inShards(_ spec: DatasetSpec, today: Day) throws(RunError) -> PanelPlan {
        do throws(PlanError) {
            return try PanelPlan(spec, today: today)
        } catch {
            throw .plan(error)
        }
    }
}

extension ShardSet {
    /// The set, or the run's error where its parts would have no place.
    static func checked(_ plan: PanelPlan, _ identity: RunIdentity, count: Int) throws(RunError) -> ShardSet {
        do throws(ShardProblem) {
            return try ShardSet(plan, identity, count: count)
        } catch {
            throw .shards(error)
        }
    }

    /// Whether a generation is this table, in this number of shards.
    func isTable(of manifest: Manifest) -> Bool {
        guard let folder = manifest.artifacts.first(where: { $0.role == .part })?.key.folder else { return false }
        return folder == self.folder
    }
}
