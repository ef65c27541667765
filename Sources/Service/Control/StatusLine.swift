public import Core

/// The service in one line, for `systemctl status` (S10): `12 datasets in /etc/fleetsynth; 1 refused: bad.yaml; running web 40 %; failed: old; next
/// db at 2026-11-25T02:15:00Z`.
public struct StatusLine: Hashable, Sendable {
    /// Datasets in force.
    public var datasets: Int
    /// Files that are refused now, by name.
    public var refused: [String]
    /// The runs in progress: dataset, and how much is done, 0...100.
    public var running: [Running]
    /// The next scheduled run.
    public var next: Next?
    /// Datasets whose last run failed, by name.
    public var failed: [String]
    /// The watched directory.
    public var directory: String
    /// What is not normal about watching it, a sentence each.
    public var problems: [String]

    /// A run in progress.
    public struct Running: Hashable, Sendable {
        /// The dataset.
        public var dataset: String
        /// How much is done, 0...100.
        public var percent: Int

        /// - Parameters: As the properties of the same names.
        public init(dataset: String, percent: Int) {
            self.dataset = dataset
            self.percent = percent
        }
    }

    /// A scheduled run.
    public struct Next: Hashable, Sendable {
        /// The dataset.
        public var dataset: String
        /// When.
        public var due: Moment

        /// - Parameters: As the properties of the same names.
        public init(dataset: String, due: Moment) {
            self.dataset = dataset
            self.due = due
        }
    }

    /// Names of each kind that are spelled out; the rest is a number.
    private static let named = 3

    /// - Parameters: As the properties of the same names.
    public init(
        datasets: Int, refused: [String], running: [Running], next: Next?, failed: [String], directory: String, problems: [String] = []
    ) {
        self.datasets = datasets
        self.refused = refused
        self.running = running
        self.next = next
        self.failed = failed
        self.directory = directory
        self.problems = problems
    }

    /// The line.
    public var text: String {
        var parts = ["\(datasets) dataset\(datasets == 1 ? "" : "s") in \(directory)"] + problems
        if !refused.isEmpty { parts.append("\(refused.count) refused: \(Self.list(refused))") }
        if !running.isEmpty { parts.append("running \(Self.list(running.map { "\($0.dataset) \($0.percent) %" }))") }
        if !failed.isEmpty { parts.append("failed: \(Self.list(failed))") }
        if let next { parts.append("next \(next.dataset) at \(next.due)") }
        return parts.joined(separator: "; ")
    }

    private static func list(_ names: [String]) -> String {
        let rest = names.count - named
        return names.prefix(named).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
