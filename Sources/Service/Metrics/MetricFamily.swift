/// What a metric is called, what it counts, and which labels tell its series apart.
///
/// Names follow Prometheus's conventions: base units (seconds, bytes), the unit last, `_total` on counters.
public struct MetricFamily: Hashable, Sendable {
    /// How values move.
    public enum Kind: Hashable, Sendable {
        /// Only grows, from 0 at the start of the process.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts of values up to each bound, with their sum. The bounds ascend; the one of infinity is added.
        case histogram(bounds: [Double])

        /// The word after `# TYPE`.
        var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// `fleetsynth_runs_total`.
    public let name: String
    /// How values move.
    public let kind: Kind
    /// The labels' names, in the order in which values are given.
    public let labels: [String]
    /// One sentence for people.
    public let help: String
    /// Where the dataset's name stands among the labels; nil where there is none.
    let datasetLabel: Int?

    /// - Parameters: As the properties of the same names.
    public init(_ name: String, _ kind: Kind, _ labels: [String] = [], _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
        datasetLabel = labels.firstIndex(of: "dataset")
    }

    /// Equal where names are.
    public static func == (left: MetricFamily, right: MetricFamily) -> Bool { left.name == right.name }

    /// Equal where names are.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
