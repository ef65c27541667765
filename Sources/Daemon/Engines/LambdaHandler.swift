import CLinux
import Core
import Lambda
import Logging
import Reports
import S3
import Service

/// Does what an event asks for, as the commands of the same names do.
///
/// Nothing goes from one invocation to the next but connections to stores and what is known about them.
struct LambdaHandler {
    private let environment: [String: String]
    private let connector: S3Connector
    private let log: Logger
    /// What this function may be asked for: all, or what its handler setting names.
    private let actions: [LambdaEvent.Action]

    /// - Parameters:
    ///   - handler: The action that this function is for; empty, `bootstrap` or `fleetsynth` for every action.
    ///   - environment: Of the process: overrides of configs, and credentials.
    /// - Throws: Where the function cannot start, because there is no such action.
    init(allowing handler: String, environment: [String: String], log: Logger) throws(InvocationFailure) {
        self.environment = environment
        self.log = log
        connector = .ofThisProcess(log: log)
        if ["", "bootstrap", "fleetsynth"].contains(handler) {
            actions = LambdaEvent.Action.allCases
        } else if let action = LambdaEvent.Action(rawValue: handler) {
            actions = [action]
        } else {
            let known = ["fleetsynth"] + LambdaEvent.Action.allCases.map(\.rawValue)
            throw InvocationFailure(
                "Runtime.NoSuchHandler",
                "The function's handler is \(Quoting.quoted(handler)); expected one of \(known.joined(separator: ", ")).")
        }
    }

    /// - Returns: The answer's JSON text.
    /// - Throws: `InvocationFailure`, or `CancellationError`.
    @MainActor
    func callAsFunction(_ invocation: Invocation) async throws -> [UInt8] {
        let event = try LambdaEvent(invocation.event)
        guard actions.contains(event.work.action) else {
            throw InvocationFailure(
                "Event.Invalid",
                "This function does not \(event.work.action.rawValue); its handler allows \(actions.map(\.rawValue).joined(separator: ", "))."
            )
        }
        let today = event.today ?? WallClock.today
        let config = try await load(event, today: today)
        for warning in config.warnings { log.warning("\(warning.headline)") }
        let target: PublishTarget
        do throws(S3Settings.Problem) {
            target = try PublishTarget(config.spec.storage, connector)
        } catch {
            throw InvocationFailure("Config.Invalid", error.description)
        }
        do throws(RunError) {
            return switch event.work {
            case .generate: try await publish(event, config, target, today: today, invocation.requestID)
            case .shard(let shard): try await stage(shard, event, config, target, today: today)
            case .commit(let shards): try await commit(shards, event, config, target, today: today, invocation.requestID)
            }
        } catch {
            throw Self.failure(error)
        }
    }

    private func options(_ event: LambdaEvent, _ requestID: String) -> DatasetRun.Options {
        var options = DatasetRun.Options(runID: requestID, reason: "manual", threads: threads, toolVersion: Version.text)
        options.force = event.isForced
        options.report = HTMLReport()
        return options
    }

    private var threads: Int { Int(fleetsynth_usable_cpus()) }

    @MainActor
    private func publish(
        _ event: LambdaEvent, _ config: LoadedConfig, _ target: PublishTarget, today: Day, _ requestID: String
    ) async throws(RunError) -> [UInt8] {
        var report = RunReport(target, isJSON: false)
        let run = try DatasetRun(config, today: today, options: options(event, requestID))
        let outcome = try await run(in: target.store, clock: { WallClock.now }, observe: { report.observe($0) })
        return Array(report.json(outcome).utf8)
    }

    @MainActor
    private func stage(
        _ shard: Shard, _ event: LambdaEvent, _ config: LoadedConfig, _ target: PublishTarget, today: Day
    ) async throws(RunError) -> [UInt8] {
        let start = ContinuousClock.now
        var options = ShardRun.Options(threads: threads, toolVersion: Version.text)
        options.force = event.isForced
        let run = try ShardRun(config, shard: shard, today: today, options: options)
        if let note = run.note { log.warning("\(note)") }
        let outcome = try await run(in: target.store, clock: { WallClock.now })
        let result = ShardResult(outcome, config.spec.name, shard, target, seconds: (ContinuousClock.now - start) / .seconds(1))
        return Array(JSONText.compact(result).utf8)
    }

    @MainActor
    private func commit(
        _ shards: Int, _ event: LambdaEvent, _ config: LoadedConfig, _ target: PublishTarget, today: Day, _ requestID: String
    ) async throws(RunError) -> [UInt8] {
        var report = RunReport(target, isJSON: false)
        let commit = try ShardCommit(config, shards: shards, today: today, options: options(event, requestID))
        let outcome = try await commit(in: target.store, clock: { WallClock.now }, observe: { report.observe($0) })
        return Array(report.json(outcome).utf8)
    }

    // MARK: The config

    @MainActor
    private func load(_ event: LambdaEvent, today: Day) async throws -> LoadedConfig {
        let (bytes, file) = try await read(event)
        do throws(ConfigProblems) {
            return try ConfigReader.load(
                bytes: bytes, file: file, name: event.name, environment: environment,
                flags: event.sets + [(path: "general.env", value: "lambda")], today: today)
        } catch {
            throw InvocationFailure("Config.Invalid", error.text)
        }
    }

    @MainActor
    private func read(_ event: LambdaEvent) async throws -> (bytes: [UInt8], file: String) {
        switch event.config {
        case .text(let text): return (Array(text.utf8), "\(event.name).yaml")
        case .object(let bucket, let key, let uri):
            do {
                guard let object = try await connector.store(bucket: bucket).get(key, limit: UInt64(ConfigFile.sizeLimit)) else {
                    throw InvocationFailure("Config.Missing", "There is no object \(Quoting.visible(uri)). Check config_uri.")
                }
                return (object.bytes, uri)
            } catch let error as StoreError {
                if Task.isCancelled { throw CancellationError() }
                throw Self.failure(.store(error))
            } catch let error as S3Settings.Problem {
                throw InvocationFailure("Config.Missing", "\(Quoting.visible(uri)) cannot be read: \(error)")
            }
        }
    }

    // MARK: Errors

    /// What a state machine may retry by: `Store.Unavailable`, `Store.Unknown` and `Store.Busy` pass, the others stay until somebody acts.
    private static func failure(_ error: RunError) -> any Error {
        switch error {
        case .cancelled: CancellationError()
        case .plan: InvocationFailure("Config.Invalid", error.description)
        case .quality: InvocationFailure("Quality.Failed", error.description)
        case .store(let problem): InvocationFailure(type(of: problem), error.description)
        case .shards(.missing), .shards(.gone), .shards(.otherConfig): InvocationFailure("Shards.Missing", error.description)
        case .shards(.damaged): InvocationFailure("Shards.Damaged", error.description)
        case .shards: InvocationFailure("Config.Invalid", error.description)
        }
    }

    private static func type(of error: StoreError) -> String {
        switch (error.code, error.outcome) {
        case (_, .unknown): "Store.Unknown"
        case (.busy, _): "Store.Busy"
        case (.permissionDenied, _): "Store.Denied"
        case (.missingStore, _): "Store.Missing"
        case (.unavailable, _), (_, .retryable): "Store.Unavailable"
        case (_, .permanent): "Store.Failed"
        }
    }
}
