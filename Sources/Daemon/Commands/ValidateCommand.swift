import ArgumentParser
import Core
import FoundationEssentials
import Glibc
import Service

/// `fleetsynth validate`: everything that is wrong with the given configs, without making any data.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Checks config files and prints every problem of every file.",
        discussion: """
            A directory stands for its files ending in .yaml or .yml; names that start with a dot or end with ~ are left out. Environment \
            overrides (FLEETSYNTH__...) count. Exit code 0: all are right; 78: something is wrong; 66: a path does not exist.
            """)

    @Argument(help: "Config files, or directories of them.")
    var paths: [String]

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func run() throws {
        let outcome = ConfigCheck.check(
            paths, environment: ProcessInfo.processInfo.environment, today: WallClock.today)
        if json {
            Console.result(outcome.json)
        } else {
            for line in outcome.lines { Console.result(line) }
        }
        if outcome.isMissing { throw ExitCode(66) }
        if !outcome.isRight { throw ExitCode(78) }
    }
}

/// What `validate` found: a value, so that it is printed in either form.
struct ConfigCheck {
    private enum Result {
        case right(LoadedConfig, servers: Int, days: Int)
        case wrong([ConfigProblem])
        case unreadable(ConfigFileError)
    }

    private var files: [(path: String, result: Result)] = []
    private var conflicts: [ConfigProblem] = []

    static func check(_ paths: [String], environment: [String: String], today: Day) -> ConfigCheck {
        var check = ConfigCheck()
        var datasets: [(path: String, spec: DatasetSpec)] = []
        // A file that is given twice, alone and by its directory, is one file.
        var seen: Set<String> = []
        for path in paths.flatMap(files(at:)) where seen.insert(path).inserted {
            let result = load(path, environment: environment, today: today)
            if case .right(let loaded, _, _) = result { datasets.append((path, loaded.spec)) }
            check.files.append((path, result))
        }
        check.conflicts = ConfigSet.conflicts(datasets)
        return check
    }

    private static func load(_ path: String, environment: [String: String], today: Day) -> Result {
        let bytes: [UInt8]
        do {
            bytes = try ConfigFile.read(path: path)
        } catch {
            return .unreadable(error)
        }
        do {
            let loaded = try ConfigReader.load(bytes: bytes, file: path, environment: environment, today: today)
            let data = loaded.spec.data
            return .right(loaded, servers: data.servers, days: data.end.resolve(today: today) - data.start.resolve(today: today) + 1)
        } catch {
            return .wrong(error.problems)
        }
    }

    /// A directory's config files, sorted by name; anything else as it is.
    private static func files(at path: String) -> [String] {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory,
            let names = try? FileManager.default.contentsOfDirectory(atPath: path)
        else { return [path] }
        let base = path.hasSuffix("/") ? path : path + "/"
        return names.filter(isConfigName).sorted().map { base + $0 }
    }

    private static func isConfigName(_ name: String) -> Bool { !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml")) }

    // MARK: Results

    var isMissing: Bool {
        files.contains { file in
            if case .unreadable(let error) = file.result { error.code == .missing } else { false }
        }
    }

    var isRight: Bool {
        conflicts.isEmpty
            && files.allSatisfy { file in
                if case .right = file.result { true } else { false }
            }
    }

    var lines: [String] {
        var result: [String] = []
        for (path, outcome) in files {
            switch outcome {
            case .right(let loaded, let servers, let days):
                result += loaded.warnings.map(\.text)
                let isClean = !conflicts.contains { $0.source == path }
                if isClean { result.append("\(path): ok (dataset \(loaded.spec.name), \(servers) servers x \(days) days)") }
            case .wrong(let problems): result += problems.map(\.text)
            case .unreadable(let error): result.append(error.description)
            }
        }
        result += conflicts.map(\.text)
        if files.isEmpty { result.append("no config files (*.yaml, *.yml) found") }
        return result
    }

    /// `{"files": [{"path", "ok", "dataset", "servers", "days", "problems": [...]}], "ok": ...}`.
    var json: String {
        let members = files.map { path, outcome -> ConfigJSON in
            var members: [(String, ConfigJSON)] = [("path", .text(path))]
            var problems = conflicts.filter { $0.source == path }
            var isRight = problems.isEmpty
            switch outcome {
            case .right(let loaded, let servers, let days):
                members += [("dataset", .text(loaded.spec.name)), ("servers", .integer(Int128(servers))), ("days", .integer(Int128(days)))]
                problems = loaded.warnings + problems
            case .wrong(let found):
                problems = found
                isRight = false
            case .unreadable(let error):
                problems = [ConfigProblem(severity: .error, source: path, path: "", message: error.description)]
                isRight = false
            }
            members += [("ok", .boolean(isRight)), ("problems", .array(problems.map(\.json)))]
            return .sorted(members)
        }
        return ConfigJSON.sorted([("files", .array(members)), ("ok", .boolean(isRight))]).text
    }
}
