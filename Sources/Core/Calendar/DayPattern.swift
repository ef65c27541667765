/// A way to name days: one date, the same date every year, a weekday of a month, a distance from Easter.
public enum DayPattern: Hashable, Sendable {
    /// The same date every year; 29 February in leap years only.
    case fixed(month: Int, day: Int)
    /// Every year all days from one date through another; past New Year where the second is the earlier one.
    case season(from: MonthDay, through: MonthDay)
    /// The n-th of a weekday (1 = Monday) in a month, or in every month: the third Monday of January. Absent where a month has fewer.
    case nth(Int, weekday: Int, month: Int? = nil)
    /// The last of a weekday in a month, or in every month: the last Monday of May.
    case last(weekday: Int, month: Int? = nil)
    /// The first of a weekday from a date on; the date itself also on the weekday `staying`.
    case onOrAfter(weekday: Int, month: Int, day: Int, staying: Int? = nil)
    /// Days after Easter Sunday, negative before.
    case easter(Int)
    /// Single days, written as whole numbers `yyyymmdd`.
    case days([Int])
    /// All days from one through another.
    case range(Day, Day)

    /// A date without a year.
    public struct MonthDay: Hashable, Sendable {
        /// 1...12.
        public let month: Int
        /// 1...31.
        public let day: Int

        /// The place among all dates of a leap year.
        var order: Int { month * 32 + day }

        /// The day of a year; in place of a missing 29 February the day after, as an end the day before.
        func day(in year: Int, isEnd: Bool = false) -> Day {
            let length = Day.daysIn(month: month, ofYear: year)
            let last = Day.unchecked(year: year, month: month, day: min(day, length))
            return day > length && !isEnd ? last + 1 : last
        }
    }

    /// The days of the pattern in a year, each once, in order except those of `days`, which keep the order of their list.
    ///
    /// - Complexity: O(days of the answer), for `days` O(their number).
    public func days(in year: Int) -> [Day] {
        switch self {
        case .fixed(let month, let day):
            return day <= Day.daysIn(month: month, ofYear: year) ? [Day.unchecked(year: year, month: month, day: day)] : []
        case .season(let from, let through):
            let (newYear, yearEnd) = (Day.unchecked(year: year, month: 1, day: 1), Day.unchecked(year: year, month: 12, day: 31))
            let (first, last) = (from.day(in: year), through.day(in: year, isEnd: true))
            if from.order <= through.order { return first <= last ? Array(DayRange(start: first, end: last)) : [] }
            return Array(DayRange(start: newYear, end: last)) + Array(DayRange(start: first, end: yearEnd))
        case .nth(let count, let weekday, let month):
            return Self.months(month).compactMap { month in
                let day = Self.first(weekday, from: Day.unchecked(year: year, month: month, day: 1)) + (count - 1) * 7
                return day.month == month ? day : nil
            }
        case .last(let weekday, let month):
            return Self.months(month).map { month in
                let last = Day.unchecked(year: year, month: month, day: Day.daysIn(month: month, ofYear: year))
                return last - (last.isoWeekday - weekday + 7) % 7
            }
        case .onOrAfter(let weekday, let month, let day, let staying):
            let date = Day.unchecked(year: year, month: month, day: day)
            return [date.isoWeekday == staying ? date : Self.first(weekday, from: date)]
        case .easter(let offset):
            // An offset of up to a year and a half may leave the year of its Easter.
            return (year - 2...year + 2).map { Day.easter($0) + offset }.filter { $0.year == year }
        case .days(let dates):
            return dates.filter { $0 / 10_000 == year }.map { Day.unchecked(year: year, month: $0 / 100 % 100, day: $0 % 100) }
        case .range(let first, let last):
            let start = max(first, Day.unchecked(year: year, month: 1, day: 1))
            let end = min(last, Day.unchecked(year: year, month: 12, day: 31))
            return start <= end ? Array(DayRange(start: start, end: end)) : []
        }
    }

    private static func months(_ month: Int?) -> ClosedRange<Int> { month.map { $0...$0 } ?? 1...12 }

    private static func first(_ weekday: Int, from day: Day) -> Day { day + (weekday - day.isoWeekday + 7) % 7 }
}

extension DayPattern {
    /// Which days of a range the pattern names: one flag per day, same order.
    ///
    /// - Complexity: O(days of the range).
    static func flags(_ patterns: [DayPattern], on days: DayRange) -> [Bool] {
        var flags = [Bool](repeating: false, count: days.count)
        guard !patterns.isEmpty else { return flags }
        for year in days.start.year...days.end.year {
            for pattern in patterns {
                for day in pattern.days(in: year) { if let index = days.index(of: day) { flags[index] = true } }
            }
        }
        return flags
    }
}
