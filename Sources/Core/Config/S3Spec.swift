/// How `storage` uses an S3 service. There is no secret in it.
public struct S3Spec: Equatable, Sendable {
    /// Where requests name the bucket.
    public enum Addressing: String, CaseIterable, Sendable { case auto, path, virtual }
    /// Whether uploads carry checksums that the store keeps.
    public enum Checksums: String, CaseIterable, Sendable {
        case auto
        case whenRequired = "when-required"
        case off
    }
    /// Encryption by the store.
    public enum Encryption: String, CaseIterable, Sendable {
        case none
        case aes256 = "AES256"
        case kms = "aws:kms"
    }
    /// Whether writes depend on what is there.
    public enum ConditionalWrites: String, CaseIterable, Sendable { case probe, required, off }

    /// The defaults of the table, for a bucket without a config.
    public static let standard = S3Spec(
        addressing: .auto, caFile: nil, allowsPlainHTTP: false, checksums: .auto, encryption: .none, kmsKeyID: nil, usesBucketKey: false,
        storageClass: nil, tags: [], expectedBucketOwner: nil, conditionalWrites: .probe, partSize: 8 << 20, profile: nil,
        credentialsName: "s3-credentials")

    /// Storage classes whose objects can be read at once.
    static let storageClasses = [
        "STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "REDUCED_REDUNDANCY", "EXPRESS_ONEZONE",
    ]

    /// Where requests name the bucket.
    public var addressing: Addressing
    /// PEM file of authorities to trust beside the system's.
    public var caFile: String?
    /// Whether an endpoint beyond this machine may be plain http.
    public var allowsPlainHTTP: Bool
    /// Whether uploads carry checksums.
    public var checksums: Checksums
    /// Encryption by the store.
    public var encryption: Encryption
    /// Key of `aws:kms`.
    public var kmsKeyID: String?
    /// Whether `aws:kms` uses a bucket key.
    public var usesBucketKey: Bool
    /// Storage class of the artifacts; nil: the bucket's.
    public var storageClass: String?
    /// Tags of the artifacts, by name.
    public var tags: [ObjectTag]
    /// Account that must own the bucket.
    public var expectedBucketOwner: String?
    /// Whether writes depend on what is there.
    public var conditionalWrites: ConditionalWrites
    /// Bytes of one part of an upload, 5 MiB to 1 GiB.
    public var partSize: Int
    /// Profile of the AWS configuration files.
    public var profile: String?
    /// Name of the systemd credential.
    public var credentialsName: String
}

/// A name and a text that a store keeps with an object.
public struct ObjectTag: Hashable, Sendable {
    /// The tag's key.
    public let name: String
    /// Its value.
    public let value: String

    /// - Parameters: As the properties of the same names.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
