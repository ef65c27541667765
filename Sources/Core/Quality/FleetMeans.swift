/// Means over the fleet in time, of the cells as they are published: exact, from the tally of the whole pass.
///
/// ```
/// slot     |  0  |  1  |  2  | ...       a step, or the steps of an hour
/// sums, cells: one number per slot, all classes together
/// ```
package struct FleetMeans: Sendable {
    private let grid: ValueGrid
    /// Sum of the whole numbers present.
    private let sums: [Int64]
    /// Cells present.
    package let cells: [Int64]

    /// Complexity: O(slots * classes).
    package init(_ tally: MetricTally) {
        grid = tally.grid
        var (sums, cells) = ([Int64](repeating: 0, count: tally.slots), [Int64](repeating: 0, count: tally.slots))
        for first in stride(from: 0, to: tally.slotSums.count, by: max(1, tally.slots)) {
            for slot in 0..<tally.slots {
                sums[slot] += tally.slotSums[first + slot]
                cells[slot] += tally.slotCells[first + slot]
            }
        }
        if !tally.slotExcess.isEmpty {
            for slot in 0..<tally.slots {
                sums[slot] += tally.slotExcess[slot]
                cells[slot] -= tally.slotHidden[slot]
            }
        }
        (self.sums, self.cells) = (sums, cells)
    }

    /// The slots of the window.
    package var slots: Int { sums.count }

    /// The mean over the cells of some slots, in the metric's unit; nil where there are none.
    package func mean(_ slots: some Sequence<Int>) -> Double? {
        var (sum, count): (Int128, Int64) = (0, 0)
        for slot in slots {
            sum += Int128(sums[slot])
            count += cells[slot]
        }
        return count == 0 ? nil : grid.value(Double(sum) / Double(count))
    }

    /// Means of parts of equal length, the last one perhaps shorter.
    /// - Parameter length: Slots of a part.
    package func means(ofEach length: Int) -> [Double?] {
        stride(from: 0, to: slots, by: length).map { mean($0..<min($0 + length, slots)) }
    }

    /// At most so many means over the whole window.
    package func means(atMost count: Int) -> [Double?] { means(ofEach: max(1, (slots + count - 1) / count)) }
}
