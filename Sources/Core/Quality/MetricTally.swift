/// What one pass over a metric's cells leaves behind, in whole numbers of its `ValueGrid`. Tallies of parts merge to that of the whole.
///
/// ```
/// slotSums, slotCells     class 0: slots 0 ... n - 1 | class 1: slots 0 ... n - 1 | ...     a slot is a step, or the steps of an hour
/// ```
/// Memory: one counter per bin (two where rows are made of several cells) and two per slot and class, whatever the number of rows. The tally of a part holds only the classes that occur
/// in it.
public struct MetricTally: Sendable {
    /// How values map to whole numbers and bins.
    public let grid: ValueGrid
    /// Cells of the steps on which servers exist, each once, missing ones included.
    public var cells = 0
    /// How many more cells the file has: those of duplicate rows, less those of rows that have not arrived.
    public var extra = 0
    /// Cells of rows that have not arrived.
    public var waiting = 0
    /// Cells of the file without a value.
    public var missing = 0
    /// Cells that are missing at random, each once.
    public var drawnMissing = 0
    /// Cells that each cause touches beside signal and noise, by the bit of `CellFlags`; a cell that two causes touch counts for both.
    public private(set) var causes = [Int](repeating: 0, count: 32)
    /// Missing cells that are not missing at random: the gate judges their values all the same, because what is missing for its value, or for
    /// long, would bend every mean.
    public var hidden = 0
    /// Cells at or above the metric's threshold of load, missing ones included; 0 where it has none.
    public var heavy = 0
    /// Sum of the published whole numbers less that of the judged ones, which `slotSums` holds.
    public var publishedExcess: Int64 = 0
    /// The same by slot, all classes together, and how many fewer cells are published than judged; empty where nothing differs.
    private(set) var slotExcess: [Int64] = []
    private(set) var slotHidden: [Int64] = []
    /// Cells that an outlier was drawn for.
    public var outliers = 0
    /// Cells present per bin.
    public var counts: [UInt64]
    /// Smallest and largest value written; nil where every cell is missing.
    public var smallest: Double?
    /// Largest value written; nil where every cell is missing.
    public var largest: Double?
    /// The classes that are held, in the order of the arrays.
    let classes: [Int]
    /// Slots of each class.
    public let slots: Int
    /// Sum of the whole numbers present per class and slot.
    public var slotSums: [Int64]
    /// Cells present per class and slot.
    public var slotCells: [Int64]
    /// What is known of each class's servers.
    var servers: [ServerTally]
    /// What the rows hold that are made of several cells each; nil where each row is a cell.
    public var rows: PublishedTally?
    /// Which servers there were when; nil where all are always there.
    var lives: LifeTally?

    /// An empty tally. Memory: 8 bytes per bin, 16 per slot and class.
    ///
    /// - Parameter present: The classes to hold, nil for all.
    package init(_ signal: MetricSignal, classes present: [Int]? = nil) {
        let classes = present ?? Array(signal.classes.indices)
        self.classes = classes
        grid = signal.grid
        slots = signal.steps.slots
        counts = [UInt64](repeating: 0, count: grid.bins)
        slotSums = [Int64](repeating: 0, count: slots * classes.count)
        // Of its own: a copy of zeros is made when it is written.
        slotCells = [Int64](repeating: 0, count: slots * classes.count)
        servers = [ServerTally](repeating: ServerTally(), count: classes.count)
    }

    /// Adds the tally of other servers over the same steps to one that holds all classes. Complexity: O(bins + slots * classes).
    public mutating func merge(_ other: MetricTally) {
        precondition(grid == other.grid && slots == other.slots, "tallies of the same metric and steps")
        precondition(other.classes.allSatisfy { $0 < classes.count && classes[$0] == $0 }, "a tally of all classes")
        cells += other.cells
        extra += other.extra
        waiting += other.waiting
        missing += other.missing
        drawnMissing += other.drawnMissing
        publishedExcess += other.publishedExcess
        if !other.slotExcess.isEmpty {
            keepExcess()
            for slot in 0..<slots {
                slotExcess[slot] += other.slotExcess[slot]
                slotHidden[slot] += other.slotHidden[slot]
            }
        }
        for bit in causes.indices { causes[bit] += other.causes[bit] }
        hidden += other.hidden
        heavy += other.heavy
        outliers += other.outliers
        for index in counts.indices { counts[index] += other.counts[index] }
        if let theirs = other.rows {
            if rows == nil { rows = theirs } else { rows?.merge(theirs) }
        }
        for (place, own) in other.classes.enumerated() {
            for slot in 0..<slots {
                slotSums[own * slots + slot] += other.slotSums[place * slots + slot]
                slotCells[own * slots + slot] += other.slotCells[place * slots + slot]
            }
            servers[own].merge(other.servers[place])
            if let theirs = other.lives {
                if lives == nil { lives = LifeTally(slots: slots, classes: classes.count) }
                lives?.merge(theirs, from: place, to: own)
            }
        }
        if let low = other.smallest, let high = other.largest { include(low, high) }
    }

    /// Widens the range of values written.
    mutating func include(_ low: Double, _ high: Double) {
        smallest = min(low, smallest ?? low)
        largest = max(high, largest ?? high)
    }

    /// Makes room for what differs by slot.
    mutating func keepExcess() {
        guard slotExcess.isEmpty else { return }
        slotExcess = [Int64](repeating: 0, count: slots)
        slotHidden = slotExcess
    }

    /// Notes that a cell of a slot is published with another number than the judged one; only after `keepExcess`.
    mutating func addExcess(_ difference: Int64, slot: Int) { slotExcess[slot] += difference }

    /// Notes that a judged cell of a slot is not published; only after `keepExcess`.
    mutating func hide(_ judged: Int64, slot: Int) {
        slotExcess[slot] -= judged
        slotHidden[slot] += 1
    }

    /// The same for the steps of many servers; only after `keepExcess`.
    ///
    /// - Parameters:
    ///   - excess: By step, published numbers less judged ones, both above `lowest`; what is not published counts as 0.
    ///   - hidden: By step, judged cells that are not published.
    mutating func addExcess(_ excess: UnsafePointer<Int32>, hidden: UnsafePointer<Int32>, stepsPerSlot: Int, lowest: Int64) {
        var step = 0
        for slot in 0..<slots {
            for _ in 0..<stepsPerSlot {
                slotExcess[slot] += Int64(excess[step]) - Int64(hidden[step]) * lowest
                slotHidden[slot] += Int64(hidden[step])
                step += 1
            }
        }
    }

    /// Notes that a published cell of a slot stands in the file so many times more often, -1 for not at all; only after `keepExcess`.
    mutating func publish(_ number: Int64, times: Int64, slot: Int) {
        slotExcess[slot] += times * number
        slotHidden[slot] -= times
    }

    /// Counts the cells that a cause touches.
    mutating func add(_ cells: Int, of cause: CellFlags) { causes[cause.rawValue.trailingZeroBitCount] += cells }

    /// Cells that a cause touches.
    public func cells(of cause: CellFlags) -> Int { causes[cause.rawValue.trailingZeroBitCount] }

    /// Cells of the file, missing ones included.
    public var fileCells: Int { cells + extra }

    /// Cells of the file that hold a value.
    public var present: Int { fileCells - missing }

    /// Mean of the published whole numbers; the judged ones' where nothing is published.
    var meanWhole: Double {
        // In halves, which are added without a check of each sum: there are fewer than 2^31 slots.
        var (high, low) = (0 as Int64, 0 as UInt64)
        for sum in slotSums {
            high &+= sum >> 32
            low &+= UInt64(truncatingIfNeeded: sum) & 0xFFFF_FFFF
        }
        return Double(Int128(publishedExcess) + Int128(high) << 32 + Int128(low)) / Double(Swift.max(1, present))
    }

    /// Mean of each class and slot over its servers and steps, in the metric's unit; nil where every cell is missing.
    public var slotMeans: [Double?] {
        slotSums.indices.map { slotCells[$0] == 0 ? nil : grid.value(Double(slotSums[$0]) / Double(slotCells[$0])) }
    }
}

/// What a pass over the cells knows of the servers of one class.
struct ServerTally: Sendable {
    /// Mean of each server, in 1/16 steps of the grid.
    var means = Moments()
    /// Offset of each server, in 2^-16 of the bias's standard deviation; drawn whether or not that is 0.
    private(set) var bias = Moments()
    /// The same offsets in bins of a tenth of the standard deviation, from -6.4 to 6.4: clipping treats low and high ones differently.
    private(set) var biasBins = [Moments](repeating: Moments(), count: 128)

    /// Width of a bin, in 2^-16 of the bias's standard deviation.
    static let binWidth = 6554.0

    /// Adds one server's offset, in 2^-16 of the bias's standard deviation.
    mutating func addBias(_ deviate: Int64) {
        bias.add(deviate)
        biasBins[min(max(Int(deviate / 6554) + (deviate < 0 ? 63 : 64), 0), 127)].add(deviate)
    }

    mutating func merge(_ other: ServerTally) {
        means.merge(other.means)
        bias.merge(other.bias)
        for index in biasBins.indices { biasBins[index].merge(other.biasBins[index]) }
    }
}

extension MetricTally {
    /// What `write` appends, alone.
    package var encoded: [UInt8] {
        var output = TallyWriter()
        write(to: &output)
        return output.bytes
    }

    /// Adds what `encoded` has of another tally.
    package mutating func merge(encoded bytes: [UInt8]) throws {
        var input = TallyReader(bytes[...])
        try merge(from: &input)
        guard input.isAtEnd else { throw TallyReader.Damage(problem: "it goes on after its end") }
    }

    /// Appends a tally of all classes. Complexity: O(bins + slots * classes).
    func write(to output: inout TallyWriter) {
        precondition(classes == Array(classes.indices), "a tally of all classes")
        output.put(signed: Int64(extra))
        for count in [cells, waiting, missing, drawnMissing, hidden, heavy, outliers] { output.put(count) }
        output.put(signed: publishedExcess)
        output.put(slotExcess.isEmpty ? 0 : 1)
        if !slotExcess.isEmpty {
            output.put(slotExcess)
            output.put(slotHidden)
        }
        output.put(causes.map { Int64($0) })
        output.put(counts.map { Int64(bitPattern: $0) })
        output.put(smallest)
        output.put(largest)
        output.put(slotSums)
        output.put(slotCells)
        for server in servers { server.write(to: &output) }
        output.put(lives == nil ? 0 : 1)
        lives?.write(to: &output)
        output.put(rows == nil ? 0 : 1)
        rows?.write(to: &output)
    }

    /// Adds the tally of other servers over the same steps that another process wrote, to one that holds all classes; after an error it is void.
    mutating func merge(from input: inout TallyReader) throws(TallyReader.Damage) {
        var more = Int64(extra)
        try input.add(to: &more)
        extra = Int(more)
        try input.add(to: &cells)
        try input.add(to: &waiting)
        try input.add(to: &missing)
        try input.add(to: &drawnMissing)
        try input.add(to: &hidden)
        try input.add(to: &heavy)
        try input.add(to: &outliers)
        try input.add(to: &publishedExcess)
        if try input.count() == 1 {
            keepExcess()
            try input.add(to: &slotExcess)
            try input.add(to: &slotHidden)
        }
        try input.add(to: &causes)
        try input.add(to: &counts)
        let (low, high) = (try input.double(), try input.double())
        if let low, let high { include(low, high) }
        try input.add(to: &slotSums)
        try input.add(to: &slotCells)
        for index in servers.indices { try servers[index].merge(from: &input) }
        if try input.count() == 1 {
            var lives = lives ?? LifeTally(slots: slots, classes: classes.count)
            try lives.merge(from: &input)
            self.lives = lives
        }
        guard try input.count() == 1 else { return }
        rows = try PublishedTally.merged(rows, cellSlots: slots, bins: counts.count, from: &input)
    }
}

extension ServerTally {
    fileprivate func write(to output: inout TallyWriter) {
        means.write(to: &output)
        bias.write(to: &output)
        output.put(biasBins.map { Int64($0.count) })
        for bin in biasBins where bin.count > 0 { bin.write(to: &output) }
    }

    fileprivate mutating func merge(from input: inout TallyReader) throws(TallyReader.Damage) {
        try means.merge(from: &input)
        try bias.merge(from: &input)
        var filled = [Int64](repeating: 0, count: biasBins.count)
        try input.add(to: &filled)
        for index in biasBins.indices where filled[index] > 0 { try biasBins[index].merge(from: &input) }
    }
}
