public import Core
import NIOCore

/// A bucket as object store: the key is the object's key.
///
/// ```
/// stage    marker, CreateMultipartUpload       invisible; parts go out while the next rows are made
/// seal     the last part                       ListParts finds all of it again after a crash
/// publish  CompleteMultipartUpload             atomic for readers
/// put      PutObject, If-None-Match / If-Match
/// ```
/// Objects of the store's own, all below `manifests/`, never appear in a listing: markers of what is staged (`manifests/.staged/`), the probe
/// (`manifests/.probe`), and the writer's lock of each dataset (`manifests/{dataset}/writer.lock`).
///
/// Calls that change something end also when their task is cancelled meanwhile, within seconds: half a publication helps nobody.
public final class S3Store: ObjectStore {
    /// What the store has found out, for the caller's log.
    public enum Notice: Hashable, Sendable {
        /// Whether the store honours conditions on writes; if not, each write looks first, which is safe for one writer only.
        case conditionalWrites(honoured: Bool)
        /// The store does not know the checksums that uploads carried; they go without from here on.
        case checksumsRefused
        /// Uploads of an earlier run were aborted.
        case abortedUploads(key: ObjectKey, count: Int)
        /// Which source the keys come from, in words.
        case keys(source: String)
        /// Keys that end soon could not be renewed, and why; they are used until they end.
        case keysNotRenewed(String)
        /// Somebody else took the writer's lock, because this process was silent for too long.
        case lockLost(ObjectKey)
        /// The keys may not delete: locks, markers and old generations stay.
        case cannotDelete(ObjectKey)
    }

    /// How everything is reached.
    public let settings: S3Settings
    let client: S3Client
    let observe: @Sendable (Notice) -> Void
    let conditions: ConditionProbe
    let checksums: ChecksumSwitch
    let tags = VersionTags()

    /// - Parameters:
    ///   - client: For the settings' bucket.
    ///   - observe: Told what is found out, from any thread.
    package init(settings: S3Settings, client: S3Client, observe: @escaping @Sendable (Notice) -> Void = { _ in }) {
        self.settings = settings
        self.client = client
        self.observe = observe
        conditions = ConditionProbe()
        checksums = ChecksumSwitch(isOn: settings.sendsChecksums)
    }

    /// Where a key is, as people write it.
    public func path(of key: ObjectKey) -> String { "s3://\(settings.bucket)/\(key)" }

    /// Writes an object with one request.
    public func put(_ key: ObjectKey, _ bytes: [UInt8], if precondition: Precondition) async throws(StoreError) -> ObjectVersion {
        try await Shield.run { () throws(StoreError) in try await self.write(key, bytes, if: precondition) }
    }

    /// Removes an object.
    public func delete(_ key: ObjectKey) async throws(StoreError) {
        try await Shield.run { () throws(StoreError) in
            do throws(S3Failure) {
                _ = try await self.call(.deleteObject, "DELETE", key: key.path)
            } catch {
                guard error.status == 404, error.code != "NoSuchBucket" else { throw self.storeError(error) }
            }
        }
    }

    /// Opens an object: its size, its version and its first 64 KiB come with the first answer.
    public func open(_ key: ObjectKey) async throws(StoreError) -> (any ObjectReader)? {
        try await S3Reader.open(key, in: self)
    }

    /// Lists objects, then what is staged.
    public func list(_ prefix: String) async throws(StoreError) -> [ListedObject] {
        let objects = try await keys(prefix).map { ListedObject(key: $0, kind: .object) }
        return (objects + (try await staged(prefix))).sorted { $0.key < $1.key }
    }

    /// Lists objects: a request for a thousand, where each staged object takes three.
    public func keys(_ prefix: String) async throws(StoreError) -> [ObjectKey] {
        // Keys that no store of ours gives, folders of consoles among them, are none of our business.
        try await objects(prefix).compactMap { Self.isInternal($0.key) ? nil : try? ObjectKey($0.key) }.sorted()
    }

    /// A call about the bucket or an object, with what every call carries.
    func call(
        _ operation: S3Operation, _ method: String, key: String? = nil, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], payload: Payload? = nil, limit: Int = 8 << 20, attempts: Int? = nil
    ) async throws(S3Failure) -> S3Client.Answer {
        var call = S3Call(
            operation, method, key: key, query: query, headers: headers + settings.callHeaders.map { ($0.name, $0.value) }, payload: payload
        )
        call.limit = limit
        return try await client.perform(call, attempts: attempts)
    }

    static func isInternal(_ path: String) -> Bool {
        path.hasPrefix("manifests/.") || (path.hasPrefix("manifests/") && path.hasSuffix("/writer.lock"))
    }

    /// How others should take an object.
    static func contentType(of key: ObjectKey) -> String {
        switch key.path.split(separator: ".").last {
        case "parquet": "application/vnd.apache.parquet"
        case "json": "application/json"
        case "csv": "text/csv"
        case "html": "text/html; charset=utf-8"
        default: "application/octet-stream"
        }
    }
}

extension S3Store {
    /// What one line of `ListObjectsV2` says.
    struct Listed {
        let key: String
    }

    /// Every object whose key starts with `prefix`, page by page.
    func objects(_ prefix: String) async throws(StoreError) -> [Listed] {
        var result: [Listed] = []
        var token: String?
        repeat {
            var query = [("list-type", "2"), ("prefix", prefix), ("encoding-type", "url")]
            if let token { query.append(("continuation-token", token)) }
            let answer: S3Client.Answer
            do throws(S3Failure) {
                answer = try await call(.listObjects, "GET", query: query.map { (name: $0.0, value: $0.1) })
            } catch {
                throw storeError(error)
            }
            guard let root = XMLNode(parsing: answer.response.body), root.name == "ListBucketResult" else {
                throw unreadable(.listObjects, key: prefix)
            }
            let isEncoded = root.value("EncodingType") == "url"
            for node in root.all("Contents") {
                guard let text = node.value("Key"), let key = isEncoded ? URIEncoding.decode(text) : text else { continue }
                result.append(Listed(key: key))
            }
            token = root.value("IsTruncated") == "true" ? root.value("NextContinuationToken") : nil
        } while token != nil
        return result
    }
}
