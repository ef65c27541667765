import Core
import FoundationEssentials
import Logging
import S3
import Service

/// What is published at a path of the command line: a manifest, a dataset's manifest folder, a base folder, or `s3://` with any of these.
struct PublishedPlace {
    let path: String
    /// A config whose storage section tells how to reach the bucket; nil for the environment.
    let config: String?

    /// Why nothing can be looked at; `exitCode` and a sentence.
    struct Problem: Error {
        let message: String
        let exitCode: Int32
    }

    /// - Returns: Nil where nothing is published at a local path.
    func locate() throws(Problem) -> (store: any ObjectStore, target: Verifier.Target)? {
        guard path.hasPrefix("s3://") else { return Verifier.locate(path).map { (store: $0.store as any ObjectStore, target: $0.target) } }
        let parts = path.dropFirst(5).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let bucket = parts.first, !bucket.isEmpty else {
            throw Problem(message: "\(path) names no bucket; write s3://BUCKET", exitCode: 64)
        }
        let connector = S3Connector.ofThisProcess(log: Logger(label: "fleetsynth", factory: { _ in StandardErrorLog() }))
        do throws(S3Settings.Problem) {
            return (try store(bucket, connector), Verifier.Target(inBucket: parts.count == 2 ? parts[1] : ""))
        } catch {
            throw Problem(message: "\(error)", exitCode: 78)
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
