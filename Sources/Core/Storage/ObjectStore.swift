/// A place for finished objects.
///
/// After `put` or `StagedObject.publish` returns, every reader sees all the bytes and they survive a power loss; after it throws, every
/// reader sees what was there before, unless the error's outcome is `.unknown`. Readers never see a part of an object.
///
/// ```
/// stage -> append* -> seal -> (crash here: resume) -> publish     big objects, any number in flight
/// put                                                             small objects, at once, conditionally
/// ```
/// Calls block the caller's thread and use no other. One writer per dataset is the caller's care (see `WriterLocking`).
public protocol ObjectStore: Sendable {
    /// Begins an object that stays invisible until published.
    ///
    /// - Parameter owner: 1...16 of `a-z0-9`; part of the token, so that leftovers of a crash can be told from other writers' work.
    func stage(_ key: ObjectKey, owner: String) async throws(StoreError) -> any StagedObject

    /// Finds a sealed object again, after a crash, by its key and token.
    ///
    /// - Returns: A handle that may be published or discarded; also where the object has its final name already, because then `publish`
    ///   makes that name durable. Nil where there is neither.
    func resume(_ key: ObjectKey, token: String) async throws(StoreError) -> (any StagedObject)?

    /// Writes a small object whole, atomically and durably, if the precondition holds.
    ///
    /// - Throws: Code `preconditionFailed` where it does not hold; nothing has changed then.
    func put(_ key: ObjectKey, _ bytes: [UInt8], if precondition: Precondition) async throws(StoreError) -> ObjectVersion

    /// Opens an object for reading from its first byte, or returns nil where there is none.
    func open(_ key: ObjectKey) async throws(StoreError) -> (any ObjectReader)?

    /// Everything whose key starts with `prefix`, sorted by key: objects, and what is staged.
    ///
    /// - Parameter prefix: Any text, as in S3: `raw/` for a folder, empty for all.
    func list(_ prefix: String) async throws(StoreError) -> [ListedObject]

    /// The objects whose key starts with `prefix`, sorted: the same as in `list`, without what is staged.
    func keys(_ prefix: String) async throws(StoreError) -> [ObjectKey]

    /// What is staged with keys that start with `prefix`, sorted by key: the same as in `list`, without the objects.
    ///
    /// - Parameter isWanted: Whether what an owner has staged is meant; what has no owner is. A store may look at nothing else.
    func staged(_ prefix: String, by isWanted: (String) -> Bool) async throws(StoreError) -> [ListedObject]

    /// Removes an object durably; none being there is fine.
    func delete(_ key: ObjectKey) async throws(StoreError)
}

/// An object under construction. Invisible until `publish`; the order of calls is `append`*, `seal`, then `publish` or `discard`.
public protocol StagedObject: AnyObject, Sendable {
    /// Names the object in its store together with its key; final after `seal`. An S3 store may bind the parts' checksums into it.
    var token: String { get }

    /// A hint before the first `append`: about so many bytes will come. A store may prepare for a large object.
    func expect(bytes: UInt64) async

    /// Adds bytes at the end. After an error the object is void: only `discard` is left.
    func append(_ bytes: [UInt8]) async throws(StoreError)

    /// Makes the object complete and durable, but not visible. An error voids it: what a failed fsync wrote must not be believed later.
    func seal() async throws(StoreError)

    /// Whether the sealed object holds exactly these bytes. A store that cannot read staged bytes compares the checksums it keeps.
    func matches(bytes: UInt64, sha256: ContentHash) async throws(StoreError) -> Bool

    /// Gives the object its final name, replacing what is there, durably. Calling it again is fine.
    func publish() async throws(StoreError)

    /// Removes the object unless it is published. Best effort: recovery removes what is left.
    func discard() async
}

extension StagedObject {
    /// Ignores the hint.
    public func expect(bytes: UInt64) async {}
}

/// Reads one object from front to back; it goes on reading the same object when that is replaced meanwhile.
public protocol ObjectReader: AnyObject, Sendable {
    /// The object's bytes.
    var size: UInt64 { get }

    /// The next bytes, at most `maximum`; empty at the end.
    func read(upTo maximum: Int) async throws(StoreError) -> [UInt8]

    /// The object's version. Needs a pass over the bytes in a local store, so it is meant for small objects.
    func version() async throws(StoreError) -> ObjectVersion
}

/// What must hold for `put` to write.
public enum Precondition: Hashable, Sendable {
    /// Nothing: replaces whatever is there.
    case none
    /// No object has this key.
    case absent
    /// The object has this version.
    case matches(ObjectVersion)
}

/// An opaque version of one object: equal versions, equal bytes.
public struct ObjectVersion: Hashable, Sendable {
    /// The store's own text.
    public let value: String

    /// - Parameter value: The store's own text, an ETag for example.
    public init(_ value: String) { self.value = value }
}

/// One line of a listing.
public struct ListedObject: Hashable, Sendable {
    /// What is listed.
    public enum Kind: Hashable, Sendable {
        /// A visible object.
        case object
        /// A staged object: its token, and its owner where the store can tell.
        case staged(token: String, owner: String?)
    }
    /// The (final) key.
    public let key: ObjectKey
    /// Object or staged.
    public let kind: Kind

    /// - Parameters:
    ///   - key: The (final) key.
    ///   - kind: Object or staged.
    public init(key: ObjectKey, kind: Kind) {
        self.key = key
        self.kind = kind
    }
}

/// A store that can keep other writers out. A store without it relies on `Precondition` alone.
public protocol WriterLocking: Sendable {
    /// Takes the one writer lock of `scope`, without waiting.
    ///
    /// - Throws: Code `busy` where someone holds it, with the holder's process id where the system tells.
    func lock(_ scope: ObjectKey) async throws(StoreError) -> any WriterLock
}

/// A store far away, where many objects are best handled at once, and where several writers may stage one key beside each other only if they
/// say so.
public protocol SharedStaging: ObjectStore {
    /// Begins an object as `stage` does, and leaves alone what others stage under the same key; so does discarding it.
    func stageShared(_ key: ObjectKey, owner: String) async throws(StoreError) -> any StagedObject
}

/// A held lock. It is let go by `release`, with the last reference, or when the process ends, however it ends.
public protocol WriterLock: AnyObject, Sendable {
    /// Lets go. Calling it again is fine.
    func release() async
}

/// A store whose space is limited and known.
public protocol SpaceReporting: Sendable {
    /// Bytes this user may still write, or nil where the store cannot tell.
    func freeSpace() async throws(StoreError) -> UInt64?
}

/// A whole small object.
public struct StoredObject: Sendable {
    /// Its bytes.
    public let bytes: [UInt8]
    /// Its version, for `Precondition.matches`.
    public let version: ObjectVersion
}

extension ObjectStore {
    /// For stores whose listings hold both.
    public func staged(_ prefix: String, by isWanted: (String) -> Bool) async throws(StoreError) -> [ListedObject] {
        try await list(prefix).filter { listed in
            guard case .staged(_, let owner) = listed.kind else { return false }
            return owner.map(isWanted) ?? true
        }
    }

    /// For stores whose listings hold both.
    public func keys(_ prefix: String) async throws(StoreError) -> [ObjectKey] {
        try await list(prefix).compactMap { $0.kind == .object ? $0.key : nil }
    }

    /// What anybody has staged.
    public func staged(_ prefix: String) async throws(StoreError) -> [ListedObject] { try await staged(prefix, by: { _ in true }) }

    /// Reads a small object whole, or returns nil where there is none.
    ///
    /// - Parameter limit: The largest size accepted, 16 MiB unless told: a manifest is never larger, and nobody's file fills the memory.
    public func get(_ key: ObjectKey, limit: UInt64 = 16 << 20) async throws(StoreError) -> StoredObject? {
        guard let reader = try await open(key) else { return nil }
        guard reader.size <= limit else { throw StoreError(damaged: key.path, "it has \(reader.size) bytes, more than \(limit)") }
        var bytes: [UInt8] = []
        while true {
            let chunk = try await reader.read(upTo: 1 << 20)
            if chunk.isEmpty { break }
            bytes += chunk
            guard UInt64(bytes.count) <= limit else { throw StoreError(damaged: key.path, "it grows beyond \(limit) bytes") }
        }
        return StoredObject(bytes: bytes, version: try await reader.version())
    }

    /// The size and SHA-256 of an object of any size, or nil where there is none.
    /// - Complexity: O(bytes) time, 1 MiB of memory.
    public func digest(of key: ObjectKey) async throws(StoreError) -> (bytes: UInt64, sha256: ContentHash)? {
        guard let reader = try await open(key) else { return nil }
        return try await reader.digestRest()
    }
}

extension ObjectReader {
    /// The size and SHA-256 of everything not read yet.
    public func digestRest() async throws(StoreError) -> (bytes: UInt64, sha256: ContentHash) {
        var hasher = ContentHasher()
        while true {
            let chunk = try await read(upTo: 1 << 20)
            if chunk.isEmpty { return (hasher.count, hasher.finish()) }
            hasher.update(chunk)
        }
    }
}
