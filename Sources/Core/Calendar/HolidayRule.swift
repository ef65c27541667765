/// One line of a holiday calendar: a name, the years it is in force, and the way to its day.
struct HolidayRule: Sendable {
    enum Pattern: Sendable {
        /// The same date every year.
        case fixed(month: Int, day: Int)
        /// The n-th of a weekday (1 = Monday) in a month: the third Monday of January.
        case nth(Int, weekday: Int, month: Int)
        /// The last of a weekday in a month: the last Monday of May.
        case last(weekday: Int, month: Int)
    }

    let name: String
    let pattern: Pattern
    let years: ClosedRange<Int>

    init(_ name: String, _ pattern: Pattern, from first: Int = .min, through last: Int = .max) {
        self.name = name
        self.pattern = pattern
        self.years = first...last
    }

    /// The day of the holiday itself in a year, not the one it is observed on; nil where the rule is not in force.
    func day(in year: Int) -> Day? {
        guard years.contains(year) else { return nil }
        switch pattern {
        case .fixed(let month, let day):
            return Day.unchecked(year: year, month: month, day: day)
        case .nth(let count, let weekday, let month):
            let first = Day.unchecked(year: year, month: month, day: 1)
            return first + (weekday - first.isoWeekday + 7) % 7 + (count - 1) * 7
        case .last(let weekday, let month):
            let last = Day.unchecked(year: year, month: month, day: Day.daysIn(month: month, ofYear: year))
            return last - (last.isoWeekday - weekday + 7) % 7
        }
    }
}

extension HolidayRule {
    /// The legal public holidays of the United States, 5 U.S.C. 6103(a), with their history since 1970.
    ///
    /// - Uniform Monday Holiday Act (Public Law 90-363, 82 Stat. 250), in force from 1 January 1971: Washington's Birthday, Memorial Day and
    ///   Veterans Day move to Mondays, and Columbus Day becomes a federal holiday; before, 12 October was one of some states only.
    /// - Public Law 94-97: Veterans Day is 11 November again from 1978.
    /// - Public Law 98-144: Birthday of Martin Luther King, Jr., from 1986.
    /// - Public Law 117-17: Juneteenth, signed on 17 June 2021 and observed for the first time on the next day.
    ///
    /// Not in the table: Inauguration Day (Washington, D.C. only) and single days that a President closed the offices for by executive order.
    static let usFederal: [HolidayRule] = [
        HolidayRule("New Year's Day", .fixed(month: 1, day: 1)),
        HolidayRule("Birthday of Martin Luther King, Jr.", .nth(3, weekday: 1, month: 1), from: 1986),
        HolidayRule("Washington's Birthday", .fixed(month: 2, day: 22), through: 1970),
        HolidayRule("Washington's Birthday", .nth(3, weekday: 1, month: 2), from: 1971),
        HolidayRule("Memorial Day", .fixed(month: 5, day: 30), through: 1970),
        HolidayRule("Memorial Day", .last(weekday: 1, month: 5), from: 1971),
        HolidayRule("Juneteenth National Independence Day", .fixed(month: 6, day: 19), from: 2021),
        HolidayRule("Independence Day", .fixed(month: 7, day: 4)),
        HolidayRule("Labor Day", .nth(1, weekday: 1, month: 9)),
        HolidayRule("Columbus Day", .nth(2, weekday: 1, month: 10), from: 1971),
        HolidayRule("Veterans Day", .fixed(month: 11, day: 11), through: 1970),
        HolidayRule("Veterans Day", .nth(4, weekday: 1, month: 10), from: 1971, through: 1977),
        HolidayRule("Veterans Day", .fixed(month: 11, day: 11), from: 1978),
        HolidayRule("Thanksgiving Day", .nth(4, weekday: 4, month: 11)),
        HolidayRule("Christmas Day", .fixed(month: 12, day: 25)),
    ]
}
