/// Means over the fleet in time, of what is published: exact, from the tally of the whole pass.
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
        let published = tally.published
        (sums, cells) = (published.slotSums, published.slotCells)
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

    /// Means by day of the week, Monday first.
    /// - Parameter steps: Those of the rows.
    package func weekdays(_ steps: StepRange) -> [Double?] {
        grouped(steps, by: 7) { ($0.isoWeekday - 1, nil) }
    }

    /// Means by month, January first.
    package func months(_ steps: StepRange) -> [Double?] {
        grouped(steps, by: 12) { ($0.month - 1, nil) }
    }

    /// Means by the part of the day, in UTC; one where rows are days.
    package func partsOfDay(_ steps: StepRange) -> [Double?] {
        grouped(steps, by: steps.slotsPerDay) { _ in (0, 1) }
    }

    /// - Parameter place: The group of a day, or of its first slot and how much further each of the next is.
    private func grouped(_ steps: StepRange, by count: Int, _ place: (Day) -> (Int, Int?)) -> [Double?] {
        var groups = [(sum: Int128, count: Int64)](repeating: (0, 0), count: count)
        for (index, day) in steps.days.enumerated() {
            let (first, stride) = place(day)
            for part in 0..<steps.slotsPerDay {
                let (slot, group) = (index * steps.slotsPerDay + part, first + part * (stride ?? 0))
                groups[group].sum += Int128(sums[slot])
                groups[group].count += cells[slot]
            }
        }
        return groups.map { $0.count == 0 ? nil : grid.value(Double($0.sum) / Double($0.count)) }
    }

    /// At most so many means over the whole window.
    package func means(atMost count: Int) -> [Double?] { means(ofEach: max(1, (slots + count - 1) / count)) }
}
