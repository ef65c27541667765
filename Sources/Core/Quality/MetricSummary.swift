/// The distribution of one metric, as it goes into the log and the summary. Values in the metric's unit.
public struct MetricSummary: Sendable, Equatable, Codable {
    /// The metric's name.
    public let name: String
    /// The metric's unit as the config gives it, for people.
    public let unit: String
    /// Cells of the panel, missing ones included.
    public let cells: Int
    /// Cells without a value.
    public let missing: Int
    /// `missing` over `cells`, 0...1.
    public let missingShare: Double
    /// Cells that an outlier was drawn for, each once; where rows are made of finer cells, of those.
    public let outliers: Int
    /// Nil where every cell is missing, like all below.
    public let mean: Double?
    /// Standard deviation of the sample (n - 1), as pandas computes it; nil below two values, and, like the percentiles, where the values lie so
    /// close together between bounds so far apart that few of the 65,536 bins hold them.
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
        let (rows, grid) = (tally.published, tally.grid)
        cells = rows.rows
        missing = rows.missing
        missingShare = rows.rows == 0 ? 0 : Double(rows.missing) / Double(rows.rows)
        outliers = tally.outliers
        min = rows.smallest
        max = rows.largest
        let present = rows.present
        guard present > 0 else {
            (mean, std, p5, p50, p95) = (nil, nil, nil, nil, nil)
            return
        }
        let meanWhole = Double(rows.sum) / Double(present)
        mean = grid.value(meanWhole)
        // Full precision and fine decimals are counted in bins of the clip range: numbers of a few bins would be wrong and look exact.
        if grid.shift > 0, let low = rows.smallest, let high = rows.largest, low < high, high - low < Self.leastBins * grid.binWidth {
            (std, p5, p50, p95) = (nil, nil, nil, nil)
            return
        }
        // One value again and again does not lie in the middle of its bin.
        let squares = rows.smallest == rows.largest ? 0 : grid.squares(of: rows.counts, around: meanWhole)
        std = present < 2 ? nil : (squares / Double(present - 1)).squareRoot() / grid.scale
        p5 = Self.quantile(rows, grid, 0.05)
        p50 = Self.quantile(rows, grid, 0.50)
        p95 = Self.quantile(rows, grid, 0.95)
    }

    /// Bins that values must spread over for percentiles and a standard deviation that are right to a part in a hundred.
    private static let leastBins = 256.0

    private static func quantile(_ tally: PublishedTally, _ grid: ValueGrid, _ share: Double) -> Double {
        let rank = Swift.max(1, (share * Double(tally.present)).rounded(.up))
        var seen: UInt64 = 0
        for (bin, count) in tally.counts.enumerated() where count > 0 {
            seen += count
            guard Double(seen) >= rank else { continue }
            // The middle of a wide bin may lie outside of what was written.
            let value = grid.value(grid.middle(of: bin))
            return Swift.min(Swift.max(value, tally.smallest ?? value), tally.largest ?? value)
        }
        return tally.largest ?? 0
    }
}
