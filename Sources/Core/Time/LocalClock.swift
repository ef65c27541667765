/// What the clocks of one time zone show during a run's steps. A step belongs to the local day and hour of its middle.
///
/// Days have no zone: with one row a day, the row's date is the local date everywhere.
package struct LocalClock: Sendable {
    package let steps: StepRange
    /// Days that contain every local day of the steps: a day more at both ends for steps shorter than a day.
    package let days: DayRange
    /// When which offset begins, ascending; the first has always been.
    private let offsets: [(from: Int64, seconds: Int)]

    /// - Parameter zone: Nil for UTC.
    package init(_ zone: PosixTimeZone?, steps: StepRange) {
        self.steps = steps
        days = Self.days(of: steps)
        guard let zone, !steps.granularity.isDaily else {
            offsets = [(.min, 0)]
            return
        }
        var offsets = [(from: Int64.min, seconds: zone.standardOffset)]
        for change in zone.changes(years: days.start.year - 1...days.end.year + 1) { offsets.append((change.at, change.offset)) }
        self.offsets = offsets
    }

    static func days(of steps: StepRange) -> DayRange {
        steps.granularity.isDaily ? steps.days : DayRange(start: steps.days.start - 1, end: steps.days.end + 1)
    }

    /// Calls `body` for each of the equal spans of time that the range divides into, in order, with the local time of its middle in seconds
    /// since 1970-01-01T00:00 on that clock.
    ///
    /// - Parameter stepsPerSpan: 1 for the steps themselves.
    package func forEach(stepsPerSpan: Int = 1, _ body: (_ index: Int, _ seconds: Int64) -> Void) {
        let length = steps.seconds * Int64(stepsPerSpan)
        var middle = Int64(steps.absolute.lowerBound) * steps.seconds + length / 2
        var current = 0
        for index in 0..<steps.count / stepsPerSpan {
            while current + 1 < offsets.count, offsets[current + 1].from <= middle { current += 1 }
            body(index, middle + Int64(offsets[current].seconds))
            middle += length
        }
    }

    /// The index in `days` of a local time.
    func dayIndex(_ seconds: Int64) -> Int { floorDivide(Int(seconds), 86_400) - days.start.number }
}
