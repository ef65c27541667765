public import Core

/// Reads a config as the service does. Every command goes through here, so that `validate` says what a reload would say.
public enum ConfigReader {
    /// `ConfigLoader.load`, and this machine must know the time zone of the schedule.
    ///
    /// - Parameters:
    ///   - bytes: The file's content.
    ///   - file: Its path, for messages and the dataset's name.
    ///   - name: The dataset's name; nil for the stem of `file`.
    ///   - environment: Overrides count, see `ConfigLoader`.
    ///   - flags: Overrides of the command line.
    ///   - today: The day that relative dates start from.
    ///   - zones: The machine's time zones.
    public static func load(
        bytes: [UInt8], file: String, name: String? = nil, environment: [String: String], flags: [(path: String, value: String)] = [],
        today: Day,
        zones: TimeZoneDatabase = TimeZoneDatabase()
    ) throws(ConfigProblems) -> LoadedConfig {
        let loaded = try ConfigLoader.load(bytes: bytes, file: file, name: name, environment: environment, flags: flags, today: today)
        guard let schedule = loaded.spec.schedule else { return loaded }
        do throws(TimeZoneError) {
            _ = try zones.rules(schedule.timeZone)
        } catch {
            throw ConfigProblems([problem(error, loaded, file: file)])
        }
        return loaded
    }

    private static func problem(_ error: TimeZoneError, _ loaded: LoadedConfig, file: String) -> ConfigProblem {
        let path = "schedule.timezone"
        var problem = ConfigProblem(
            severity: .error, source: file, path: path, message: error.description)
        switch loaded.effective.lines.first(where: { $0.path == path })?.origin {
        case .file(_, let line, let column):
            problem.line = line
            problem.column = column
        case .environment, .flag: problem.source = "\(loaded.effective.lines.first { $0.path == path }?.origin ?? .standard)"
        case .standard, nil: break
        }
        return problem
    }
}
