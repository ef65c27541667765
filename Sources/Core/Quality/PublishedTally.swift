/// What a metric's published rows hold, in whole numbers of its `ValueGrid`. Tallies of parts merge to that of the whole.
public struct PublishedTally: Sendable {
    /// Rows, missing values included.
    public var rows: Int
    /// Rows without a value.
    public var missing: Int
    /// Sum of the whole numbers.
    var sum: Int128
    /// Values per bin.
    var counts: [UInt64]
    /// Smallest and largest value; nil where all are missing.
    var smallest: Double?
    var largest: Double?

    /// Rows that have a value.
    public var present: Int { rows - missing }

    /// Adds the tally of other rows.
    mutating func merge(_ other: PublishedTally) {
        rows += other.rows
        missing += other.missing
        sum += other.sum
        for bin in counts.indices { counts[bin] += other.counts[bin] }
        if let low = other.smallest, let high = other.largest {
            smallest = min(low, smallest ?? low)
            largest = max(high, largest ?? high)
        }
    }
}

extension MetricTally {
    /// What is published: the rows that are made of several cells, or the cells themselves.
    public var published: PublishedTally {
        rows
            ?? PublishedTally(
                rows: fileCells, missing: missing, sum: slotSums.reduce(Int128(publishedExcess)) { $0 + Int128($1) }, counts: counts,
                smallest: smallest, largest: largest)
    }
}
