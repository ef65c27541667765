/// What is published of a metric, in whole numbers of its `ValueGrid`. Tallies of parts merge to that of the whole.
///
/// ```
/// slotSums, slotCells     one number per slot of the rows' time (a row's step, or those of an hour), all classes together
/// ```
public struct PublishedTally: Sendable {
    /// Rows, missing values included.
    public var rows: Int
    /// Rows without a value.
    public var missing: Int
    /// Sum of the whole numbers.
    var sum: Int128
    /// Sums and numbers of the values of each slot.
    var slotSums: [Int64]
    var slotCells: [Int64]
    /// Values per bin.
    package var counts: [UInt64]
    /// Smallest and largest value; nil where all are missing.
    var smallest: Double?
    var largest: Double?

    /// Rows that have a value.
    public var present: Int { rows - missing }

    /// Adds the tally of other rows over the same time.
    mutating func merge(_ other: PublishedTally) {
        rows += other.rows
        missing += other.missing
        sum += other.sum
        for slot in slotSums.indices {
            slotSums[slot] += other.slotSums[slot]
            slotCells[slot] += other.slotCells[slot]
        }
        for bin in counts.indices { counts[bin] += other.counts[bin] }
        if let low = other.smallest, let high = other.largest {
            smallest = min(low, smallest ?? low)
            largest = max(high, largest ?? high)
        }
    }
}

extension PublishedTally {
    /// Nothing published.
    private init(slots: Int, bins: Int) {
        self.init(
            rows: 0, missing: 0, sum: 0, slotSums: [Int64](repeating: 0, count: slots), slotCells: [Int64](repeating: 0, count: slots),
            counts: [UInt64](repeating: 0, count: bins), smallest: nil, largest: nil)
    }

    /// Appends it for another process. Complexity: O(bins + slots).
    func write(to output: inout TallyWriter) {
        output.put(slotSums.count)
        output.put(rows)
        output.put(missing)
        output.put(signed: sum)
        output.put(slotSums)
        output.put(slotCells)
        output.put(counts.map { Int64(bitPattern: $0) })
        output.put(smallest)
        output.put(largest)
    }

    /// Adds what another process wrote to what is held.
    ///
    /// - Parameters:
    ///   - held: Nil for nothing yet.
    ///   - cellSlots: Slots of the cells: rows have no more.
    static func merged(_ held: PublishedTally?, cellSlots: Int, bins: Int, from input: inout TallyReader) throws(TallyReader.Damage) -> Self
    {
        let slots = try input.count()
        guard (1...max(1, cellSlots)).contains(slots), held.map({ $0.slotSums.count == slots }) ?? true else {
            throw TallyReader.Damage(problem: "it is of another table")
        }
        var tally = held ?? PublishedTally(slots: slots, bins: bins)
        try input.add(to: &tally.rows)
        try input.add(to: &tally.missing)
        try input.add(to: &tally.sum)
        try input.add(to: &tally.slotSums)
        try input.add(to: &tally.slotCells)
        try input.add(to: &tally.counts)
        let (low, high) = (try input.double(), try input.double())
        if let low, let high {
            tally.smallest = min(low, tally.smallest ?? low)
            tally.largest = max(high, tally.largest ?? high)
        }
        return tally
    }
}

extension MetricTally {
    /// What is published: the rows that are made of several cells, or the cells themselves.
    ///
    /// - Complexity: O(1), for cells O(slots * classes).
    public var published: PublishedTally {
        if let rows { return rows }
        var (sums, present) = ([Int64](repeating: 0, count: slots), [Int64](repeating: 0, count: slots))
        for first in stride(from: 0, to: slotSums.count, by: max(1, slots)) {
            for slot in 0..<slots {
                sums[slot] += slotSums[first + slot]
                present[slot] += slotCells[first + slot]
            }
        }
        for slot in slotExcess.indices {
            sums[slot] += slotExcess[slot]
            present[slot] -= slotHidden[slot]
        }
        return PublishedTally(
            rows: fileCells, missing: missing, sum: slotSums.reduce(Int128(publishedExcess)) { $0 + Int128($1) }, slotSums: sums,
            slotCells: present, counts: counts, smallest: smallest, largest: largest)
    }
}
