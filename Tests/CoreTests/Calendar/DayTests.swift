import Core
import Testing

@Suite("A day of the calendar")
struct DayTests {
    @Test("Every day of 1900...2200 comes back from its civil date, and the dates follow one another")
    func roundTrip() throws {
        let first = try #require(Day(year: 1900, month: 1, day: 1))
        let last = try #require(Day(year: 2200, month: 12, day: 31))
        #expect(last - first + 1 == 301 * 365 + 73)
        var failures = 0
        var expected = (year: 1900, month: 1, day: 1)
        var weekday = 1  // 1900-01-01 was a Monday.
        var dayOfYear = 1
        for day in DayRange(start: first, end: last) {
            let civil = day.civil
            if civil != expected || Day(year: civil.year, month: civil.month, day: civil.day) != day { failures += 1 }
            if Day(iso: day.iso) != day || day.isoWeekday != weekday || day.dayOfYear != dayOfYear { failures += 1 }
            weekday = weekday % 7 + 1
            dayOfYear = day.dayOfYear == day.daysInYear ? 1 : dayOfYear + 1
            switch (civil.day == day.daysInMonth, civil.month) {
            case (true, 12): expected = (civil.year + 1, 1, 1)
            case (true, let month): expected = (civil.year, month + 1, 1)
            case (false, _): expected.day += 1
            }
        }
        #expect(failures == 0)
    }

    @Test(
        "Known days have their number and weekday",
        arguments: [
            ("1970-01-01", 0, 4), ("1969-12-31", -1, 3), ("2000-02-29", 11_016, 2), ("1900-03-01", -25_508, 4), ("2024-02-29", 19_782, 4),
            ("2026-01-01", 20_454, 4), ("1678-01-01", -106_650, 6), ("2261-12-31", 106_650, 2), ("0000-03-01", -719_468, 3),
            ("0001-01-01", -719_162, 1), ("9999-12-31", 2_932_896, 5),
        ])
    func known(text: String, number: Int, weekday: Int) throws {
        let day = try #require(Day(iso: text))
        #expect(day.number == number)
        #expect(day.isoWeekday == weekday)
        #expect(day.isWeekend == (weekday > 5))
        #expect(day.description == text)
    }

    @Test(
        "Leap years are those of the Gregorian calendar",
        arguments: [
            (1900, false), (2000, true), (2024, true), (2025, false), (2100, false), (2400, true), (0, true), (-4, true), (-100, false),
        ])
    func leapYears(year: Int, leap: Bool) throws {
        let february = try #require(Day(year: year, month: 2, day: 1))
        #expect(february.isLeapYear == leap)
        #expect(february.daysInYear == (leap ? 366 : 365))
        #expect(february.daysInMonth == (leap ? 29 : 28))
        #expect((Day(year: year, month: 2, day: 29) != nil) == leap)
        let december = try #require(Day(year: year, month: 12, day: 31))
        #expect(december.dayOfYear == december.daysInYear)
        #expect(december.civil == (year, 12, 31))
    }

    @Test(
        "Days that do not exist are refused",
        arguments: [
            (2025, 0, 1), (2025, 13, 1), (2025, 1, 0), (2025, 1, 32), (2025, 4, 31), (2025, 2, 29), (2025, -1, -1), (.max, 1, 1),
            (.min, 1, 1),
        ])
    func refused(year: Int, month: Int, day: Int) {
        #expect(Day(year: year, month: month, day: day) == nil)
    }

    @Test(
        "Any text but YYYY-MM-DD is refused",
        arguments: [
            "", "2025", "2025-1-01", "2025-01-1", "25-01-01", "2025/01/01", "20250101", "2025-01-01 ", " 2025-01-01", "+025-01-01",
            "-025-01-01",
            "2025-02-30", "2025-00-10", "2025-01-00", "2025-01-01T00:00", "２025-01-01", "2025-0a-01", "2025-01-0é", "today",
        ])
    func badText(text: String) {
        #expect(Day(iso: text) == nil)
        #expect(Day(text) == nil)
    }

    @Test(
        "Adding months keeps the day of the month or clamps it to the month's end",
        arguments: [
            ("2024-02-29", -12, "2023-02-28"), ("2024-02-29", 48, "2028-02-29"), ("2025-01-31", 1, "2025-02-28"),
            ("2024-01-31", 1, "2024-02-29"),
            ("2025-03-31", -1, "2025-02-28"), ("2025-12-15", 1, "2026-01-15"), ("2025-01-15", -1, "2024-12-15"),
            ("2025-05-31", 0, "2025-05-31"),
            ("2025-08-31", 13, "2026-09-30"), ("2000-02-29", 1200, "2100-02-28"), ("0001-01-31", -11, "0000-02-29"),
        ])
    func addingMonths(text: String, months: Int, expected: String) throws {
        let day = try #require(Day(iso: text))
        #expect(day.adding(months: months).iso == expected)
    }

    @Test("The months' first and last days enclose the day")
    func monthEnds() throws {
        let day = try #require(Day(iso: "2024-02-17"))
        #expect(day.startOfMonth.iso == "2024-02-01")
        #expect(day.endOfMonth.iso == "2024-02-29")
        #expect(day - 17 == day.startOfMonth - 1)
    }

    @Test("A range of days is a collection of all its days")
    func range() throws {
        let start = try #require(Day(iso: "2023-12-30"))
        let end = try #require(Day(iso: "2024-01-02"))
        let range = DayRange(start: start, end: end)
        #expect(range.map(\.iso) == ["2023-12-30", "2023-12-31", "2024-01-01", "2024-01-02"])
        #expect(range.days == 4 && range.count == 4 && range.first == start && range.last == end)
        #expect(range == DayRange(start: start, days: 4))
        #expect(range.index(of: end) == 3 && range.index(of: end + 1) == nil && range.index(of: start - 1) == nil)
        #expect(range.contains(start) && range.contains(end) && !range.contains(end + 1) && !range.contains(start - 1))
        #expect(range.dropFirst(2).map(\.iso) == ["2024-01-01", "2024-01-02"])
        #expect(DayRange(start: start, end: start).days == 1)
        #expect("\(range)" == "2023-12-30...2024-01-02")
    }
}
