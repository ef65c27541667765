extension Day {
    /// Year, month and day of the month.
    ///
    /// The year starts on 1 March inside, so that the leap day is the last day of a year and the months' lengths follow one linear
    /// formula; eras of 400 years make the division exact.
    ///
    /// - Complexity: O(1), no tables, no branches but the one for days before year 0.
    public var civil: (year: Int, month: Int, day: Int) {
        let shifted = number + Day.fromMarchOfYearZero
        let era = (shifted >= 0 ? shifted : shifted - (Day.daysPerEra - 1)) / Day.daysPerEra
        let dayOfEra = shifted - era * Day.daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfMarchYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfMarchYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfMarchYear - (153 * marchMonth + 2) / 5 + 1)
    }

    /// The civil year; year 0 is 1 BC.
    public var year: Int { civil.year }
    /// The month, 1...12.
    public var month: Int { civil.month }
    /// The day of the month, 1...31.
    public var day: Int { civil.day }

    /// The day of this civil date.
    ///
    /// - Parameters:
    ///   - year: A year of the proleptic Gregorian calendar within a million years of year 0.
    ///   - month: 1...12.
    ///   - day: 1...the month's length.
    /// - Returns: nil where there is no such day, 29 February of a common year for example.
    public init?(year: Int, month: Int, day: Int) {
        guard -1_000_000...1_000_000 ~= year, 1...12 ~= month, day >= 1, day <= Day.daysIn(month: month, ofYear: year) else { return nil }
        self = Day.unchecked(year: year, month: month, day: day)
    }

    /// Monday is 1, Sunday is 7 (ISO 8601).
    public var isoWeekday: Int {
        // 1970-01-01 was a Thursday, the fourth day of its week.
        let offset = (number + 3) % 7
        return (offset < 0 ? offset + 7 : offset) + 1
    }

    /// Whether the day is a Saturday or a Sunday.
    public var isWeekend: Bool { isoWeekday >= 6 }

    /// The place of the day in its year: 1 for 1 January, 365 or 366 for 31 December.
    public var dayOfYear: Int { self - Day.unchecked(year: year, month: 1, day: 1) + 1 }

    /// Whether the day's year has a 29 February.
    public var isLeapYear: Bool { Day.isLeap(year) }

    /// The length of the day's year: 365 or 366.
    public var daysInYear: Int { isLeapYear ? 366 : 365 }

    /// The length of the day's month: 28...31.
    public var daysInMonth: Int {
        let (year, month, _) = civil
        return Day.daysIn(month: month, ofYear: year)
    }

    /// The first day of the day's month.
    public var startOfMonth: Day { self - (day - 1) }

    /// The last day of the day's month.
    public var endOfMonth: Day {
        let (year, month, day) = civil
        return self + (Day.daysIn(month: month, ofYear: year) - day)
    }

    /// The same day of the month `months` later, or that month's last day where it is too short: 31 January plus one month is 28 or 29
    /// February, 29 February 2024 minus twelve months is 28 February 2023.
    ///
    /// - Parameter months: Calendar months, negative for earlier.
    public func adding(months: Int) -> Day {
        let (year, month, day) = civil
        let index = year * 12 + (month - 1) + months
        let newYear = (index >= 0 ? index : index - 11) / 12
        let newMonth = index - newYear * 12 + 1
        return Day.unchecked(year: newYear, month: newMonth, day: min(day, Day.daysIn(month: newMonth, ofYear: newYear)))
    }
}

extension Day {
    private static let daysPerEra = 146_097
    /// Days from 0000-03-01, the first day of era 0, to 1970-01-01.
    private static let fromMarchOfYearZero = 719_468

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    static func daysIn(month: Int, ofYear year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The inverse of `civil`, for dates known to exist.
    static func unchecked(year: Int, month: Int, day: Int) -> Day {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfMarchYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfMarchYear
        return Day(number: era * daysPerEra + dayOfEra - fromMarchOfYearZero)
    }
}
