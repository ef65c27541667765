import Synchronization

/// Takes one artifact's bytes, hashes them as they pass, and hands them to the store, where they stay invisible.
public final class ArtifactWriter: Sendable {
    /// Where the artifact will be.
    public let key: ObjectKey
    /// What it is for.
    public let role: Artifact.Role
    let staged: any StagedObject
    /// Whether the artifact is another process's work, which stays staged where it is not published.
    let isKept: Bool
    private let state = Mutex(State())

    private struct State {
        var hasher = ContentHasher()
        var artifact: Artifact?
    }

    init(key: ObjectKey, role: Artifact.Role, staged: any StagedObject) {
        self.key = key
        self.role = role
        self.staged = staged
        isKept = false
    }

    /// What another process has finished.
    init(finished artifact: Artifact, staged: any StagedObject) {
        (key, role, self.staged, isKept) = (artifact.key, artifact.role, staged, true)
        state.withLock { $0.artifact = artifact }
    }

    /// What `finish` returned; nil before.
    public var artifact: Artifact? { state.withLock { $0.artifact } }

    /// A hint before the first `append`: about so many bytes will come.
    public func expect(bytes: UInt64) async { await staged.expect(bytes: bytes) }

    /// Adds bytes at the end. Pieces of about a MiB cost the least.
    public func append(_ bytes: [UInt8]) async throws(StoreError) {
        try await staged.append(bytes)
        state.withLock { $0.hasher.update(bytes) }
    }

    /// Makes the artifact complete and durable, still invisible.
    ///
    /// - Parameter rows: The rows in it, where that means something.
    /// - Returns: What the manifest will say.
    @discardableResult
    public func finish(rows: Int? = nil) async throws(StoreError) -> Artifact {
        try await staged.seal()
        return state.withLock { state in
            let artifact = Artifact(
                role: role, key: key, bytes: state.hasher.count, sha256: state.hasher.finish(), rows: rows, token: staged.token)
            state.artifact = artifact
            return artifact
        }
    }
}
