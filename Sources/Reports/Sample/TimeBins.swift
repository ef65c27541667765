package import Core

/// The parts of the window that a chart has one point for.
///
/// ```
/// slots of the tallies   | | | | | | | | | |      a step, or the steps of an hour
/// bins                   |  0  |  1  |  2  |      equal numbers of slots, the last bin perhaps shorter
/// ```
package struct TimeBins {
    /// Slots of a bin.
    package let slots: Int
    /// Steps of a bin.
    package let steps: Int
    /// How many bins there are.
    package let count: Int
    /// A bin in words: `day`, `7 days`, `6 hours`.
    package let name: String
    private let range: StepRange

    /// The shortest bins that are natural and at most so many.
    package init(_ range: StepRange, atMost most: Int) {
        let perDay = range.slotsPerDay
        // Parts of a day draw a comb, which can be read over a month at most.
        let parts = range.days.count > 31 ? [] : (1..<max(2, perDay)).filter { perDay % $0 == 0 && perDay > 1 }
        let days = [1, 7, 14, 28, 56, 91, 182, 364, 728, 1820, 3640]
        let lengths = parts + days.map { $0 * perDay }
        let length = lengths.first { (range.slots + $0 - 1) / $0 <= most } ?? lengths[lengths.count - 1]
        slots = length
        steps = length * range.stepsPerSlot
        count = (range.slots + length - 1) / length
        let minutes = steps * range.granularity.minutes
        if minutes % 1440 == 0 {
            name = minutes == 1440 ? "day" : "\(minutes / 1440) days"
        } else {
            name = minutes % 60 == 0 ? minutes == 60 ? "hour" : "\(minutes / 60) hours" : "\(minutes) minutes"
        }
        self.range = range
    }

    /// The steps of a bin.
    package func steps(of bin: Int) -> Range<Int> { bin * steps..<min((bin + 1) * steps, range.count) }

    /// The slots of a bin.
    package func slots(of bin: Int) -> Range<Int> { bin * slots..<min((bin + 1) * slots, range.slots) }

    /// The middle of a bin, 0...1 of the window.
    package func middle(of bin: Int) -> Double {
        let own = steps(of: bin)
        return Double(own.lowerBound + own.upperBound) / 2 / Double(range.count)
    }

    /// When a bin begins.
    package func label(of bin: Int) -> String { range.text(at: bin * steps) }
}
