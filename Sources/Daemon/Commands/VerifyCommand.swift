import ArgumentParser
import CLinux
import Core
import FoundationEssentials
import Logging
import S3
import Service

/// `fleetsynth verify`: hashes published files again, and proves on request that they can be reproduced.
struct VerifyCommand: AsyncParsableCommand {
    /// What makes panels again for `--regenerate`.
    static var regenerator: any PanelRegenerator { ManifestRegenerator(threads: Int(fleetsynth_usable_cpus())) }

    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hash published files again and compare them with their manifests.",
        discussion: """
            Exit status: 0 if everything is as published, 65 if anything is not, 66 if there is nothing to verify.
            An older generation's file whose name a newer generation took over counts as superseded, not as broken.
            """)

    @Argument(
        help: ArgumentHelp(
            "A manifest, a dataset's manifest folder, or the base folder that holds manifests/; or s3://BUCKET with any of these, or a folder of "
                + "panels, behind it.", valueName: "manifest|dir|s3-url"))
    var path: String

    @Option(
        help: ArgumentHelp(
            "A config whose storage section tells how to reach the bucket; without it, the environment does (AWS_ENDPOINT_URL_S3, AWS_REGION).",
            valueName: "file"))
    var config: String?

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Flag(help: "Generate each panel and its ground truth again from the manifest and compare the bytes.")
    var regenerate = false

    @MainActor
    func run() async throws {
        var report: VerificationReport?
        if let (store, target) = try locate() {
            do throws(StoreError) {
                report = try await Verifier(store, regenerator: regenerate ? Self.regenerator : nil).verify(target)
            } catch {
                Console.note("error: \(error)")
                throw ExitCode(error.exitCode)
            }
        }
        guard let report else {
            Console.note("error: \(path) is no manifest and no folder with manifests; give the base folder (storage.local_base_path)")
            throw ExitCode(66)
        }
        if report.datasets.isEmpty, path.hasPrefix("s3://") {
            Console.note("error: there is no dataset at \(path); give s3://BUCKET, a manifest in it, or a folder of its panels")
        }
        Console.resultText(json ? report.json : report.text)
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }

    private func locate() throws -> (store: any ObjectStore, target: Verifier.Target)? {
        guard path.hasPrefix("s3://") else { return Verifier.locate(path).map { (store: $0.store as any ObjectStore, target: $0.target) } }
        let parts = path.dropFirst(5).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let bucket = parts.first, !bucket.isEmpty else {
            Console.note("error: \(path) names no bucket; write s3://BUCKET")
            throw ExitCode(64)
        }
        let connector = S3Connector.ofThisProcess(log: Logger(label: "fleetsynth", factory: { _ in StandardErrorLog() }))
        do throws(S3Settings.Problem) {
            return (try store(bucket, connector), Verifier.Target(inBucket: parts.count == 2 ? parts[1] : ""))
        } catch {
            Console.note("error: \(error)")
            throw ExitCode(78)
        }
    }

    private func store(_ bucket: String, _ connector: S3Connector) throws(S3Settings.Problem) -> S3Store {
        guard let config else { return try connector.store(bucket: bucket) }
        let loaded: LoadedConfig
        do {
            loaded = try ConfigReader.load(
                bytes: try ConfigFile.read(path: config), file: config, environment: ProcessInfo.processInfo.environment,
                today: WallClock.today)
        } catch {
            throw S3Settings.Problem("\(error)")
        }
        var storage = loaded.spec.storage
        storage.bucketName = bucket
        return try connector.store(storage)
    }
}
