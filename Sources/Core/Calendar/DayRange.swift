/// Consecutive days, oldest first, at least one; the index of a day is its offset from `start`.
///
/// ```
/// start            end
///   |  0  1  2  3   |
/// ```
public struct DayRange: Hashable, Sendable {
    /// The first day.
    public let start: Day
    /// The last day, included.
    public let end: Day

    /// - Precondition: `start <= end`.
    public init(start: Day, end: Day) {
        precondition(start <= end, "a range of days has at least one day")
        self.start = start
        self.end = end
    }

    /// - Precondition: `days >= 1`.
    public init(start: Day, days: Int) { self.init(start: start, end: start + (days - 1)) }

    /// The number of days, at least 1.
    public var days: Int { end - start + 1 }

    /// The index of a day, or nil outside the range.
    /// - Complexity: O(1).
    public func index(of day: Day) -> Int? { contains(day) ? day - start : nil }
}

extension DayRange: RandomAccessCollection {
    /// Always 0.
    public var startIndex: Int { 0 }
    /// The same as `days`.
    public var endIndex: Int { days }

    /// The day `position` days after `start`.
    /// - Precondition: `0 <= position < days`.
    public subscript(position: Int) -> Day {
        precondition(position >= 0 && position < days, "index outside the range of days")
        return start + position
    }

    /// - Complexity: O(1).
    public func contains(_ day: Day) -> Bool { day >= start && day <= end }
}

extension DayRange: CustomStringConvertible {
    /// `2022-01-01...2025-12-31`.
    public var description: String { "\(start)...\(end)" }
}
