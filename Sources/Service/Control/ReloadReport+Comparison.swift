public import Core

extension ReloadReport {
    /// A config file that there is a word about.
    public struct Version: Sendable {
        let file: String
        let dataset: String
        let hash: ContentHash?

        /// - Parameters:
        ///   - file: Its name in the config directory.
        ///   - dataset: The dataset's name.
        ///   - hash: The content in force; nil where there is none.
        public init(file: String, dataset: String, hash: ContentHash?) {
            self.file = file
            self.dataset = dataset
            self.hash = hash
        }
    }

    /// A file that is refused.
    public struct Refusal: Sendable {
        let file: String
        let dataset: String
        let problems: [ConfigProblem]

        /// - Parameters:
        ///   - file: Its name in the config directory.
        ///   - dataset: The dataset's name.
        ///   - problems: What is wrong.
        public init(file: String, dataset: String, problems: [ConfigProblem]) {
            self.file = file
            self.dataset = dataset
            self.problems = problems
        }

        /// - Parameter config: What the watcher refuses.
        public init(_ config: RefusedConfig) { self.init(file: config.file, dataset: config.dataset, problems: config.problems) }
    }

    /// Compares what there was with what there is: each file is in the report once.
    ///
    /// - Parameters:
    ///   - before: Every file before.
    ///   - after: Every file now.
    ///   - refused: What is refused now, whether something of it is in force or not.
    ///   - directory: The config directory.
    ///   - interruption: Why the reload did not come to its end.
    public init(before: [Version], after: [Version], refused: [Refusal], directory: String, interruption: String?) {
        func path(_ file: String) -> String { PathResolver.join(directory, file) }
        let isRefused = Set(refused.map(\.file))
        var old: [String: ContentHash] = [:]
        for version in before { old[version.dataset] = version.hash ?? old[version.dataset] }
        var configs = refused.map { Config(file: path($0.file), dataset: $0.dataset, outcome: .refused, problems: $0.problems) }
        for version in after where version.hash != nil && !isRefused.contains(version.file) {
            let outcome = old[version.dataset] == version.hash ? Outcome.unchanged : .applied
            configs.append(Config(file: path(version.file), dataset: version.dataset, outcome: outcome))
        }
        let files = Set(after.map(\.file)).union(isRefused)
        let datasets = Set(after.filter { $0.hash != nil }.map(\.dataset))
        for version in before where !files.contains(version.file) {
            // A dataset whose file has another name now did not go.
            if version.hash == nil || !datasets.contains(version.dataset) {
                configs.append(Config(file: path(version.file), dataset: version.dataset, outcome: .removed))
            }
        }
        self.init(configs.sorted { $0.file.utf8.lexicographicallyPrecedes($1.file.utf8) }, interruption: interruption)
    }
}
