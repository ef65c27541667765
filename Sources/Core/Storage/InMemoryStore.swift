import Synchronization

/// An object store in memory, with the semantics of the others: for tests, and for runs whose result nobody keeps.
public final class InMemoryStore: ObjectStore, WriterLocking, SpaceReporting {
    private let shared: Shared
    private let hook: FaultHook?
    /// What `freeSpace` reports.
    private let capacity: UInt64?

    private final class Shared: Sendable {
        let contents = Mutex(Contents())
    }

    fileprivate struct Contents {
        var objects: [ObjectKey: [UInt8]] = [:]
        var staged: [Staged.ID: Staged] = [:]
        var locked: Set<ObjectKey> = []
        var tokens = 0
    }

    fileprivate struct Staged {
        struct ID: Hashable {
            let key: ObjectKey
            let token: String
        }
        var bytes: [UInt8] = []
        var isSealed = false
    }

    /// - Parameter freeSpace: What the store reports as its free space; nil for unknown. Writing does not use it up.
    public convenience init(freeSpace: UInt64? = nil) { self.init(freeSpace: freeSpace, faults: nil) }

    /// - Parameter faults: Decides about every step, for tests.
    package convenience init(freeSpace: UInt64? = nil, faults: FaultHook?) {
        self.init(freeSpace: freeSpace, faults: faults, shared: Shared())
    }

    private init(freeSpace: UInt64?, faults: FaultHook?, shared: Shared) {
        capacity = freeSpace
        hook = faults
        self.shared = shared
    }

    /// The same objects and locks, seen by another process as it were, with faults of its own.
    package func sharing(faults: FaultHook?) -> InMemoryStore { InMemoryStore(freeSpace: capacity, faults: faults, shared: shared) }

    /// A store of its own with the same objects and nobody's locks, without faults.
    package func copy() -> InMemoryStore {
        let copy = InMemoryStore(freeSpace: capacity)
        var contents = shared.contents.withLock { $0 }
        contents.locked = []
        copy.shared.contents.withLock { [contents] in $0 = contents }
        return copy
    }

    /// An object's bytes, as a reader finds them between two steps of others; no step itself.
    package func bytes(of key: ObjectKey) -> [UInt8]? { shared.contents.withLock { $0.objects[key] } }

    /// Begins an object.
    public func stage(_ key: ObjectKey, owner: String) async throws(StoreError) -> any StagedObject {
        precondition(StagedName.isOwner(owner), "an owner is 1...16 of a-z0-9")
        let token = try step(.create, key.path) { contents in
            contents.tokens += 1
            let digits = String(contents.tokens)
            let token = owner + "-" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
            contents.staged[Staged.ID(key: key, token: token)] = Staged()
            return token
        }
        return InMemoryStagedObject(store: self, id: Staged.ID(key: key, token: token))
    }

    /// Finds an object again.
    public func resume(_ key: ObjectKey, token: String) async throws(StoreError) -> (any StagedObject)? {
        let id = Staged.ID(key: key, token: token)
        let exists = try step(.inspect, key.path) { $0.staged[id] != nil || $0.objects[key] != nil }
        return exists ? InMemoryStagedObject(store: self, id: id) : nil
    }

    /// Replaces or adds an object.
    public func put(_ key: ObjectKey, _ bytes: [UInt8], if precondition: Precondition) async throws(StoreError) -> ObjectVersion {
        let wrote = try step(.write, key.path) { contents in
            switch precondition {
            case .none: break
            case .absent: if contents.objects[key] != nil { return false }
            case .matches(let version): if contents.objects[key].map(Self.version) != version { return false }
            }
            contents.objects[key] = bytes
            return true
        }
        guard wrote else { throw LocalStore.preconditionFailed(key.path, "is not as it was") }
        return Self.version(bytes)
    }

    /// Opens an object.
    public func open(_ key: ObjectKey) async throws(StoreError) -> (any ObjectReader)? {
        try step(.open, key.path) { $0.objects[key] }.map { InMemoryReader(bytes: $0) }
    }

    /// Lists objects.
    public func list(_ prefix: String) async throws(StoreError) -> [ListedObject] {
        let (objects, staged) = try step(.list, prefix) { (Array($0.objects.keys), Array($0.staged.keys)) }
        let visible = objects.map { (ListedObject(key: $0, kind: .object), "") }
        let hidden = staged.map {
            (ListedObject(key: $0.key, kind: .staged(token: $0.token, owner: StagedName.owner(ofToken: $0.token))), $0.token)
        }
        return (visible + hidden).filter { $0.0.key.path.hasPrefix(prefix) }
            .sorted { $0.0.key == $1.0.key ? $0.1 < $1.1 : $0.0.key < $1.0.key }.map(\.0)
    }

    /// Removes an object.
    public func delete(_ key: ObjectKey) async throws(StoreError) {
        try step(.remove, key.path) { _ = $0.objects.removeValue(forKey: key) }
    }

    /// Takes a lock that lives in this object.
    public func lock(_ scope: ObjectKey) async throws(StoreError) -> any WriterLock {
        guard shared.contents.withLock({ $0.locked.insert(scope).inserted }) else {
            throw StoreError(.busy, .retryable, "\(scope) is being written by another session. Nothing was changed; run again later.")
        }
        return InMemoryLock(store: self, scope: scope)
    }

    /// What the initialiser was told.
    public func freeSpace() async throws(StoreError) -> UInt64? { capacity }

    fileprivate static func version(_ bytes: [UInt8]) -> ObjectVersion { LocalStore.version(ContentHash(of: bytes)) }

    fileprivate func unlock(_ scope: ObjectKey) { shared.contents.withLock { _ = $0.locked.remove(scope) } }

    /// One step: the change happens whole, or not at all.
    fileprivate func step<Result: Sendable>(
        _ step: StoreStep, _ path: String, _ change: (inout Contents) -> Result
    ) throws(StoreError) -> Result {
        let fault = hook?(step)
        if case .before(let code) = fault { throw StoreError(errno: code, action: step.rawValue, path: path) }
        let result = shared.contents.withLock { change(&$0) }
        if case .after(let code) = fault { throw StoreError(errno: code, action: step.rawValue, path: path, settled: false) }
        return result
    }
}

private final class InMemoryStagedObject: StagedObject {
    let token: String
    private let store: InMemoryStore
    private let id: InMemoryStore.Staged.ID
    private var key: ObjectKey { id.key }

    init(store: InMemoryStore, id: InMemoryStore.Staged.ID) {
        self.store = store
        self.id = id
        token = id.token
    }

    func append(_ bytes: [UInt8]) throws(StoreError) {
        do {
            try store.step(.write, key.path) { $0.staged[id]?.bytes += bytes }
        } catch {
            try? store.step(.remove, key.path) { $0.staged[id] = nil }
            throw error
        }
    }

    func seal() throws(StoreError) {
        let isThere = try store.step(.sync, key.path) { contents in
            contents.staged[id]?.isSealed = true
            return contents.staged[id] != nil
        }
        guard isThere else {
            throw StoreError(
                .inputOutput, .retryable,
                "\(key) is void after an earlier error. What is published stays as it was; the next run starts anew.")
        }
    }

    func matches(bytes: UInt64, sha256: ContentHash) throws(StoreError) -> Bool {
        let held: [UInt8]? = try store.step(.read, key.path) { contents in
            guard let staged = contents.staged[id] else { return contents.objects[id.key] }
            return staged.isSealed ? staged.bytes : nil
        }
        guard let held, UInt64(held.count) == bytes else { return false }
        return ContentHash(of: held) == sha256
    }

    func publish() throws(StoreError) {
        let isThere = try store.step(.rename, key.path) { contents in
            guard let staged = contents.staged[id] else { return contents.objects[id.key] != nil }
            precondition(staged.isSealed, "publish comes after seal")
            contents.staged[id] = nil
            contents.objects[id.key] = staged.bytes
            return true
        }
        guard isThere else { throw StoreError(errno: 2, action: "publish", path: key.path) }
    }

    func discard() { try? store.step(.remove, key.path) { $0.staged[id] = nil } }
}

private final class InMemoryReader: ObjectReader {
    let size: UInt64
    private let bytes: [UInt8]
    private let offset = Mutex(0)

    init(bytes: [UInt8]) {
        self.bytes = bytes
        size = UInt64(bytes.count)
    }

    func read(upTo maximum: Int) -> [UInt8] {
        offset.withLock { offset in
            let end = min(bytes.count, offset + maximum)
            defer { offset = end }
            return Array(bytes[offset..<end])
        }
    }

    func version() -> ObjectVersion { InMemoryStore.version(bytes) }
}

private final class InMemoryLock: WriterLock {
    private let isHeld = Mutex(true)
    private let store: InMemoryStore
    private let scope: ObjectKey

    init(store: InMemoryStore, scope: ObjectKey) {
        self.store = store
        self.scope = scope
    }

    func release() {
        isHeld.withLock { isHeld in
            if isHeld { store.unlock(scope) }
            isHeld = false
        }
    }

    deinit { release() }
}
