/// What one pass over a metric's cells leaves behind, in whole numbers of its `ValueGrid`. Tallies of parts merge to that of the whole.
///
/// Memory: one counter per bin and two per day, whatever the number of rows.
public struct MetricTally: Sendable {
    /// How values map to whole numbers and bins.
    public let grid: ValueGrid
    /// Cells, missing ones included.
    public var cells = 0
    /// Cells without a value.
    public var missing = 0
    /// Cells that an outlier was drawn for.
    public var outliers = 0
    /// Cells present per bin.
    public var counts: [UInt64]
    /// Smallest and largest value written; nil where every cell is missing.
    public var smallest: Double?
    /// Largest value written; nil where every cell is missing.
    public var largest: Double?
    /// Sum of the whole numbers present per day.
    public var daySums: [Int64]
    /// Cells present per day.
    public var dayCells: [Int64]
    /// Mean of each server, in 1/16 steps of the grid.
    public var serverMeans = Moments()
    /// Offset of each server, in 2^-16 of the bias's standard deviation; drawn whether or not that is 0.
    public private(set) var serverBias = Moments()
    /// The same offsets in bins of a tenth of the standard deviation, from -6.4 to 6.4: clipping treats low and high ones differently.
    private(set) var biasBins = [Moments](repeating: Moments(), count: 128)

    /// An empty tally. Memory: 8 bytes per bin and 16 per day.
    public init(grid: ValueGrid, days: Int) {
        self.grid = grid
        counts = [UInt64](repeating: 0, count: grid.bins)
        daySums = [Int64](repeating: 0, count: days)
        dayCells = [Int64](repeating: 0, count: days)
    }

    /// Adds the tally of other servers over the same days. Complexity: O(bins + days).
    public mutating func merge(_ other: MetricTally) {
        precondition(grid == other.grid && daySums.count == other.daySums.count, "tallies of the same metric and days")
        cells += other.cells
        missing += other.missing
        outliers += other.outliers
        for index in counts.indices { counts[index] += other.counts[index] }
        for index in daySums.indices {
            daySums[index] += other.daySums[index]
            dayCells[index] += other.dayCells[index]
        }
        if let low = other.smallest, let high = other.largest { include(low, high) }
        serverMeans.merge(other.serverMeans)
        serverBias.merge(other.serverBias)
        for index in biasBins.indices { biasBins[index].merge(other.biasBins[index]) }
    }

    /// Adds one server's offset, in 2^-16 of the bias's standard deviation.
    mutating func addBias(_ deviate: Int64) {
        serverBias.add(deviate)
        biasBins[min(max(Int(deviate / 6554) + (deviate < 0 ? 63 : 64), 0), 127)].add(deviate)
    }

    /// Widens the range of values written.
    mutating func include(_ low: Double, _ high: Double) {
        smallest = min(low, smallest ?? low)
        largest = max(high, largest ?? high)
    }

    /// Cells that hold a value.
    public var present: Int { cells - missing }

    /// Mean of each day over the servers, in the metric's unit; nil where every cell is missing.
    public var dayMeans: [Double?] {
        daySums.indices.map { dayCells[$0] == 0 ? nil : grid.value(Double(daySums[$0]) / Double(dayCells[$0])) }
    }
}
