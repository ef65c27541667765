/// The time steps of whole days: consecutive, addressed by their absolute number since 1970-01-01T00:00Z.
///
/// ```
/// step     |  0  1  2  3  4  5  6  7 |  8 ...       index within the range; absolute number = index + absolute.lowerBound
/// slot     |  0     1     2     3    |  4 ...       what statistics over time are kept for: at most 24 a day
/// day      |            0            |  1
/// ```
public struct StepRange: Hashable, Sendable {
    /// The days, in UTC.
    public let days: DayRange
    /// The length of a step.
    public let granularity: Granularity

    /// Steps in the range, at least 1.
    public let count: Int
    /// Slots a day: the largest divisor of the steps a day that is at most 24.
    package let slotsPerDay: Int
    /// Steps that share a slot.
    package let stepsPerSlot: Int

    /// All steps of some days.
    public init(_ days: DayRange, _ granularity: Granularity) {
        self.days = days
        self.granularity = granularity
        // Asked for once per server and metric, so worked out once.
        count = days.count * granularity.stepsPerDay
        let slotsPerDay = (1...24).last { granularity.stepsPerDay % $0 == 0 } ?? 1
        self.slotsPerDay = slotsPerDay
        stepsPerSlot = granularity.stepsPerDay / slotsPerDay
    }

    /// The absolute numbers of the steps.
    public var absolute: Range<Int> { days.start.number * granularity.stepsPerDay..<(days.end.number + 1) * granularity.stepsPerDay }

    /// Seconds of a step.
    var seconds: Int64 { Int64(granularity.minutes) * 60 }

    /// The start of a step in microseconds since 1970-01-01T00:00Z.
    public func microseconds(at index: Int) -> Int64 { Int64(absolute.lowerBound + index) * seconds * 1_000_000 }

    /// The start of a step for people: `2024-03-31` for days, `2024-03-31T05:15:00Z` for shorter steps.
    public func text(at index: Int) -> String {
        let day = days.start + index / granularity.stepsPerDay
        if granularity.isDaily { return day.iso }
        let minute = index % granularity.stepsPerDay * granularity.minutes
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(day.iso)T\(two(minute / 60)):\(two(minute % 60)):00Z"
    }

    /// Slots in the range.
    package var slots: Int { days.count * slotsPerDay }
}
