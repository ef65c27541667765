/// Business days: Monday to Friday without the holidays of a calendar.
///
/// The answers are the same for every day; inside the range given to `init` they come from a table of one byte per day, elsewhere they are
/// worked out anew for the day's month. A copy shares the table.
///
/// ```
/// byte = h w 0 c c c c c     h holiday, w Saturday or Sunday, c business days after this one in its month (0...23)
/// ```
public struct BusinessCalendar: Sendable {
    /// The holidays in use.
    public let holidays: HolidayCalendar
    private let first: Day
    private let table: [UInt8]

    /// The same for a shipped calendar.
    public init(_ name: HolidayCalendarName, covering days: DayRange? = nil) { self.init(HolidayCalendar(name), covering: days) }

    /// - Parameters:
    ///   - holidays: The holidays to keep.
    ///   - days: The days that will be asked for; nil for no table at all.
    /// - Complexity: O(days), one allocation of a byte per day.
    public init(_ holidays: HolidayCalendar, covering days: DayRange? = nil) {
        self.holidays = holidays
        guard let days else {
            self.first = Day(number: 0)
            self.table = []
            return
        }
        self.first = days.start.startOfMonth
        let last = days.end.endOfMonth
        var table: [UInt8] = []
        table.reserveCapacity(last - first + 1)
        var holidays: [Holiday] = []
        var year: Int?
        var month = first
        while month <= last {
            if year != month.year {
                year = month.year
                holidays = self.holidays.holidays(in: month.year)
            }
            BusinessCalendar.appendMonth(startingOn: month, holidays: holidays, to: &table)
            month = month.endOfMonth + 1
        }
        self.table = table
    }

    /// Whether the day is a holiday or a holiday's observed day; it may be a Saturday or Sunday.
    public func isHoliday(_ day: Day) -> Bool { entry(day) & BusinessCalendar.holidayBit != 0 }

    /// Whether the day is one from Monday to Friday and no holiday.
    public func isBusinessDay(_ day: Day) -> Bool { entry(day) & (BusinessCalendar.holidayBit | BusinessCalendar.weekendBit) == 0 }

    /// The business days strictly after the day in its month: 0 on the month's last business day and on all days after it.
    public func businessDaysToMonthEnd(_ day: Day) -> Int { Int(entry(day) & BusinessCalendar.countMask) }

    /// Whether the day is one of the last `businessDays` business days of one of the `months`.
    ///
    /// Weekend days and holidays are never in the window, so every window has exactly `businessDays` days, whether its month has 30 or 31.
    ///
    /// - Parameters:
    ///   - businessDays: The length of the window; all business days of the month where it has fewer.
    ///   - months: The months, 1...12, that have a window.
    public func isInQuarterEndWindow(_ day: Day, businessDays: Int, months: Set<Int>) -> Bool {
        isBusinessDay(day) && businessDaysToMonthEnd(day) < businessDays && months.contains(day.month)
    }

    /// The holiday on a day, if any.
    /// - Complexity: O(1) for a day that is none and in the table, O(rules) for others.
    public func holiday(on day: Day) -> Holiday? {
        isHoliday(day) ? holidays.holidays(in: day.year).first { $0.day == day } : nil
    }

    /// The name of the holiday on a day, with ` (observed)` for a day that stands in for another; nil on other days.
    public func name(of day: Day) -> String? { holiday(on: day)?.label }
}

extension BusinessCalendar {
    private static let holidayBit: UInt8 = 0x80
    private static let weekendBit: UInt8 = 0x40
    private static let countMask: UInt8 = 0x1f

    private func entry(_ day: Day) -> UInt8 {
        let index = day - first
        if table.indices.contains(index) { return table[index] }
        var month: [UInt8] = []
        BusinessCalendar.appendMonth(startingOn: day.startOfMonth, holidays: holidays.holidays(in: day.year), to: &month)
        return month[day.day - 1]
    }

    /// Appends one entry per day of a month, counting business days back from its end.
    private static func appendMonth(startingOn start: Day, holidays: [Holiday], to table: inout [UInt8]) {
        let base = table.count
        for offset in 0..<start.daysInMonth { table.append((start + offset).isWeekend ? weekendBit : 0) }
        for holiday in holidays where start <= holiday.day && holiday.day <= start.endOfMonth {
            table[base + (holiday.day - start)] |= holidayBit
        }
        var after: UInt8 = 0
        for index in (base..<table.count).reversed() {
            let isBusinessDay = table[index] == 0
            table[index] |= after
            if isBusinessDay { after += 1 }
        }
    }
}
