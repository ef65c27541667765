public import Core

/// What reading the configs again came to, for each of them.
public struct ReloadReport: Hashable, Sendable {
    /// What became of one config.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        case applied
        case unchanged
        /// It is wrong, and the last good one stays in force, where there was one. Also for a config that was wrong before already.
        case refused
        case removed
    }

    /// One config file.
    public struct Config: Hashable, Sendable {
        /// The file's path.
        public var file: String
        /// The dataset's name.
        public var dataset: String
        /// What became of it.
        public var outcome: Outcome
        /// Its errors and warnings.
        public var problems: [ConfigProblem]

        /// - Parameters: As the properties of the same names.
        public init(file: String, dataset: String, outcome: Outcome, problems: [ConfigProblem] = []) {
            self.file = file
            self.dataset = dataset
            self.outcome = outcome
            self.problems = problems
        }

        /// Equal where every member is.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(file)
            hasher.combine(outcome)
        }
    }

    /// Every config in the directory, and those that went away.
    public var configs: [Config]
    /// Why the reload did not come to its end; nil: it did. What is not listed then is as it was.
    public var interruption: String?

    /// - Parameters: As the properties of the same names.
    public init(_ configs: [Config], interruption: String? = nil) {
        self.configs = configs
        self.interruption = interruption
    }

    /// 78 if any config is wrong, as `fleetsynth validate` would say; 75 if the reload did not come to its end; 0.
    public var exitCode: Int32 {
        if configs.contains(where: { $0.outcome == .refused }) { return 78 }
        return interruption == nil ? 0 : 75
    }

    /// Every problem as `validate` prints it, then one line that sums up. No newline at the end.
    public var text: String {
        var lines = configs.flatMap { config in
            let refusal = config.outcome == .refused && config.problems.isEmpty ? ["\(config.file): refused"] : []
            return refusal + config.problems.map(\.text)
        }
        let counts = Outcome.allCases.compactMap { outcome in
            let count = configs.count { $0.outcome == outcome }
            return count == 0 ? nil : "\(count) \(outcome.rawValue)"
        }
        if !counts.isEmpty || interruption == nil {
            lines.append("reload: " + (counts.isEmpty ? "no configs" : counts.joined(separator: ", ")))
        }
        if configs.contains(where: { $0.outcome == .refused }) {
            lines.append("A refused config changes nothing: its last good version stays in force.")
        }
        if let interruption { lines.append("The reload did not come to its end: \(interruption)") }
        return PlainText.block(lines.joined(separator: "\n"))
    }

    /// One JSON object for programs, with a final newline.
    public var json: String {
        guard case .object(var members) = canonicalJSON else { return "" }
        members["exit_code"] = .integer(exitCode)
        return String(decoding: CanonicalJSON.object(members).bytes, as: UTF8.self)
    }

    package var canonicalJSON: CanonicalJSON {
        .object([
            "configs": .array(
                configs.map {
                    .object([
                        "file": .string($0.file), "dataset": .string($0.dataset), "outcome": .string($0.outcome.rawValue),
                        "problems": .array($0.problems.map(\.canonicalJSON)),
                    ])
                }),
            "interruption": interruption.map { .string($0) } ?? .null,
        ])
    }

    init?(_ json: CanonicalJSON) {
        guard let values = json["configs"]?.array else { return nil }
        var configs: [Config] = []
        for value in values {
            guard let file = value["file"]?.string, let dataset = value["dataset"]?.string,
                let outcome = value["outcome"]?.string.flatMap(Outcome.init(rawValue:)), let problems = value["problems"]?.array
            else { return nil }
            let read = problems.compactMap(ConfigProblem.init(_:))
            guard read.count == problems.count else { return nil }
            configs.append(Config(file: file, dataset: dataset, outcome: outcome, problems: read))
        }
        self.init(configs, interruption: json["interruption"]?.string)
    }
}

extension ConfigProblem {
    package var canonicalJSON: CanonicalJSON {
        var members: [String: CanonicalJSON] = [
            "severity": .string(severity.rawValue), "source": .string(source), "path": .string(path), "message": .string(message),
        ]
        for (name, number) in [("line", line), ("column", column)] {
            if let number { members[name] = .integer(number) }
        }
        for (name, text) in [("expected", expected), ("suggestion", suggestion), ("remedy", remedy), ("excerpt", excerpt)] {
            if let text { members[name] = .string(text) }
        }
        return .object(members)
    }

    fileprivate init?(_ json: CanonicalJSON) {
        guard let severity = json["severity"]?.string.flatMap(Severity.init(rawValue:)), let source = json["source"]?.string,
            let path = json["path"]?.string, let message = json["message"]?.string
        else { return nil }
        self.init(
            severity: severity, source: source, line: json["line"]?.integer(), column: json["column"]?.integer(), path: path,
            message: message, expected: json["expected"]?.string, suggestion: json["suggestion"]?.string, remedy: json["remedy"]?.string,
            excerpt: json["excerpt"]?.string)
    }
}
