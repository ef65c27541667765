public import Core

/// A config that is right.
public struct WatchedConfig: Equatable, Sendable {
    /// Its name in the config directory.
    public let file: String
    /// SHA-256 of the very bytes that `loaded` was read from.
    public let hash: ContentHash
    /// The dataset.
    public let loaded: LoadedConfig

    /// The dataset's name.
    public var dataset: String { loaded.spec.name }
}

/// A config that is wrong.
public struct RefusedConfig: Equatable, Sendable {
    /// Its name in the config directory.
    public let file: String
    /// The dataset's name.
    public let dataset: String
    /// What is wrong; at least one problem.
    public let problems: [ConfigProblem]
    /// The content that stays in force; nil when the file was never right.
    public let keeps: ContentHash?

    /// - Parameters: As the properties of the same names.
    public init(file: String, dataset: String, problems: [ConfigProblem], keeps: ContentHash?) {
        self.file = file
        self.dataset = dataset
        self.problems = problems
        self.keeps = keeps
    }
}

/// What became of one file of the config directory. Each change is told once.
public enum ConfigChange: Equatable, Sendable {
    /// New content, and it is right: bring the dataset up to date.
    case apply(WatchedConfig)
    /// The content is wrong: report it; what was in force stays in force.
    case refuse(RefusedConfig)
    /// What was refused is right again, with the content that is in force: there is nothing to run.
    case restore(file: String, dataset: String)
    /// The file is gone: no more runs. What was published stays.
    case remove(file: String, dataset: String)

    /// The file's name in the config directory.
    public var file: String {
        switch self {
        case .apply(let config): config.file
        case .refuse(let config): config.file
        case .restore(let file, _), .remove(let file, _): file
        }
    }
}

/// Changes that were found together and count together (W5): first what goes, then the rest by file name.
public struct ConfigChangeSet: Equatable, Sendable {
    /// 1 for the first set, then one more each time.
    public let generation: Int
    /// At least one change, at most one per file.
    public let changes: [ConfigChange]
}
