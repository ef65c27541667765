import Core
import S3
import Synchronization
import Testing

@Suite("An upload of many parts")
struct ManyPartsTests {
    /// Takes whatever it is given, and counts the parts.
    private final class ObligingTransport: S3Transport {
        let parts = Mutex(0)

        func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
            if request.operation == .uploadPart { parts.withLock { $0 += 1 } }
            let body =
                switch request.operation {
                case .createUpload: "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
                case .listUploads: "<ListMultipartUploadsResult></ListMultipartUploadsResult>"
                default: ""
                }
            return TransportResponse(status: 200, headers: [("etag", "\"1\"")], body: Array(body.utf8))
        }
    }

    @Test("X3 Beyond 10,000 parts it ends with the remedy, before the store is asked for one more")
    func tooMany() async throws {
        let transport = ObligingTransport()
        let settings = try S3Settings(bucket: "bucket", environment: [:]).with(partSize: 1)
        let client = S3Client(
            endpoint: settings.endpoint, region: settings.region,
            surroundings: .init(transport: transport, credentials: RotatingCredentials(), now: { 1_700_000_000 }, sleep: { _ in }))
        let staged = try await S3Store(settings: settings, client: client).stage(ObjectKey("raw/panel.parquet"), owner: "web")
        let plan = PartPlan(base: 1)
        let most = (1...PartPlan.maximumParts).reduce(0) { $0 + plan.size(of: $1) }
        let error = await expectError(.inputOutput) {
            try await staged.append([UInt8](repeating: 1, count: most + 1))
            try await staged.seal()
        }
        #expect(error?.outcome == .permanent && error?.description.contains("storage.part_size") == true)
        await staged.discard()
        #expect(transport.parts.withLock { $0 } == PartPlan.maximumParts)
    }
}
