/// Values of metrics. A value: whoever shares it puts a lock around it.
///
/// Series are bounded: labels take words of our own making, and at most `datasetLimit` datasets have series of their own. What would
/// be said of any other is dropped.
public struct MetricsState: Sendable {
    /// One series.
    enum Sample: Hashable, Sendable {
        case value(Double)
        /// How many values lie above the bound before and not above this one; the last count is of those above all bounds.
        case histogram(counts: [UInt64], sum: Double)
    }

    /// Datasets that have series of their own unless told.
    public static let defaultDatasetLimit = 2_000

    private(set) var series: [MetricFamily: [[String]: Sample]] = [:]
    private let datasetLimit: Int
    private var datasets: Set<String> = []

    /// Without any series.
    public init(datasetLimit: Int = Self.defaultDatasetLimit) { self.datasetLimit = datasetLimit }

    /// Adds to a counter.
    /// - Parameters:
    ///   - labels: Values, in the order of the family's labels.
    ///   - amount: 0 or more; 0 makes the series appear.
    public mutating func add(_ family: MetricFamily, _ labels: [String] = [], _ amount: Double = 1) {
        precondition(family.kind == .counter && amount >= 0, "a counter only grows")
        change(family, labels) { old in
            if case .value(let value) = old { .value(value + amount) } else { .value(amount) }
        }
    }

    /// Gives a gauge its value, or a counter that somebody else keeps.
    public mutating func set(_ family: MetricFamily, _ labels: [String] = [], to value: Double) {
        change(family, labels) { _ in .value(value) }
    }

    /// Whether a series is there.
    public func has(_ family: MetricFamily, _ labels: [String] = []) -> Bool { series[family]?[labels] != nil }

    /// Counts a value in a histogram.
    /// - Complexity: O(bounds).
    public mutating func observe(_ family: MetricFamily, _ labels: [String] = [], _ value: Double) {
        guard case .histogram(let bounds) = family.kind else { preconditionFailure("\(family.name) is no histogram") }
        change(family, labels) { old in
            var (counts, sum) = ([UInt64](repeating: 0, count: bounds.count + 1), 0.0)
            if case .histogram(let before, let total) = old { (counts, sum) = (before, total) }
            counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
            return .histogram(counts: counts, sum: sum + value)
        }
    }

    /// Forgets everything about a dataset.
    public mutating func forget(_ dataset: String) {
        guard datasets.remove(dataset) != nil else { return }
        for family in series.keys {
            guard let place = family.datasetLabel else { continue }
            series[family] = series[family]?.filter { $0.key[place] != dataset }
        }
    }

    /// Forgets every dataset but these.
    /// - Returns: How many of these have no series of their own, because there are too many.
    @discardableResult
    public mutating func retain(_ names: Set<String>) -> Int {
        for gone in datasets.subtracting(names) { forget(gone) }
        for name in names.subtracting(datasets).sorted().prefix(max(0, datasetLimit - datasets.count)) { datasets.insert(name) }
        return names.count - datasets.count
    }

    private mutating func change(_ family: MetricFamily, _ labels: [String], _ body: (Sample?) -> Sample) {
        precondition(labels.count == family.labels.count, "\(family.name) has the labels \(family.labels)")
        if let place = family.datasetLabel, !datasets.contains(labels[place]) {
            guard datasets.count < datasetLimit else { return }
            datasets.insert(labels[place])
        }
        series[family, default: [:]][labels] = body(series[family]?[labels])
    }
}
