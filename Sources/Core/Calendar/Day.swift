/// A civil day of the proleptic Gregorian calendar, as the count of days since 1970-01-01. No clock, no time zone.
///
/// Source of the arithmetic: the usual era decomposition of 400-year cycles (146,097 days).
public struct Day: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01; negative before.
    public let number: Int

    /// - Parameter number: Days since 1970-01-01.
    public init(number: Int) { self.number = number }

    /// Earlier days are less.
    public static func < (left: Day, right: Day) -> Bool { left.number < right.number }
    /// The day `days` later.
    public static func + (day: Day, days: Int) -> Day { Day(number: day.number + days) }
    /// The day `days` earlier.
    public static func - (day: Day, days: Int) -> Day { Day(number: day.number - days) }
    /// The days from `right` to `left`.
    public static func - (left: Day, right: Day) -> Int { left.number - right.number }
}
