import Core
import FoundationEssentials
import Logging
import S3

/// The store that a config names, and how its places are written for people.
struct PublishTarget {
    let store: any ObjectStore
    /// `var/data`, `s3://bucket`.
    let root: String

    /// - Throws: What is wrong with the settings for S3.
    init(_ spec: StorageSpec, _ connector: S3Connector) throws(S3Settings.Problem) {
        guard spec.useS3 else {
            let local = LocalStore(root: spec.localBasePath)
            (store, root) = (local, local.root)
            return
        }
        store = try connector.store(spec)
        root = "s3://\(spec.bucketName)"
    }

    /// Where a key is.
    func path(of key: ObjectKey) -> String { root == "/" ? "/\(key)" : "\(root)/\(key)" }
}

extension S3Connector {
    /// A connector with this process's environment and clock.
    static func ofThisProcess(log: Logger) -> S3Connector {
        S3Connector(environment: ProcessInfo.processInfo.environment, now: { WallClock.now.seconds }) { settings, notice in
            StoreLog(log).note(notice, settings)
        }
    }
}

/// What is said about S3 stores.
struct StoreLog {
    private let log: Logger

    init(_ log: Logger) { self.log = log }

    func note(_ notice: S3Store.Notice, _ settings: S3Settings) {
        let data: Logger.Metadata = ["endpoint": "\(settings.endpointText)"]
        switch notice {
        case .conditionalWrites(true): log.debug("the store honours conditions on writes", metadata: data)
        case .conditionalWrites(false):
            log.warning(
                "the store ignores conditions on writes, so each write looks first; let one service at a time publish a dataset there",
                metadata: data)
        case .checksumsRefused:
            log.notice("the store knows no checksums, so uploads go without; signatures still cover their content", metadata: data)
        case .abortedUploads(let key, let count):
            log.notice(
                "aborted \(count) unfinished uploads of an earlier run", metadata: data.merging(["artifact": "\(key)"]) { own, _ in own })
        case .keys(let source): log.info("keys for the store come from \(source)", metadata: data)
        case .keysNotRenewed(let problem):
            log.warning("keys could not be renewed: \(problem) They are used until they end.", metadata: data)
        case .lockLost(let key):
            log.warning(
                "another process took the lock, because this one was silent for too long",
                metadata: data.merging(["lock": "\(key)"]) { own, _ in own })
        }
    }
}
