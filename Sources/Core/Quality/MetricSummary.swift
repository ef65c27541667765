/// The distribution of one metric, as it goes into the log and the summary. Values in the metric's unit.
public struct MetricSummary: Sendable, Equatable, Codable {
    /// The metric's name.
    public let name: String
    /// The metric's unit as the config gives it, for people.
    public let unit: String
    /// Cells, missing ones included.
    public let cells: Int
    /// Cells without a value.
    public let missing: Int
    /// `missing` over `cells`, 0...1.
    public let missingShare: Double
    /// Cells that an outlier was drawn for.
    public let outliers: Int
    /// Nil where every cell is missing, like all below.
    public let mean: Double?
    /// Standard deviation of the sample (n - 1), as pandas computes it; nil below two values.
    public let std: Double?
    /// The smallest value.
    public let min: Double?
    /// Percentiles by nearest rank: the smallest value with at least that share of the values at or below it. Exact for rounded metrics.
    public let p5: Double?
    /// The median, by nearest rank.
    public let p50: Double?
    /// The 95th percentile, by nearest rank.
    public let p95: Double?
    /// The largest value.
    public let max: Double?

    enum CodingKeys: String, CodingKey {
        case name, unit, cells, missing
        case missingShare = "missing_share"
        case outliers, mean, std, min, p5, p50, p95, max
    }

    /// Works out the statistics of a tally. Complexity: O(bins), three passes.
    public init(_ tally: MetricTally, metric: MetricSpec) {
        name = metric.name
        unit = metric.unit
        cells = tally.cells
        missing = tally.missing
        missingShare = tally.cells == 0 ? 0 : Double(tally.missing) / Double(tally.cells)
        outliers = tally.outliers
        min = tally.smallest
        max = tally.largest
        let present = tally.present
        guard present > 0 else {
            (mean, std, p5, p50, p95) = (nil, nil, nil, nil, nil)
            return
        }
        let meanWhole = tally.meanWhole
        mean = tally.grid.value(meanWhole)
        std = present < 2 ? nil : (tally.squares(around: meanWhole) / Double(present - 1)).squareRoot() / tally.grid.scale
        p5 = Self.quantile(tally, 0.05)
        p50 = Self.quantile(tally, 0.50)
        p95 = Self.quantile(tally, 0.95)
    }

    private static func quantile(_ tally: MetricTally, _ share: Double) -> Double {
        let rank = Swift.max(1, (share * Double(tally.present)).rounded(.up))
        var seen: UInt64 = 0
        for (bin, count) in tally.counts.enumerated() where count > 0 {
            seen += count
            guard Double(seen) >= rank else { continue }
            // The middle of a wide bin may lie outside of what was written.
            let value = tally.grid.value(tally.middle(of: bin))
            return Swift.min(Swift.max(value, tally.smallest ?? value), tally.largest ?? value)
        }
        return tally.largest ?? 0
    }
}
