import Core
import NIOCore

/// One part that a store holds.
struct UploadedPart: Sendable, Equatable {
    /// From 1.
    let number: Int
    let size: UInt64
    /// Opaque, and unique for the part's content (never taken for an MD5, X7). Without quotes: some answers have them, others not.
    let tag: String
    /// Of the store or our own, in base64; nil where neither is known.
    let sha256: String?

    init(number: Int, size: UInt64, tag: String, sha256: String?) {
        self.number = number
        self.size = size
        self.tag = tag.filter { $0 != "\"" }
        self.sha256 = sha256
    }
}

/// What identifies an upload across processes: `{owner}-{digest of its parts}-{upload id}`.
///
/// The digest binds number, size and tag of every part, so an upload that lost or changed a part after `seal` is not taken for what the
/// manifest announced.
struct UploadToken: Equatable {
    /// In the place of an upload's id where there is only a marker.
    static let none = "none"

    let owner: String
    let digest: String
    let uploadID: String

    var text: String { "\(owner)-\(digest)-\(uploadID)" }

    init(owner: String, parts: [UploadedPart], uploadID: String) {
        self.owner = owner
        digest = Self.digest(of: parts)
        self.uploadID = uploadID
    }

    /// Nil for any other text.
    init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[1].utf8.count == 16, !parts[0].isEmpty, !parts[2].isEmpty, text.utf8.count <= 4096 else { return nil }
        (owner, digest, uploadID) = (parts[0], parts[1], parts[2])
    }

    static func digest(of parts: [UploadedPart]) -> String {
        let text = parts.sorted { $0.number < $1.number }.map { "\($0.number) \($0.size) \($0.tag)\n" }.joined()
        return String(ContentHash(of: Array(text.utf8)).hex.prefix(16))
    }
}

/// How large parts are, so that no object needs more than 10,000 (X3).
///
/// ```
/// parts 1...5000: base      5001...6000: 2 x base      6001...7000: 4 x base ...     9001...10000: 32 x base
/// ```
/// With 8 MiB that is 40 GiB of equal parts, as R2 wants them, and half a TiB in all.
package struct PartPlan: Sendable {
    package static let maximumParts = 10_000
    let base: Int

    /// - Parameter base: Bytes of the first parts, 5 MiB to 1 GiB.
    package init(base: Int) { self.base = base }

    /// Bytes of part `number`, from 1.
    package func size(of number: Int) -> Int { number <= 5000 ? base : min(base << ((number - 5001) / 1000 + 1), 5 << 30) }
}

extension S3Store {
    /// CreateMultipartUpload.
    func createUpload(_ key: ObjectKey) async throws(StoreError) -> (id: String, isAmbiguous: Bool) {
        do throws(S3Failure) {
            let answer = try await withChecksums { (isOn) throws(S3Failure) in
                var headers = (settings.writeHeaders + settings.uploadHeaders).map { (name: $0.name, value: $0.value) }
                headers.append(("content-type", Self.contentType(of: key)))
                if isOn { headers.append(("x-amz-checksum-algorithm", "SHA256")) }
                return try await call(.createUpload, "POST", key: key.path, query: [("uploads", "")], headers: headers)
            }
            guard let id = XMLNode(parsing: answer.response.body)?.value("UploadId"), (1...2048).contains(id.utf8.count) else {
                throw unreadableFailure(.createUpload, key: key.path)
            }
            return (id, answer.followsUncertainTry)
        } catch {
            throw storeError(error)
        }
    }

    /// UploadPart; the part's SHA-256 is computed once, where this runs.
    func uploadPart(_ key: ObjectKey, _ uploadID: String, number: Int, _ bytes: ByteBuffer) async throws(S3Failure) -> UploadedPart {
        let payload = Payload(bytes)
        let query = [(name: "partNumber", value: "\(number)"), (name: "uploadId", value: uploadID)]
        let response = try await withChecksums { (isOn) throws(S3Failure) in
            try await call(
                .uploadPart, "PUT", key: key.path, query: query,
                headers: isOn ? [(name: "x-amz-checksum-sha256", value: payload.base64)] : [],
                payload: payload)
        }.response
        guard let tag = response.header("etag") else { throw unreadableFailure(.uploadPart, key: key.path) }
        try confirm(payload, response, .uploadPart, key: key.path)
        return UploadedPart(number: number, size: UInt64(bytes.readableBytes), tag: tag, sha256: payload.base64)
    }

    /// ListParts, or nil where there is no such upload.
    func parts(_ key: ObjectKey, _ uploadID: String) async throws(StoreError) -> [UploadedPart]? {
        var result: [UploadedPart] = []
        var marker: String?
        repeat {
            var query = [(name: "uploadId", value: uploadID), (name: "max-parts", value: "1000")]
            if let marker { query.append((name: "part-number-marker", value: marker)) }
            let body: [UInt8]
            do throws(S3Failure) {
                body = try await call(.listParts, "GET", key: key.path, query: query).response.body
            } catch {
                guard error.status == 404, error.code != "NoSuchBucket" else { throw storeError(error) }
                return nil
            }
            guard let root = XMLNode(parsing: body), ["ListPartsResult", "ListPartsResponse"].contains(root.name) else {
                throw unreadable(.listParts, key: key.path)
            }
            for node in root.all("Part") {
                guard let number = node.value("PartNumber").flatMap({ Int($0) }), let size = node.value("Size").flatMap({ UInt64($0) }),
                    let tag = node.value("ETag")
                else { throw unreadable(.listParts, key: key.path) }
                result.append(
                    UploadedPart(
                        number: number, size: size, tag: tag, sha256: node.value("ChecksumSHA256").flatMap { $0.isEmpty ? nil : $0 }))
            }
            let isLast = root.value("IsTruncated") != "true"
            marker = isLast ? nil : root.value("NextPartNumberMarker")
        } while marker != nil && result.count <= PartPlan.maximumParts
        return result
    }

    /// CompleteMultipartUpload.
    func completeUpload(_ key: ObjectKey, _ uploadID: String, _ parts: [UploadedPart]) async throws(S3Failure) {
        let withSums = checksums.isOn && parts.allSatisfy { $0.sha256 != nil }
        let xml = parts.map { part in
            let sum = withSums ? "<ChecksumSHA256>\(part.sha256 ?? "")</ChecksumSHA256>" : ""
            return "<Part><PartNumber>\(part.number)</PartNumber><ETag>&quot;\(XMLText.escaped(part.tag))&quot;</ETag>\(sum)</Part>"
        }.joined()
        let body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(xml)</CompleteMultipartUpload>"
        _ = try await call(
            .completeUpload, "POST", key: key.path, query: [(name: "uploadId", value: uploadID)],
            headers: [(name: "content-type", value: "application/xml")], payload: Payload(Array(body.utf8)))
    }

    /// AbortMultipartUpload; none being there is fine.
    func abortUpload(_ key: ObjectKey, _ uploadID: String) async throws(StoreError) {
        do throws(S3Failure) {
            _ = try await call(.abortUpload, "DELETE", key: key.path, query: [(name: "uploadId", value: uploadID)], attempts: 4)
        } catch {
            guard error.status == 404 else { throw storeError(error) }
        }
    }

    /// The ids of all uploads of exactly this key. Some services list by whole keys only, so no shorter prefix is ever asked for.
    func uploads(of key: ObjectKey) async throws(StoreError) -> [String] {
        var result: [String] = []
        var markers: (key: String, id: String)?
        repeat {
            var query = [
                (name: "uploads", value: ""), (name: "prefix", value: key.path), (name: "encoding-type", value: "url"),
                (name: "max-uploads", value: "1000"),
            ]
            if let markers { query += [(name: "key-marker", value: markers.key), (name: "upload-id-marker", value: markers.id)] }
            let body: [UInt8]
            do throws(S3Failure) {
                body = try await call(.listUploads, "GET", query: query).response.body
            } catch {
                throw storeError(error)
            }
            guard let root = XMLNode(parsing: body), root.name == "ListMultipartUploadsResult" else {
                throw unreadable(.listUploads, key: key.path)
            }
            let isEncoded = root.value("EncodingType") == "url"
            for node in root.all("Upload") {
                guard let text = node.value("Key"), let id = node.value("UploadId"), !id.isEmpty else { continue }
                if text == key.path || (isEncoded && URIEncoding.decode(text) == key.path) { result.append(id) }
            }
            markers = nil
            if root.value("IsTruncated") == "true", let next = root.value("NextKeyMarker"), let id = root.value("NextUploadIdMarker") {
                markers = (isEncoded ? URIEncoding.decode(next) ?? next : next, id)
            }
        } while markers != nil && result.count < 10_000
        return result
    }
}
