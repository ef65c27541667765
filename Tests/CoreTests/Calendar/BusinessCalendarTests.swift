import Core
import Testing

@Suite("Business days")
struct BusinessCalendarTests {
    private static let window = 1970...2100

    @Test("Every quarter-end window has exactly n days, the last business days of its month", arguments: HolidayCalendarName.allCases)
    func equalQuarterEnds(name: HolidayCalendarName) throws {
        let start = try #require(Day(year: 1970, month: 1, day: 1))
        let end = try #require(Day(year: 2100, month: 12, day: 31))
        let calendar = BusinessCalendar(name, covering: DayRange(start: start, end: end))
        var failures: [String] = []
        for year in BusinessCalendarTests.window {
            for month in [3, 6, 9, 12] {
                let first = try #require(Day(year: year, month: month, day: 1))
                let days = DayRange(start: first, end: first.endOfMonth)
                let business = days.filter { calendar.isBusinessDay($0) }
                for length in 5...10 {
                    let found = days.filter { calendar.isInQuarterEndWindow($0, businessDays: length, months: [3, 6, 9, 12]) }
                    if found.count != length || found != business.suffix(length) { failures.append("\(first) \(length)") }
                    if days.contains(where: { calendar.isInQuarterEndWindow($0, businessDays: length, months: [1, 2]) }) {
                        failures.append("\(first) in a month without window")
                    }
                }
            }
        }
        #expect(failures.isEmpty)
    }

    @Test(
        "The window counts back over weekends and holidays",
        arguments: [
            // Christmas 2021 was observed on Friday 24, New Year 2022 on Friday 31.
            ("us_federal", 2021, 12, ["2021-12-23", "2021-12-27", "2021-12-28", "2021-12-29", "2021-12-30"]),
            ("federal_reserve", 2021, 12, ["2021-12-27", "2021-12-28", "2021-12-29", "2021-12-30", "2021-12-31"]),
            ("us_federal", 2024, 6, ["2024-06-24", "2024-06-25", "2024-06-26", "2024-06-27", "2024-06-28"]),
            ("us_federal", 2025, 12, ["2025-12-24", "2025-12-26", "2025-12-29", "2025-12-30", "2025-12-31"]),
        ])
    func knownWindows(calendar name: String, year: Int, month: Int, expected: [String]) throws {
        let calendar = BusinessCalendar(try #require(HolidayCalendarName(rawValue: name)))
        let first = try #require(Day(year: year, month: month, day: 1))
        let found = DayRange(start: first, end: first.endOfMonth)
            .filter { calendar.isInQuarterEndWindow($0, businessDays: 5, months: [month]) }
        #expect(found.map(\.iso) == expected)
    }

    @Test("Business days to the month's end count those strictly after the day")
    func businessDaysToMonthEnd() throws {
        let calendar = BusinessCalendar(.usFederal)
        let answers = try ["2021-12-01", "2021-12-23", "2021-12-24", "2021-12-26", "2021-12-29", "2021-12-30", "2021-12-31", "2022-01-01"]
            .map { calendar.businessDaysToMonthEnd(try #require(Day(iso: $0))) }
        #expect(answers == [20, 4, 4, 4, 1, 0, 0, 20])
    }

    @Test("Days inside and outside the table have the same answers", arguments: HolidayCalendarName.allCases)
    func tableOrNot(name: HolidayCalendarName) throws {
        let start = try #require(Day(iso: "2020-02-17"))
        let end = try #require(Day(iso: "2023-01-03"))
        let table = BusinessCalendar(name, covering: DayRange(start: start, end: end))
        let rules = BusinessCalendar(name)
        var failures: [Day] = []
        for day in DayRange(start: start - 800, end: end + 800) {
            let same =
                table.isHoliday(day) == rules.isHoliday(day) && table.isBusinessDay(day) == rules.isBusinessDay(day)
                && table.businessDaysToMonthEnd(day) == rules.businessDaysToMonthEnd(day) && table.name(of: day) == rules.name(of: day)
            if !same || rules.isBusinessDay(day) != (day.isoWeekday <= 5 && rules.name(of: day) == nil) { failures.append(day) }
        }
        #expect(failures.isEmpty)
    }

    @Test("The printed table has a header, one line per day, quoted names and the window's length")
    func csv() throws {
        let start = try #require(Day(iso: "2024-01-14"))
        let text = CalendarTable.csv(calendar: HolidayCalendar(.usFederal), days: DayRange(start: start, days: 3))
        #expect(
            text == """
                date,weekday,is_weekend,is_holiday,holiday_name,is_business_day,in_quarter_end_7
                2024-01-14,Sun,1,0,,0,0
                2024-01-15,Mon,0,1,"Birthday of Martin Luther King, Jr.",0,0
                2024-01-16,Tue,0,0,,1,0

                """)
        let quarterEnd = try #require(Day(iso: "2021-12-30"))
        let reserve = CalendarTable.csv(calendar: HolidayCalendar(.federalReserve), days: DayRange(start: quarterEnd, days: 3), window: 5)
        #expect(
            reserve == """
                date,weekday,is_weekend,is_holiday,holiday_name,is_business_day,in_quarter_end_5
                2021-12-30,Thu,0,0,,1,1
                2021-12-31,Fri,0,0,,1,1
                2022-01-01,Sat,1,1,New Year's Day,0,0

                """)
        let years = CalendarTable.csv(calendar: HolidayCalendar(.usFederal), years: 2023...2024)
        #expect(years.split(separator: "\n").count == 1 + 365 + 366)
        #expect(years.split(separator: "\n").last?.hasPrefix("2024-12-31,Tue") == true)
    }
}
