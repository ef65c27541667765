/// One thing that is wrong with a config: where, what was found, what was expected, and the edit that repairs it.
public struct ConfigProblem: Codable, Equatable, Sendable {
    /// An error refuses the config; a warning does not.
    public enum Severity: String, Codable, Sendable { case error, warning }

    /// Whether the config is refused.
    public var severity: Severity
    /// The file's path, or `environment NAME`, or `flag PATH`.
    public var source: String
    /// Line in the file, from 1; nil when the problem has no place in a file.
    public var line: Int?
    /// Column in the line, from 1, in Unicode scalars.
    public var column: Int?
    /// Key path, for example `data_generation.metrics[0].base_std`; empty when the problem is the text itself.
    public var path: String
    /// What was found, for example `-3 is below 0`.
    public var message: String
    /// What would be right, for example `a number from 0 to 1e9`.
    public var expected: String?
    /// The name that was probably meant.
    public var suggestion: String?
    /// The edit that repairs it.
    public var remedy: String?
    /// The source line and a caret line below it.
    public var excerpt: String?

    /// - Parameters: as the properties of these names.
    public init(
        severity: Severity, source: String, line: Int? = nil, column: Int? = nil, path: String, message: String, expected: String? = nil,
        suggestion: String? = nil, remedy: String? = nil, excerpt: String? = nil
    ) {
        self.severity = severity
        self.source = source
        self.line = line
        self.column = column
        self.path = path
        self.message = message
        self.expected = expected
        self.suggestion = suggestion
        self.remedy = remedy
        self.excerpt = excerpt
    }

    /// The problem as compilers print theirs: one line, then an excerpt and the remedy, indented. No newline at the end.
    public var text: String {
        var result = headline
        if let excerpt {
            for line in excerpt.split(separator: "\n", omittingEmptySubsequences: false) { result += "\n    \(line)" }
        }
        if let remedy { result += "\n    remedy: \(remedy)" }
        return result
    }

    /// The first line of `text`: `config.yaml:12:7: data_generation.metrics[0].base_std: -3 is below 0; expected a number from 0 to 1e9`.
    public var headline: String {
        var result = source
        if let line { result += ":\(line)" }
        if let column { result += ":\(column)" }
        result += ": "
        if severity == .warning { result += "warning: " }
        if !path.isEmpty { result += path + ": " }
        result += message
        if let expected { result += "; expected \(expected)" }
        if let suggestion { result += "; did you mean \(suggestion)?" }
        return result
    }

    package var json: ConfigJSON {
        var members: [(String, ConfigJSON)] = [
            ("severity", .text(severity.rawValue)), ("source", .text(source)), ("path", .text(path)), ("message", .text(message)),
        ]
        if let line { members.append(("line", .integer(Int128(line)))) }
        if let column { members.append(("column", .integer(Int128(column)))) }
        for (name, value) in [("expected", expected), ("suggestion", suggestion), ("remedy", remedy), ("excerpt", excerpt)] {
            if let value { members.append((name, .text(value))) }
        }
        return .sorted(members)
    }
}

/// Everything that is wrong with one config, sorted by place.
public struct ConfigProblems: Error, Equatable, Sendable, CustomStringConvertible {
    /// The problems, at least one of them an error.
    public let problems: [ConfigProblem]

    /// - Parameter problems: At least one.
    public init(_ problems: [ConfigProblem]) {
        precondition(!problems.isEmpty, "no problem to report")
        self.problems = problems
    }

    /// All problems, one after the other, for people.
    public var text: String { problems.map(\.text).joined(separator: "\n") }
    /// The same as `text`.
    public var description: String { text }
    /// All problems as a JSON array, for machines; the members are those of `ConfigProblem`.
    public var json: String { ConfigJSON.array(problems.map(\.json)).text }
}
