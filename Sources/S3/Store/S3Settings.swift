public import Core

/// Where a dataset goes in S3 and how: the config's part and the environment's, joined and checked. It holds no secret.
public struct S3Settings: Hashable, Sendable {
    let bucket: String
    package let endpoint: S3Endpoint
    package let region: String
    let authorities: Authorities?
    let sendsChecksums: Bool
    let uploadHeaders: [Header]
    let writeHeaders: [Header]
    let callHeaders: [Header]
    let conditionalWrites: S3Spec.ConditionalWrites
    private(set) var partSize: Int
    let profile: String?
    let credentialsName: String
    let allowsPlainHTTP: Bool

    struct Header: Hashable, Sendable {
        let name: String
        let value: String
    }

    /// A PEM file of authorities to trust beside the system's, and which setting names it.
    struct Authorities: Hashable, Sendable {
        let path: String
        let setting: String
    }

    /// Why the two do not go together: a sentence with the remedy.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// The sentence.
        public let description: String

        /// - Parameter description: The sentence.
        public init(_ description: String) { self.description = description }
    }

    /// - Parameters:
    ///   - spec: A validated config's `storage`.
    ///   - environment: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_DEFAULT_REGION`, `AWS_CA_BUNDLE` count where the config is
    ///     silent; `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` always.
    public init(_ spec: StorageSpec, environment: [String: String]) throws(Problem) {
        try self.init(bucket: spec.bucketName, endpointURL: spec.endpointURL, region: spec.region, spec.s3, environment: environment)
    }

    /// The settings for a bucket of which only the name is known.
    public init(bucket: String, environment: [String: String]) throws(Problem) {
        if let problem = EndpointText.problem(ofBucket: bucket) {
            throw Problem("This is no name of a bucket: \(problem). Write s3://BUCKET/KEY.")
        }
        try self.init(bucket: bucket, endpointURL: nil, region: nil, S3Spec.standard, environment: environment)
    }

    private init(
        bucket: String, endpointURL: String?, region: String?, _ spec: S3Spec, environment: [String: String]
    ) throws(Problem) {
        func variable(_ names: String...) -> (name: String, value: String)? {
            for name in names { if let value = environment[name], !value.isEmpty { return (name, value) } }
            return nil
        }
        var url = endpointURL
        if url == nil, let given = variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL") {
            if let problem = EndpointText.problem(of: given.value) {
                throw Problem("\(given.name) is no endpoint: \(problem). Write it like https://s3.example.com:9000.")
            }
            url = given.value
        }
        if let url, !spec.allowsPlainHTTP, EndpointText.isExposed(url) {
            throw Problem(
                "The endpoint \(url) is plain http, so everybody on the way can read and change what is sent. Use https://, or set "
                    + "storage.allow_http: true if the network is trusted.")
        }
        self.bucket = bucket
        let addressing: S3Endpoint.Addressing? =
            switch spec.addressing {
            case .auto: nil
            case .path: .path
            case .virtual: .virtual
            }
        endpoint = S3Endpoint(url: url, addressing: addressing, bucket: bucket)
        let named = region == nil ? variable("AWS_REGION", "AWS_DEFAULT_REGION") : nil
        if let named, let problem = EndpointText.problem(ofRegion: named.value) {
            throw Problem("\(named.name) is no region: \(problem). Write it like eu-central-1, or set storage.region.")
        }
        self.region = region ?? named?.value ?? "us-east-1"
        authorities =
            spec.caFile.map { Authorities(path: $0, setting: "storage.ca_file") }
            ?? variable("AWS_CA_BUNDLE").map { Authorities(path: $0.value, setting: $0.name) }
        sendsChecksums = spec.checksums == .auto
        callHeaders = spec.expectedBucketOwner.map { [Header(name: "x-amz-expected-bucket-owner", value: $0)] } ?? []
        var write: [Header] = []
        if spec.encryption != .none { write.append(Header(name: "x-amz-server-side-encryption", value: spec.encryption.rawValue)) }
        if let key = spec.kmsKeyID { write.append(Header(name: "x-amz-server-side-encryption-aws-kms-key-id", value: key)) }
        if spec.usesBucketKey { write.append(Header(name: "x-amz-server-side-encryption-bucket-key-enabled", value: "true")) }
        writeHeaders = write
        var upload: [Header] = []
        if let storageClass = spec.storageClass { upload.append(Header(name: "x-amz-storage-class", value: storageClass)) }
        if !spec.tags.isEmpty {
            let tags = SignatureV4.canonicalQuery(spec.tags.map { ($0.name, $0.value) })
            upload.append(Header(name: "x-amz-tagging", value: tags))
        }
        uploadHeaders = upload
        conditionalWrites = spec.conditionalWrites
        partSize = spec.partSize
        profile = spec.profile
        credentialsName = spec.credentialsName
        allowsPlainHTTP = spec.allowsPlainHTTP
        do throws(ProxyAddress.Problem) { _ = try proxy(environment) } catch { throw Problem(error.description) }
    }

    /// The proxy on the way to the store; not kept, because it may hold a password.
    func proxy(_ environment: [String: String]) throws(ProxyAddress.Problem) -> ProxyAddress? {
        // A bucket before the name of this machine is here too.
        if EndpointText.isLocal(endpoint.url ?? "") { return nil }
        return try ProxyAddress.choose(for: "\(endpoint.scheme)://\(endpoint.host(region: region))", environment: environment)
    }

    /// The same with parts of another size, for tests.
    package func with(partSize: Int) -> S3Settings {
        var settings = self
        settings.partSize = partSize
        return settings
    }

    /// The endpoint as people write it, without the bucket.
    public var endpointText: String { "\(endpoint.scheme)://\(endpoint.service(region: region))" }

    /// Facts for `plan`, in order.
    public var facts: [(name: String, value: String)] {
        [
            ("endpoint", endpointText), ("region", region), ("bucket in the", endpoint.addressing == .path ? "path" : "host"),
            ("conditional writes", conditionalWrites.rawValue),
        ]
    }
}
