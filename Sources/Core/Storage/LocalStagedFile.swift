import Glibc
import Synchronization

/// A hidden file beside its final name, and the steps that give it that name.
final class LocalStagedFile: StagedObject {
    let token: String
    let stagedPath: String
    private let store: LocalStore
    private let key: ObjectKey
    private let finalPath: String
    private let state = Mutex(State())

    private struct State: ~Copyable {
        enum Phase { case writing, sealed, void }
        /// Sealed means complete, under the hidden or the final name; void that a step failed or the file is discarded.
        var phase = Phase.sealed
        /// Open while writing.
        var file: FileHandle?
        /// How large files are written; gone before the file is closed.
        var direct: DirectFile?

        /// The open file; the phase is void until somebody puts the file back.
        mutating func takeFile(_ path: String) throws(StoreError) -> FileHandle {
            let wasWriting = phase == .writing
            phase = .void
            guard wasWriting, let file = file.take() else {
                throw StoreError(
                    .inputOutput, .retryable,
                    "\(path) is void after an earlier error. What is published stays as it was; the next run starts anew.")
            }
            return file
        }
    }

    /// A file that is complete, as far as this process knows.
    init(store: LocalStore, key: ObjectKey, token: String) {
        self.store = store
        self.key = key
        self.token = token
        finalPath = store.path(of: key)
        stagedPath = String(finalPath.dropLast(key.name.count)) + StagedName(name: key.name, token: token).fileName
    }

    func create() throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            state.file = try store.calls.create(stagedPath)
            state.phase = .writing
        }
    }

    func expect(bytes: UInt64) {
        state.withLock { state in
            guard state.phase == .writing, let file = state.file.take() else { return }
            state.direct = DirectFile(file, expecting: bytes)
            state.file = consume file
        }
    }

    func append(_ bytes: [UInt8]) throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            let direct = state.direct.take()
            let file = try state.takeFile(stagedPath)
            if let direct {
                try store.calls.append(bytes, to: direct, stagedPath)
                state.direct = consume direct
            } else {
                try store.calls.write(bytes, to: file, stagedPath)
            }
            state.file = consume file
            state.phase = .writing
        }
    }

    func seal() throws(StoreError) { try seal(durableName: true) }

    /// - Parameter durableName: Whether the hidden name, too, must survive a power loss, as it must for a roll-forward.
    func seal(durableName: Bool) throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            let direct = state.direct.take()
            let file = try state.takeFile(stagedPath)
            if let direct { try store.calls.finish(direct, stagedPath) }
            try store.calls.sync(file, stagedPath)
            try store.calls.close(file, stagedPath)
            if durableName { try store.sync(folderOf: key, settled: true) }
            state.phase = .sealed
        }
    }

    func matches(bytes: UInt64, sha256: ContentHash) async throws(StoreError) -> Bool {
        for path in [stagedPath, finalPath] {
            guard let reader = try LocalReader(path, calls: store.calls) else { continue }
            guard reader.size == bytes else { return false }
            return try await reader.digestRest().sha256 == sha256
        }
        return false
    }

    func publish() throws(StoreError) { try publish(replacing: true) }

    /// - Parameter replacing: False to fail where the final name exists.
    func publish(replacing: Bool) throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            precondition(state.phase == .sealed, "publish comes after seal")
            if replacing {
                if try !store.calls.rename(stagedPath, to: finalPath), try store.calls.status(ofPath: finalPath) == nil {
                    throw StoreError(errno: ENOENT, action: "rename a finished file to", path: finalPath)
                }
            } else if try !store.calls.renameNew(stagedPath, to: finalPath) {
                throw LocalStore.preconditionFailed(finalPath, "exists already")
            }
            try store.sync(folderOf: key, settled: false)
        }
    }

    func discard() {
        state.withLock { state in
            state.phase = .void
            state.direct = nil
            state.file = nil
            _ = try? store.calls.remove(stagedPath)
        }
    }
}
