/// How rows come from finer cells: one statistic of the cells of each row.
public struct AggregationSpec: Equatable, Sendable {
    /// What a row tells of its cells; missing ones are left out.
    public enum Statistic: String, CaseIterable, Sendable {
        /// The 95th percentile by nearest rank: the smallest cell with at least 95 per cent of the cells at or below it.
        case p95
        /// The mean, rounded as the metric is, half to even.
        case mean
        /// The largest cell.
        case max
    }

    /// What a row tells of its cells.
    public var statistic: Statistic
    /// Time between two rows of a server: a multiple of the time between two cells.
    public var rows: Granularity
}

extension DataSpec {
    /// Time between two rows of a server, which is that of the cells unless rows are made of several.
    public var rowGranularity: Granularity { aggregation?.rows ?? granularity }

    /// What rows tell of which cells, `p95 of hourly`; nil where each row is a cell of its own.
    public var aggregationText: String? { aggregation.map { "\($0.statistic.rawValue) of \(granularity)" } }
}
