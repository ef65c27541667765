import Core
import Synchronization

/// A store in memory that records what changes it, object by object.
final class RecordingStore: ObjectStore {
    private let base = InMemoryStore()
    private let log = Mutex<[String]>([])

    var writes: [String] { log.withLock { $0 } }

    fileprivate func record(_ line: String) { log.withLock { $0.append(line) } }

    func stage(_ key: ObjectKey, owner: String) async throws(StoreError) -> any StagedObject {
        RecordingStagedObject(store: self, key: key, base: try await base.stage(key, owner: owner))
    }

    func resume(_ key: ObjectKey, token: String) async throws(StoreError) -> (any StagedObject)? {
        try await base.resume(key, token: token)
    }

    func put(_ key: ObjectKey, _ bytes: [UInt8], if precondition: Precondition) async throws(StoreError) -> ObjectVersion {
        record("put \(key)")
        return try await base.put(key, bytes, if: precondition)
    }

    func open(_ key: ObjectKey) async throws(StoreError) -> (any ObjectReader)? { try await base.open(key) }

    func list(_ prefix: String) async throws(StoreError) -> [ListedObject] { try await base.list(prefix) }

    func delete(_ key: ObjectKey) async throws(StoreError) {
        record("delete \(key)")
        try await base.delete(key)
    }
}

private final class RecordingStagedObject: StagedObject {
    private let store: RecordingStore
    private let key: ObjectKey
    private let base: any StagedObject
    var token: String { base.token }

    init(store: RecordingStore, key: ObjectKey, base: any StagedObject) {
        self.store = store
        self.key = key
        self.base = base
    }

    func append(_ bytes: [UInt8]) async throws(StoreError) { try await base.append(bytes) }

    func seal() async throws(StoreError) {
        store.record("seal \(key)")
        try await base.seal()
    }

    func matches(bytes: UInt64, sha256: ContentHash) async throws(StoreError) -> Bool {
        try await base.matches(bytes: bytes, sha256: sha256)
    }

    func publish() async throws(StoreError) {
        store.record("publish \(key)")
        try await base.publish()
    }

    func discard() async { await base.discard() }
}
