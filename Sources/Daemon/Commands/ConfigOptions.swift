import ArgumentParser
import Core
import FoundationEssentials
import Glibc
import Service

/// What every command that reads one config takes.
struct ConfigOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The dataset's YAML file. With --env sagemaker the name of a file in the job's folder of configs, or nothing where there is one.",
            valueName: "file"))
    var config: String?

    @Option(
        name: .long, help: ArgumentHelp("Where the run takes place: local, sagemaker or lambda (overrides general.env).", valueName: "env"))
    var env: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Override one key, for example data_generation.num_servers=500. May be repeated.", valueName: "key=value"))
    var sets: [String] = []

    func validate() throws {
        for set in sets where !set.contains("=") {
            throw ValidationError("--set takes key=value, for example --set data_generation.num_servers=500; found '\(set)'.")
        }
        guard config == nil, sageMaker == nil else { return }
        // A slip in the word that says where a config is would else be taken for a missing config.
        if let named, RunEnvironment(rawValue: named) == nil {
            let known = RunEnvironment.allCases.map(\.rawValue)
            let near = Suggestions.nearest(to: named, among: known).map { " Did you mean '\($0)'?" } ?? ""
            throw ValidationError("There is no environment \(Quoting.quoted(named)): --env takes \(known.joined(separator: ", ")).\(near)")
        }
        throw ValidationError("Missing expected argument '--config <file>'")
    }

    /// What says `general.env` in the environment, and what begins a `--set` that does.
    static let environmentVariable = "FLEETSYNTH__GENERAL__ENV"
    static let environmentSet = "general.env="

    /// The value of `general.env` as far as command line and environment tell.
    private var named: String? {
        let set = sets.last { $0.hasPrefix(Self.environmentSet) }.map { String($0.dropFirst(Self.environmentSet.count)) }
        return env ?? set ?? ProcessInfo.processInfo.environment[Self.environmentVariable]
    }

    static func exitCode(_ code: ConfigFileError.Code) -> Int32 {
        switch code {
        case .missing: 66
        case .unreadable(EACCES), .unreadable(EPERM): 77
        case .unreadable: 74
        case .notRegular, .tooLarge: 78
        }
    }

    /// Reads and checks the config; prints every problem to standard error and leaves with 66 or 78 where there is one.
    func load(today: Day) throws -> LoadedConfig {
        var flags = sets.map { set in
            let parts = set.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (path: String(parts[0]), value: String(parts[1]))
        }
        if let env { flags.append((path: "general.env", value: env)) }
        let file = try file()
        let loaded = try Self.load(file: file, flags: flags, today: today)
        guard let override = SageMakerJob.ofThisProcess.storageOverride(for: loaded) else { return loaded }
        return try Self.load(file: file, flags: flags + [override], today: today)
    }

    /// The config's path.
    func file() throws -> String {
        guard let sageMaker else { return config ?? "" }
        do throws(SageMakerJob.Problem) {
            return try sageMaker.config(named: config)
        } catch {
            Console.failure("error: \(error)")
            throw ExitCode(error.exitCode)
        }
    }

    /// The job whose folders hold the config, where the command line or the environment says so.
    var sageMaker: SageMakerJob? { named == RunEnvironment.sagemaker.rawValue ? .ofThisProcess : nil }

    /// The same for a file and the key paths and YAML texts of overrides.
    static func load(file: String, flags: [(path: String, value: String)], today: Day) throws -> LoadedConfig {
        let bytes: [UInt8]
        do {
            bytes = try ConfigFile.read(path: file)
        } catch {
            Console.failure(error.description)
            throw ExitCode(exitCode(error.code))
        }
        do {
            let loaded = try ConfigReader.load(
                bytes: bytes, file: file, environment: ProcessInfo.processInfo.environment, flags: flags, today: today)
            for warning in loaded.warnings { Console.note(warning.text) }
            return loaded
        } catch {
            Console.failure(error.text)
            throw ExitCode(78)
        }
    }
}

/// The wall clock: read here and nowhere below.
enum WallClock {
    /// The day in UTC.
    static var today: Day { Day(number: floorDay(seconds)) }

    /// Now, in whole seconds.
    static var now: Moment { Moment(secondsSince1970: Int64(seconds)) }

    /// Not time(2): its coarse clock lags some milliseconds, so a run that starts at midnight sharp would still see the day before.
    private static var seconds: Int { reading.tv_sec }

    /// Now, in milliseconds since 1970.
    static var milliseconds: Int64 {
        let now = reading
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    private static var reading: timespec {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now
    }

    private static func floorDay(_ seconds: Int) -> Int { seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400) }
}
