/// A dataset that was read and found right.
public struct LoadedConfig: Equatable, Sendable {
    /// The dataset.
    public let spec: DatasetSpec
    /// Every value with who gave it.
    public let effective: EffectiveConfig
    /// What is allowed and probably not meant, sorted by place.
    public let warnings: [ConfigProblem]
}

/// Turns the bytes of a config file into a dataset.
public enum ConfigLoader {
    /// Reads, overrides and checks a config. Pure: the file's bytes, the environment and the day come in as values.
    ///
    /// Precedence: flag, environment, file, default. A value of the file is checked even when an override hides it.
    ///
    /// - Parameters:
    ///   - bytes: The file's content, UTF-8.
    ///   - file: The file's path, for messages.
    ///   - name: The dataset's name; nil for the stem of `file`.
    ///   - environment: All environment variables; those that start with `FLEETSYNTH__` are overrides.
    ///   - flags: Key path and YAML text of each `--set`, in order. `--env X` is `(general.env, X)`.
    ///   - today: The day that relative dates are measured from, for the checks of the window. The spec keeps them relative.
    /// - Throws: All problems at once, warnings among them.
    public static func load(
        bytes: [UInt8], file: String, name: String? = nil, environment: [String: String] = [:], flags: [(path: String, value: String)] = [],
        today: Day
    ) throws(ConfigProblems) -> LoadedConfig {
        var problems = ProblemCollector(file: file, bytes: bytes)
        let name = name ?? self.name(ofFile: file)
        checkName(name, &problems)
        guard let document = DocumentReader.read(bytes, source: .file, problems: &problems) else { throw ConfigProblems(problems.sorted()) }
        let root = document.root ?? emptyRoot
        requireData(root, &problems)

        let overrides = ConfigOverrides.apply(environment: environment, flags: flags, to: root, problems: &problems)
        var validator = ConfigValidator(problems: problems)
        for hidden in overrides.hidden { validator.validateHidden(hidden.node, key: hidden.key, path: hidden.path) }
        validator.validate(overrides.root)
        problems = Contradictions.check(validator, name: name, today: today)
        guard !problems.hasErrors else { throw ConfigProblems(problems.sorted()) }
        let builder = SpecBuilder(settings: validator.settings, metrics: validator.metrics)
        let spec = builder.spec(name: name)
        checkSize(of: spec, validator.settings, today: today, &problems)
        guard !problems.hasErrors else { throw ConfigProblems(problems.sorted()) }
        return LoadedConfig(
            spec: spec, effective: EffectiveConfig(validator.settings, metrics: validator.metrics, file: file),
            warnings: problems.sorted())
    }

    /// Whether a run fits into memory; a moving window is checked again by each run.
    private static func checkSize(of spec: DatasetSpec, _ settings: ConfigSettings, today: Day, _ problems: inout ProblemCollector) {
        do throws(PlanError) {
            _ = try PanelPlan(spec, today: today)
        } catch {
            let lifetime = ["growth", "commissioned", "decommission"].map { ConfigTable.lifetimePath + "." + $0 }
            let keys: [String] =
                switch error {
                case .noServers: lifetime
                case .noArrivals: [ConfigTable.messPath + ".late_rows.rate"]
                default: []
                }
            let path =
                keys.first { settings[$0]?.source != .standard }
                ?? (spec.data.aggregation == nil ? "data_generation.granularity" : ConfigTable.aggregationPath + ".of")
            let setting = settings[path]
            problems.add(error.found, remedy: error.remedy, path: path, at: setting?.place, source: setting?.source ?? .standard)
        }
    }

    /// The dataset's name for a config file: the last part of its path without `.yaml` or `.yml`.
    public static func name(ofFile path: String) -> String {
        let last = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? path
        for suffix in [".yaml", ".yml"] where last.hasSuffix(suffix) { return String(last.dropLast(suffix.count)) }
        return last
    }

    private static let start = Document.Place(line: 1, column: 1, endLine: 1, endColumn: 2)
    private static let emptyRoot = Document.Node(content: .mapping([]), place: start, source: .file)

    private static func checkName(_ name: String, _ problems: inout ProblemCollector) {
        let isRight =
            name.utf8.count <= 100 && (name.utf8.first.map { $0.isLetter || $0.isDigit } ?? false)
            && name.utf8.allSatisfy { $0.isLetter || $0.isDigit || "._-".utf8.contains($0) }
        if isRight { return }
        problems.add(
            "\(Quoting.quoted(name)) is no name for a dataset",
            expected: "1 to 100 letters, digits, dots, underscores and hyphens, starting with a letter or digit",
            remedy: "rename the file", at: nil)
    }

    /// A file that is empty or was cut off must not become a dataset of defaults.
    private static func requireData(_ root: Document.Node, _ problems: inout ProblemCollector) {
        let entries: [Document.Entry]
        switch root.content {
        case .mapping(let found): entries = found
        case .scalar where root.isNull: entries = []
        case .scalar, .sequence: return
        }
        if entries.contains(where: { $0.key == "data_generation" }) { return }
        problems.add(
            "the section data_generation is missing", remedy: "write data_generation: {} for a dataset of defaults",
            path: "data_generation",
            at: start)
    }
}
