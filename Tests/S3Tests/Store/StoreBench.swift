import Core
import Glibc
import NIOCore
import S3
import Synchronization
import Testing

/// A bucket of its own on a real server: each `store` is what one process sees of it.
final class StoreBench: Sendable {
    /// The servers that every rule must hold for: one that checks signatures and ignores conditions, one that does the reverse.
    enum Kind: String, CaseIterable, CustomTestStringConvertible, Sendable {
        case juicefs, moto
        var testDescription: String { rawValue }
        var deviceFailure: StoreError.Code { .unavailable }
        var isVoidAfterFailedSeal: Bool { true }
    }

    private static let buckets = Mutex(0)
    private static let transport = Result { try HTTPTransport() }
    let bucket: String
    private let url: String

    init(_ kind: Kind) throws {
        url = try Servers.address(kind.rawValue)
        bucket = Self.buckets.withLock { number in
            number += 1
            return "bench-\(number)"
        }
    }

    /// The same bucket, through a store with faults of its own: what the contract knows of it.
    func store(faults: FaultHook? = nil) -> any ObjectStore & WriterLocking { bucketStore(faults: faults) }

    /// The same with everything that is S3's own.
    func bucketStore(
        faults: FaultHook? = nil, partSize: Int = 5 << 20, observe: @escaping @Sendable (S3Store.Notice) -> Void = { _ in },
        change: @escaping @Sendable (inout TransportRequest) -> Void = { _ in }
    ) -> S3Store {
        do {
            var environment = ["AWS_ENDPOINT_URL_S3": url]
            environment["AWS_REGION"] = "us-east-1"
            let settings = try S3Settings(bucket: bucket, environment: environment).with(partSize: partSize)
            let transport = FaultTransport(inner: try Self.transport.get(), hook: faults, change: change, bucket: bucket, made: made)
            let client = S3Client(
                endpoint: settings.endpoint, region: settings.region,
                surroundings: .init(transport: transport, credentials: FixedCredentials(), now: { Clock.now }, sleep: { _ in }))
            return S3Store(settings: settings, client: client, observe: observe)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Whether the bucket has been made.
    private let made = BucketMaker()
}

/// The keys that both servers know.
struct FixedCredentials: CredentialProvider {
    func credentials() async throws(CredentialError) -> Credentials {
        Credentials(accessKeyID: Servers.accessKey, secretAccessKey: Secret(Servers.secretKey), source: "test")
    }
    func refresh(rejected: Credentials) async throws(CredentialError) -> Credentials { try await credentials() }
}

/// Makes the bucket before the first request, once.
actor BucketMaker {
    private var task: Task<Void, any Error>?

    func make(_ body: @escaping @Sendable () async throws -> Void) async throws {
        if task == nil { task = Task { try await body() } }
        try await task?.value
    }
}

/// A transport that fails where a test wants it to, and lets it change what goes out.
struct FaultTransport: S3Transport {
    let inner: any S3Transport
    let hook: FaultHook?
    let change: @Sendable (inout TransportRequest) -> Void
    let bucket: String
    let made: BucketMaker

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        do {
            try await made.make { try await makeBucket(like: request) }
        } catch {
            throw TransportError(.notSent, "the bucket could not be made: \(error)")
        }
        var request = request
        change(&request)
        let faults = Self.steps(request.operation).compactMap { hook?($0) }
        if case .before = faults.first { throw TransportError(.notSent, "a test's fault") }
        let response = try await inner.send(request)
        if case .after = faults.first { throw TransportError(.broken, "a test's lost answer") }
        return response
    }

    private func makeBucket(like request: TransportRequest) async throws {
        let base = request.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).prefix(2).joined(separator: "/")
        let host = request.url.dropFirst(base.count + 1).prefix { $0 != "/" }
        let client = S3Client(
            endpoint: S3Endpoint(url: "http://\(host)", addressing: .path, bucket: bucket), region: "us-east-1",
            surroundings: .init(transport: inner, credentials: FixedCredentials(), now: { Clock.now }))
        _ = try await client.perform(S3Call(.putObject, "PUT", key: nil))
    }

    private static func steps(_ operation: S3Operation) -> [StoreStep] {
        switch operation {
        case .getObject, .headObject: [.open]
        case .putObject: []
        case .deleteObject, .abortUpload: [.remove]
        case .listObjects, .listParts, .listUploads: [.list]
        case .createUpload: [.create]
        // The last part goes out while sealing.
        case .uploadPart: [.write, .sync]
        case .completeUpload: [.rename]
        }
    }
}

enum Clock {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }
}
