import Core
import FoundationEssentials
import Logging
import S3

/// The store that a config names, and how its places are written for people.
struct PublishTarget {
    let store: any ObjectStore
    /// `var/data`, `s3://bucket`.
    let root: String
    /// The endpoint that the config names, which a reader of the bucket needs too; nil for local stores and Amazon's own.
    let endpoint: String?

    /// - Throws: What is wrong with the settings for S3.
    init(_ spec: StorageSpec, _ connector: S3Connector) throws(S3Settings.Problem) {
        guard spec.useS3 else {
            let local = LocalStore(root: spec.localBasePath)
            (store, root, endpoint) = (local, local.root, nil)
            return
        }
        store = try connector.store(spec)
        root = "s3://\(spec.bucketName)"
        endpoint = spec.endpointURL
    }

    /// Where a key is.
    func path(of key: ObjectKey) -> String { root == "/" ? "/\(key)" : "\(root)/\(key)" }

    /// A command for a shell that opens a panel in pandas.
    func pandasCommand(_ panel: String) -> String {
        let options = endpoint.map { ", storage_options={'client_kwargs': {'endpoint_url': \(Self.pythonText($0))}}" } ?? ""
        let program = "import pandas as pd; print(pd.read_parquet(\(Self.pythonText(panel))\(options)).describe())"
        var quoted = ""
        for character in program {
            if "\"\\$`".contains(character) { quoted.append("\\") }
            quoted.append(character)
        }
        return "python3 -c \"\(quoted)\""
    }

    private static func pythonText(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}

extension S3Connector {
    /// A connector with this process's environment and clock.
    /// - Parameter traffic: Told of every request, from any thread.
    static func ofThisProcess(log: Logger, traffic: @escaping @Sendable (S3Traffic) -> Void = { _ in }) -> S3Connector {
        S3Connector(
            environment: ProcessInfo.processInfo.environment, now: { WallClock.now.seconds }, traffic: traffic,
            observe: { settings, notice in StoreLog(log).note(notice, settings) })
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
        case .cannotDelete(let key):
            log.warning(
                "these keys may not delete, so the lock stays and other machines wait for its end; allow s3:DeleteObject",
                metadata: data.merging(["lock": "\(key)"]) { own, _ in own })
        }
    }
}
