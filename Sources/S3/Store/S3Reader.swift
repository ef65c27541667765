import Core
import Synchronization

/// Reads an object by ranges, each with the condition that it is still the same object.
///
/// The first 64 KiB come with the opening, so a small object takes one request and stays the same whatever happens to it. A larger one that is
/// replaced meanwhile ends in an error, never in a mixture.
final class S3Reader: ObjectReader {
    /// Bytes of the first request.
    static let firstRange = 64 << 10
    /// Bytes of the following ones.
    static let range = 8 << 20

    let size: UInt64
    private let store: S3Store
    private let key: ObjectKey
    private let identity: Identity
    private let state: Mutex<State>

    /// How later ranges are tied to the first one.
    private struct Identity {
        let tag: String?
        let modified: String?

        init(_ response: TransportResponse) {
            tag = response.header("etag")
            modified = response.header("last-modified")
        }

        /// Some gateways give no ETag for some objects; their clock, in seconds, is second best.
        var condition: [(name: String, value: String)] {
            tag.map { [("if-match", $0)] } ?? modified.map { [("if-unmodified-since", $0)] } ?? []
        }
    }

    fileprivate struct State {
        /// Bytes of the object handed out or held.
        var fetched: UInt64
        var held: ArraySlice<UInt8>
        /// Over what was handed out.
        var hasher = ContentHasher()
    }

    private init(store: S3Store, key: ObjectKey, size: UInt64, identity: Identity, first: [UInt8]) {
        self.store = store
        self.key = key
        self.size = size
        self.identity = identity
        state = Mutex(State(fetched: UInt64(first.count), held: first[...]))
    }

    static func open(_ key: ObjectKey, in store: S3Store) async throws(StoreError) -> S3Reader? {
        let response: TransportResponse
        do throws(S3Failure) {
            let header = (name: "range", value: "bytes=0-\(firstRange - 1)")
            // A store that knows no ranges sends all of a small object.
            response = try await store.call(.getObject, "GET", key: key.path, headers: [header], limit: range).response
        } catch {
            if error.status == 404, error.code != "NoSuchBucket" { return nil }
            // An empty object has no first byte.
            if error.status == 416 { return try await openEmpty(key, in: store) }
            throw store.storeError(error)
        }
        let count = UInt64(response.body.count)
        let size = response.status == 206 ? response.header("content-range").flatMap(total) : count
        guard let size, count == (response.status == 206 ? min(size, UInt64(firstRange)) : size) else {
            throw store.unreadable(.getObject, key: key.path)
        }
        return S3Reader(store: store, key: key, size: size, identity: Identity(response), first: response.body)
    }

    private static func openEmpty(_ key: ObjectKey, in store: S3Store) async throws(StoreError) -> S3Reader? {
        guard let head = try await store.head(key) else { return nil }
        guard head.size == 0 else { throw store.unreadable(.headObject, key: key.path) }
        return S3Reader(store: store, key: key, size: 0, identity: Identity(head.response), first: [])
    }

    /// The size of the whole, from `bytes 0-9/200`.
    private static func total(_ range: String) -> UInt64? { range.split(separator: "/").last.flatMap { UInt64($0) } }

    func read(upTo maximum: Int) async throws(StoreError) -> [UInt8] {
        if let bytes = state.withLock({ $0.take(maximum) }) { return bytes }
        let start = state.withLock { $0.fetched }
        guard start < size else { return [] }
        let end = min(size, start + UInt64(Self.range))
        let response: TransportResponse
        do throws(S3Failure) {
            response = try await store.call(
                .getObject, "GET", key: key.path, headers: [(name: "range", value: "bytes=\(start)-\(end - 1)")] + identity.condition,
                limit: Self.range
            ).response
        } catch {
            guard error.status == 412 || error.status == 404 || error.status == 416 else { throw store.storeError(error) }
            throw replaced()
        }
        let isSame = identity.tag == nil || response.header("etag") == nil || response.header("etag") == identity.tag
        guard isSame, response.header("content-range").flatMap(Self.total) ?? size == size else { throw replaced() }
        guard response.status == 206, UInt64(response.body.count) == end - start else { throw store.unreadable(.getObject, key: key.path) }
        return state.withLock { state in
            state.fetched = end
            state.held = response.body[...]
            return state.take(maximum) ?? []
        }
    }

    /// The hash of the content, which has to be read to its end for it.
    func version() async throws(StoreError) -> ObjectVersion {
        while try await !read(upTo: 1 << 20).isEmpty {}
        let version = ObjectVersion(of: state.withLock { $0.hasher.finish() })
        if let tag = identity.tag { store.tags.note(key, version, tag: tag) }
        return version
    }

    private func replaced() -> StoreError {
        StoreError(
            .preconditionFailed, .retryable,
            "\(store.path(of: key)) was replaced or removed while it was read. Nothing was changed; run again.")
    }
}

extension S3Reader.State {
    fileprivate mutating func take(_ maximum: Int) -> [UInt8]? {
        guard !held.isEmpty else { return nil }
        let bytes = Array(held.prefix(maximum))
        held = held.count == bytes.count ? [] : held.dropFirst(maximum)
        hasher.update(bytes)
        return bytes
    }
}

extension S3Store {
    /// The size of an object, or nil where there is none.
    func head(_ key: ObjectKey) async throws(StoreError) -> (size: UInt64, response: TransportResponse)? {
        do throws(S3Failure) {
            let response = try await call(.headObject, "HEAD", key: key.path).response
            guard let size = response.header("content-length").flatMap({ UInt64($0) }) else {
                throw unreadableFailure(.headObject, key: key.path)
            }
            return (size, response)
        } catch {
            guard error.status == 404 else { throw storeError(error) }
            return nil
        }
    }
}
