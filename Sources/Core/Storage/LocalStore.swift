import Glibc
import Synchronization

/// A folder as object store: the key is the path below it.
///
/// Order of every publication, so that a crash at any system call leaves the old or the new object (fsync(2), rename(2)):
/// ```
/// create .{name}.{token}.staged -> write* -> fsync -> close -> [fsync folder] -> rename -> fsync folder
/// ```
/// New folders are made durable in their parents, once per process. Files get mode 0666 and folders 0777, each without the bits of the
/// process's umask (a service sets `UMask=`); modification times are left as the kernel sets them.
///
/// `put` with `.matches` compares and then replaces; that pair is atomic only among writers that hold the dataset's lock.
public struct LocalStore: ObjectStore {
    /// The folder of the store; created by the first write.
    public let root: String
    let calls: LocalCalls
    private let durable = DurableFolders()

    /// - Parameter root: The folder, absolute or relative to the working directory. Nothing is touched yet.
    public init(root: String) { self.init(root: root, faults: nil) }

    /// - Parameter faults: Decides about every system call, for tests.
    package init(root: String, faults: FaultHook?) {
        var root = root.isEmpty ? "." : root
        while root.utf8.count > 1, root.hasSuffix("/") { root.removeLast() }
        self.root = root
        calls = LocalCalls(hook: faults)
    }

    /// The file of a key.
    public func path(of key: ObjectKey) -> String { root == "/" ? "/" + key.path : root + "/" + key.path }

    /// Creates the hidden file beside the final one.
    public func stage(_ key: ObjectKey, owner: String) async throws(StoreError) -> any StagedObject {
        try begin(key, owner: owner)
    }

    /// Finds the hidden file, or the final one.
    public func resume(_ key: ObjectKey, token: String) async throws(StoreError) -> (any StagedObject)? {
        guard StagedName.isToken(token) else { return nil }
        let staged = LocalStagedFile(store: self, key: key, token: token)
        if try calls.status(ofPath: staged.stagedPath) != nil { return staged }
        return try calls.status(ofPath: path(of: key)) == nil ? nil : staged
    }

    /// Writes a hidden file and renames it.
    public func put(_ key: ObjectKey, _ bytes: [UInt8], if precondition: Precondition) async throws(StoreError) -> ObjectVersion {
        try await check(precondition, of: key)
        let staged = try begin(key, owner: "put")
        do {
            try staged.append(bytes)
            // Its own name may vanish in a crash, which is what an unfinished put should leave.
            try staged.seal(durableName: false)
            try staged.publish(replacing: precondition != .absent)
        } catch {
            staged.discard()
            throw error
        }
        return Self.version(ContentHash(of: bytes))
    }

    /// Opens a regular file.
    public func open(_ key: ObjectKey) async throws(StoreError) -> (any ObjectReader)? {
        try LocalReader(path(of: key), calls: calls)
    }

    /// Unlinks the file and makes that durable.
    public func delete(_ key: ObjectKey) async throws(StoreError) {
        guard try calls.remove(path(of: key)) else { return }
        try sync(folderOf: key, settled: false)
    }

    private func begin(_ key: ObjectKey, owner: String) throws(StoreError) -> LocalStagedFile {
        precondition(StagedName.isOwner(owner), "an owner is 1...16 of a-z0-9")
        var rounds = 3
        while true {
            do throws(StoreError) {
                try makeFolders(of: key)
                let staged = LocalStagedFile(store: self, key: key, token: StagedName.freshToken(owner: owner))
                try staged.create()
                return staged
            } catch {
                // Another process may remove a folder, as an empty one, at any moment before its first file is there.
                rounds -= 1
                guard error.systemError == ENOENT, rounds > 0 else { throw error }
            }
        }
    }

    private func check(_ precondition: Precondition, of key: ObjectKey) async throws(StoreError) {
        switch precondition {
        case .none: return
        case .absent:
            // The rename decides; looking first only saves writing in vain.
            guard try calls.status(ofPath: path(of: key)) == nil else { throw Self.preconditionFailed(path(of: key), "exists already") }
        case .matches(let version):
            guard let current = try await digest(of: key), Self.version(current.sha256) == version else {
                throw Self.preconditionFailed(path(of: key), "was changed by somebody else")
            }
        }
    }

    static func version(_ hash: ContentHash) -> ObjectVersion { ObjectVersion("sha256:" + hash.hex) }

    static func preconditionFailed(_ path: String, _ problem: String) -> StoreError {
        StoreError(.preconditionFailed, .retryable, "\(path) \(problem). It was left as it is; the next run starts from what is there now.")
    }
}

extension LocalStore {
    func folder(of key: ObjectKey) -> String { key.folder.isEmpty ? root : (root == "/" ? "/" : root + "/") + key.folder }

    /// Makes the names in the key's folder durable.
    /// - Parameter settled: False where a changed name is visible already.
    func sync(folderOf key: ObjectKey, settled: Bool) throws(StoreError) { try sync(folder: folder(of: key), settled: settled) }

    private func sync(folder: String, settled: Bool) throws(StoreError) {
        let handle = try calls.openForReading(folder)
        try calls.sync(handle, folder, settled: settled)
    }

    /// Creates the folders above a key as far as they are missing, and makes each durable in its parent.
    func makeFolders(of key: ObjectKey) throws(StoreError) { try makeFolders(folder(of: key)) }

    func makeFolders(_ folder: String) throws(StoreError) {
        var missing: [String] = []
        var candidate: String? = folder
        while let path = candidate, try calls.status(ofPath: path) == nil {
            missing.append(path)
            candidate = Self.parent(of: path)
        }
        if missing.isEmpty && durable.contains(folder) { return }
        for path in missing.reversed() { _ = try calls.makeFolder(path) }
        // An earlier process may have created some and died before it synced, so every folder from the root down is synced once; above
        // the root only what was created just now.
        var path = folder
        while path != root || missing.contains(path), let parent = Self.parent(of: path) {
            try sync(folder: parent, settled: true)
            path = parent
        }
        durable.insert(folder)
    }

    /// The folder that holds `path`; nil for `/` and `.`.
    private static func parent(of path: String) -> String? {
        if path == "/" || path == "." { return nil }
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// The folders whose own names are known to be durable.
private final class DurableFolders: Sendable {
    private let paths = Mutex<Set<String>>([])
    func contains(_ path: String) -> Bool { paths.withLock { $0.contains(path) } }
    func insert(_ path: String) { paths.withLock { _ = $0.insert(path) } }
}
