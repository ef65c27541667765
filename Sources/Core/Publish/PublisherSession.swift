import Synchronization

/// One writer's time with a dataset, from `Publisher.open` to `close`. One task uses it at a time.
public final class PublisherSession: Sendable {
    /// The dataset's name.
    public let dataset: String
    /// What opening found and did.
    public let recovery: RecoveryReport
    let store: any ObjectStore
    let catalog: Catalog
    /// Where the dataset's files are; the folders of these names stay.
    private let prefixes: [String]
    private let lock: (any WriterLock)?
    /// The highest number that had a manifest when the session began.
    private let lastUsed: Int
    private let state: Mutex<State>

    struct State: Sendable {
        enum Phase { case open, uncertain, closed }
        var phase = Phase.open
        var pointer: Pointer?
        var version: ObjectVersion?
        var latest: Manifest?
        var writers: [ArtifactWriter] = []
        /// Keys of files that no dataset lists and that this session may replace.
        var adopted: Set<ObjectKey> = []
    }

    init(store: any ObjectStore, dataset: String, prefixes: [String], lock: (any WriterLock)?, recovered: Recovery.Outcome) {
        self.store = store
        self.dataset = dataset
        self.prefixes = prefixes
        self.lock = lock
        catalog = Catalog(store: store)
        recovery = recovered.report
        lastUsed = recovered.lastUsed
        state = Mutex(State(pointer: recovered.pointer, version: recovered.version, latest: recovered.latest))
    }

    /// The latest generation's manifest; nil where there is none, or none that can be used (see `RecoveryReport.latestProblem`).
    public var latest: Manifest? { state.withLock { $0.latest } }

    /// The number that the next publication gets: higher than any in use, the damaged ones of `RecoveryReport.damaged` too.
    public var nextGeneration: Int { max(pointer?.generation ?? 0, lastUsed) + 1 }

    /// A damaged generation after the latest, which the next publication replaces.
    var damagedAfterLatest: Int? { lastUsed > pointer?.generation ?? 0 ? lastUsed : nil }

    var adopted: Set<ObjectKey> { state.withLock { $0.adopted } }

    func adopt(_ key: ObjectKey) { state.withLock { _ = $0.adopted.insert(key) } }

    var pointer: Pointer? { state.withLock { $0.pointer } }

    /// Begins an artifact, invisible until `publish`.
    ///
    /// - Parameters:
    ///   - key: Its final name, one per role, outside `manifests/`.
    ///   - role: What it is for.
    public func stage(_ key: ObjectKey, role: Artifact.Role) async throws(StoreError) -> ArtifactWriter {
        try requireOpen()
        try Self.requireOutsideManifests(key)
        precondition(state.withLock { state in state.writers.allSatisfy { $0.key != key } }, "two artifacts of one key")
        let writer = ArtifactWriter(key: key, role: role, staged: try await store.stage(key, owner: Publisher.owner(of: dataset)))
        state.withLock { $0.writers.append(writer) }
        return writer
    }

    /// Publishes everything staged, all of it finished, as the next generation.
    ///
    /// - Parameters:
    ///   - run: What the manifest says about the run.
    ///   - retention: How many generations stay listed; the others are unlisted in the same step and deleted by a later `sweep`.
    /// - Returns: The manifest. The generation is durable then.
    /// - Throws: Code `owned` or `busy` if another dataset published or announced one of the keys meanwhile. Before the announcement everything staged is
    ///   removed; after it the error's outcome is `.unknown`, nothing is cleaned up, and the next `Publisher.open` decides by content.
    public func publish(_ run: RunRecord, retention: RetentionPolicy) async throws(StoreError) -> Manifest {
        try requireOpen()
        let writers = state.withLock { $0.writers }.sorted { ($0.role.order, $0.key) < ($1.role.order, $1.key) }
        let artifacts = writers.compactMap(\.artifact)
        precondition(!writers.isEmpty && artifacts.count == writers.count, "every artifact is finished before publication")
        let draft = Manifest(
            dataset: dataset, generation: nextGeneration,
            previous: pointer.map { Manifest.Previous(generation: $0.generation, manifestSHA256: $0.manifestSHA256) }, run: run,
            artifacts: artifacts)
        let key = try Manifest.key(dataset, draft.generation)
        let bytes = draft.canonicalBytes
        // Read back, so that the caller's JSON has its canonical text here as well.
        let manifest = try Manifest(parsing: bytes, path: key.path)
        try await announce(bytes, key)
        do throws(StoreError) {
            // Announce, then look: of two datasets that announce the same key at the same time, at least one sees the other.
            try await checkOwnership(
                artifacts.map(\.key), expecting: Dictionary(uniqueKeysWithValues: artifacts.map { ($0.key, $0.sha256) }),
                absent: absent(artifacts.filter(\.role.isPart).map(\.key)))
        } catch {
            try? await store.delete(key)
            await discard()
            throw error
        }
        return try await complete(manifest, sha256: ContentHash(of: bytes), writers, retention)
    }

    /// Removes the folders that removed files leave empty.
    func tidy(_ removed: [ObjectKey]) async { await catalog.tidy(removed, below: prefixes) }

    /// Removes everything staged. The published generation stays.
    public func discard() async {
        let writers = state.withLock { state in
            defer { state.writers = [] }
            return state.writers
        }
        for writer in writers where !writer.isKept { await writer.staged.discard() }
    }

    /// Adds an artifact that another process has staged; `publish` publishes it with the others, and whatever ends otherwise leaves it staged.
    func include(_ artifact: Artifact, staged: any StagedObject) throws(StoreError) {
        try requireOpen()
        try Self.requireOutsideManifests(artifact.key)
        let writer = ArtifactWriter(finished: artifact, staged: staged)
        state.withLock { $0.writers.append(writer) }
    }

    /// Removes everything staged and lets the dataset go.
    public func close() async {
        await discard()
        state.withLock { $0.phase = .closed }
        await lock?.release()
    }
}

extension PublisherSession {
    private func complete(
        _ manifest: Manifest, sha256: ContentHash, _ writers: [ArtifactWriter], _ retention: RetentionPolicy
    ) async throws(StoreError) -> Manifest {
        // From here on the store's content decides, not this session.
        state.withLock { state in
            state.writers = []
            state.phase = .uncertain
        }
        do throws(StoreError) {
            let parts = writers.filter(\.role.isPart)
            try await ManyAtOnce.forEach(parts, in: store) { writer throws(StoreError) in try await writer.staged.publish() }
            for writer in writers where !writer.role.isPart { try await writer.staged.publish() }
            let pointer = Pointer(announcing: manifest, sha256: sha256, after: pointer, retention: retention)
            try await put(pointer)
        } catch {
            throw error.adding(
                "Generation \(manifest.generation) is announced; the next start completes it or takes it back.", outcome: .unknown)
        }
        state.withLock { state in
            state.latest = manifest
            state.phase = .open
        }
        return manifest
    }

    /// Replaces the pointer by the next one.
    func put(_ pointer: Pointer) async throws(StoreError) {
        let version = state.withLock { $0.version }
        let newVersion = try await store.put(
            Pointer.key(of: dataset), pointer.canonicalBytes, if: version.map { .matches($0) } ?? .absent)
        state.withLock { state in
            state.pointer = pointer
            state.version = newVersion
        }
    }

    /// Writes the manifest. An error that certainly wrote nothing removes what is staged; any other leaves it to recovery, which must not
    /// find an announcement whose hidden files are gone.
    private func announce(_ manifest: [UInt8], _ key: ObjectKey) async throws(StoreError) {
        do throws(StoreError) {
            _ = try await store.put(key, manifest, if: .absent)
        } catch {
            var isCertain = error.outcome != .unknown
            if isCertain && error.code != .preconditionFailed {
                // The name may have been given before the step that failed.
                do throws(StoreError) { isCertain = try await store.open(key) == nil } catch { isCertain = false }
            }
            guard !isCertain else {
                await discard()
                throw error
            }
            state.withLock { state in
                state.writers = []
                state.phase = .uncertain
            }
            throw error.adding("Whether it is announced is found out by the next start.", outcome: .unknown)
        }
    }

    func requireOpen() throws(StoreError) {
        switch state.withLock({ $0.phase }) {
        case .open: return
        case .closed: preconditionFailure("the session is closed")
        case .uncertain:
            throw StoreError(
                .preconditionFailed, .retryable,
                "The last publication of \(dataset) ended in an error, so its state must be read again. Nothing was changed; open it anew."
            )
        }
    }
}

extension Artifact.Role {
    /// The order in which artifacts take their final names: the panel last, so that whoever waits for it finds the others; of a panel in parts
    /// the summary after all of them, so that a folder that has one is whole.
    var order: Int {
        switch self {
        case .truthPart: -2
        case .part: -1
        case .summary: 0
        case .sample: 1
        case .report: 2
        case .covariates: 3
        case .events: 4
        case .truth: 5
        case .panel: 6
        }
    }
}
