import ArgumentParser
import Core
import FoundationEssentials
import Glibc
import Service

/// What every command that reads one config takes.
struct ConfigOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The dataset's YAML file.", valueName: "file"))
    var config: String

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
        return try Self.load(file: config, flags: flags, today: today)
    }

    /// The same for a file and the key paths and YAML texts of overrides.
    static func load(file: String, flags: [(path: String, value: String)], today: Day) throws -> LoadedConfig {
        let bytes: [UInt8]
        do {
            bytes = try ConfigFile.read(path: file)
        } catch {
            Console.note(error.description)
            throw ExitCode(exitCode(error.code))
        }
        do {
            let loaded = try ConfigReader.load(
                bytes: bytes, file: file, environment: ProcessInfo.processInfo.environment, flags: flags, today: today)
            for warning in loaded.warnings { Console.note(warning.text) }
            return loaded
        } catch {
            Console.note(error.text)
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
    private static var seconds: Int {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec
    }

    private static func floorDay(_ seconds: Int) -> Int { seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400) }
}
