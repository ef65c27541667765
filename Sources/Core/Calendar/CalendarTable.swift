/// The business calendar as a table for people and for other programs.
public enum CalendarTable {
    /// The months whose end is a quarter's end.
    public static let quarterEndMonths: Set<Int> = [3, 6, 9, 12]

    /// One line per day as comma-separated values (RFC 4180 quoting, `\n` line ends), oldest first, under one line of column names:
    /// `date,weekday,is_weekend,is_holiday,holiday_name,is_business_day,in_quarter_end_7`, the last named after the window's length.
    ///
    /// Dates are `YYYY-MM-DD`, weekdays `Mon`...`Sun`, flags `0` or `1`; `holiday_name` is empty on other days.
    ///
    /// - Parameters:
    ///   - calendar: The holidays to keep.
    ///   - days: The days to list.
    ///   - window: The business days of the quarter-end window.
    ///   - months: The months whose end has one.
    public static func csv(
        calendar: HolidayCalendar, days: DayRange, window: Int = 7, months: Set<Int> = quarterEndMonths
    ) -> String {
        let business = BusinessCalendar(calendar, covering: days)
        var text = "date,weekday,is_weekend,is_holiday,holiday_name,is_business_day,in_quarter_end_\(window)\n"
        text.reserveCapacity(text.utf8.count + days.count * 28)
        for day in days {
            let inWindow = business.isInQuarterEndWindow(day, businessDays: window, months: months)
            text += "\(day.iso),\(weekdays[day.isoWeekday - 1]),\(flag(day.isWeekend)),\(flag(business.isHoliday(day)))"
            text += ",\(quoted(business.name(of: day) ?? "")),\(flag(business.isBusinessDay(day))),\(flag(inWindow))\n"
        }
        return text
    }

    /// The same for whole years.
    public static func csv(calendar: HolidayCalendar, years: ClosedRange<Int>, window: Int = 7) -> String {
        let start = Day.unchecked(year: years.lowerBound, month: 1, day: 1)
        let end = Day.unchecked(year: years.upperBound, month: 12, day: 31)
        return csv(calendar: calendar, days: DayRange(start: start, end: end), window: window)
    }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    private static func flag(_ value: Bool) -> String { value ? "1" : "0" }

    /// Names hold no line ends, but commas (`Birthday of Martin Luther King, Jr.`) and, in a config's calendars, quotes.
    private static func quoted(_ field: String) -> String {
        field.contains(",") || field.contains("\"") ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
    }
}
