/// Buffers of the rich path, one number per step of the run.
final class RichScratch {
    /// Before outliers and changes, in working values; not of narrow grids, as the next two.
    private(set) var clean: UnsafeMutablePointer<Double> = .allocate(capacity: 1)
    /// With outliers, without changes, as numbers.
    private(set) var judged: UnsafeMutablePointer<Double> = .allocate(capacity: 1)
    /// With everything, as numbers; missing steps have one, too.
    private(set) var published: UnsafeMutablePointer<Double> = .allocate(capacity: 1)
    /// The same of narrow grids, above their lowest, and how much more that is than the judged cells, all steps together.
    private(set) var row: UnsafeMutablePointer<UInt16> = .allocate(capacity: 1)
    var difference: Int64 = 0
    /// What happens to the server at hand, and whether anything does.
    var changes = CellChanges()
    var isTouched = false
    /// Whether cells that are there have other numbers.
    var isRenumbered = false
    /// Steps that are missing at random.
    var drawn: [Int32] = []
    /// Steps that are missing because their load is heavy.
    var underLoad: [Int32] = []
    /// Steps that are missing and not at random.
    var hidden: [Int32] = []
    /// Steps at or above the threshold of load.
    var heavy = 0
    private var (capacity, rowCapacity) = (1, 1)
    private var least: (level: Double, lowest: Double, value: Float)?

    /// Adds the cells of each cause of the server at hand to a tally.
    func count(in tally: inout MetricTally) {
        tally.add(underLoad.count, of: .missingUnderLoad)
        tally.heavy += heavy
        for gap in changes.gaps { tally.add(gap.steps.count, of: gap.cause) }
        for span in changes.changed { tally.add(span.steps.count, of: span.cause) }
        for stuck in changes.stuck { tally.add(stuck.steps.count, of: .stuckSensor) }
        for slip in changes.slips { tally.add(slip.steps.count, of: .unitSlip) }
    }

    /// The least number of single precision that makes a level or more when `lowest` is added in double precision.
    func leastNarrow(reaching level: Double, above lowest: Double) -> Float {
        if let least, least.level == level, least.lowest == lowest { return least.value }
        /// Numbers of single precision in their order, from minus to plus infinity.
        func number(_ index: Int) -> Float {
            let magnitude = Float(bitPattern: UInt32(index.magnitude))
            return index < 0 ? -magnitude : magnitude
        }
        var (below, reached) = (-0x7F80_0000, 0x7F80_0000)
        while reached - below > 1 {
            let middle = (below + reached) >> 1
            if Double(number(middle)) + lowest >= level { reached = middle } else { below = middle }
        }
        let value = number(reached)
        least = (level, lowest, value)
        return value
    }

    func reserve(_ count: Int) {
        guard capacity < count else { return }
        release()
        (clean, judged, published) = (.allocate(capacity: count), .allocate(capacity: count), .allocate(capacity: count))
        capacity = count
    }

    func reserveRow(_ count: Int) {
        guard rowCapacity < count else { return }
        row.deallocate()
        row = .allocate(capacity: count)
        rowCapacity = count
    }

    private func release() {
        clean.deallocate()
        judged.deallocate()
        published.deallocate()
    }

    deinit {
        release()
        row.deallocate()
    }
}
