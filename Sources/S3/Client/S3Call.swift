package import NIOCore
import Core
import Crypto

/// The operations of S3 that a store needs, by Amazon's names.
package enum S3Operation: String, Sendable, CaseIterable {
    case getObject = "GetObject"
    case headObject = "HeadObject"
    case putObject = "PutObject"
    case deleteObject = "DeleteObject"
    case listObjects = "ListObjectsV2"
    case createUpload = "CreateMultipartUpload"
    case uploadPart = "UploadPart"
    case completeUpload = "CompleteMultipartUpload"
    case abortUpload = "AbortMultipartUpload"
    case listParts = "ListParts"
    case listUploads = "ListMultipartUploads"
}

/// A payload and its hash, which is computed once: for the signature, for the checksum header and for comparing later.
package struct Payload: Sendable {
    package let bytes: ByteBuffer
    /// 32 bytes.
    package let sha256: [UInt8]

    /// - Complexity: O(bytes).
    package init(_ bytes: ByteBuffer) {
        self.bytes = bytes
        sha256 = bytes.readableBytesView.withUnsafeBytes { Array(SHA256.hash(data: UnsafeRawBufferPointer($0))) }
    }

    package init(_ bytes: [UInt8]) { self.init(ByteBuffer(bytes: bytes)) }

    /// Of no bytes.
    static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    var hex: String { Hexadecimal.text(sha256) }
    var base64: String { Base64.text(sha256) }
}

/// One call, before it has a host and a signature.
package struct S3Call: Sendable {
    package let operation: S3Operation
    package let method: String
    /// Nil: about the bucket.
    package let key: String?
    package var query: [(name: String, value: String)]
    package var headers: [(name: String, value: String)]
    package var payload: Payload?
    /// Most bytes of the answer: 8 MiB unless told.
    package var limit = 8 << 20

    package init(
        _ operation: S3Operation, _ method: String, key: String?, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], payload: Payload? = nil
    ) {
        self.operation = operation
        self.method = method
        self.key = key
        self.query = query
        self.headers = headers
        self.payload = payload
    }

    /// Time for the whole exchange: what a slow line needs, 64 KiB/s in either direction, above a minute.
    package var timeout: Duration { .seconds(60) + .seconds((payload?.bytes.readableBytes ?? 0) >> 16) + .seconds(limit >> 16) }
}
