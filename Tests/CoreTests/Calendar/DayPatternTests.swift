import Core
import Testing

@Suite("Days by pattern")
struct DayPatternTests {
    /// The holidays of a year under a calendar that has nothing but the pattern.
    private func days(_ pattern: String, _ year: Int) -> [String] {
        let yaml = "data_generation: { holiday_calendar: own, calendars: { own: { add: [\"\(pattern)\"] } } }"
        return Specs.dataset(yaml).data.holidayCalendar.holidays(in: year).map(\.day.iso)
    }

    @Test(
        "every form names its days",
        arguments: [
            ("2024-12-24", 2024, ["2024-12-24"]), ("2024-12-24", 2023, []), ("12-24", 1999, ["1999-12-24"]),
            ("02-29", 2023, []), ("02-29", 2024, ["2024-02-29"]),
            ("2023-12-30..2024-01-02", 2023, ["2023-12-30", "2023-12-31"]), ("2023-12-30..2024-01-02", 2024, ["2024-01-01", "2024-01-02"]),
            ("12-30..01-02", 2024, ["2024-01-01", "2024-01-02", "2024-12-30", "2024-12-31"]),
            ("02-28..03-01", 2024, ["2024-02-28", "2024-02-29", "2024-03-01"]),
            ("02-29..03-01", 2023, ["2023-03-01"]), ("02-28..02-29", 2023, ["2023-02-28"]), ("02-29..02-29", 2023, []),
            ("3rd mon of jan", 2024, ["2024-01-15"]), ("last MON of MAY", 2024, ["2024-05-27"]), ("5th FRI of FEB", 2024, []),
            ("5th THU of FEB", 2024, ["2024-02-29"]), ("5th FRI", 2024, ["2024-03-29", "2024-05-31", "2024-08-30", "2024-11-29"]),
            ("easter", 2024, ["2024-03-31"]), ("easter-2", 2024, ["2024-03-29"]), ("easter+50", 2024, ["2024-05-20"]),
            // Easter 2023 was 9 April: 300 days later is 3 February 2024.
            ("easter+300", 2024, ["2024-02-03"]),
        ] as [(String, Int, [String])])
    func forms(pattern: String, year: Int, expected: [String]) { #expect(days(pattern, year) == expected) }

    @Test("the second Tuesday is one in every month")
    func everyMonth() {
        #expect(days("2nd TUE", 2024).count == 12)
        #expect(days("2nd TUE", 2024).first == "2024-01-09")
    }

    @Test(
        "what names no days is refused with a remedy",
        arguments: [
            "", "24-12", "2024-02-30", "02-30", "13-01", "1600-01-01", "2nd", "0th MON", "6th MON", "2nd TUE in MAY", "2nd TUE of MAI",
            "easter+0", "easter+301", "easter2", "easter-", "2024-12-24..", "..12-24", "12-24..12-26..12-28", "2024-12-24..12-26", "12-1",
        ])
    func refused(pattern: String) {
        let problems = ConfigSupport.problems(
            "data_generation: { holiday_calendar: own, calendars: { own: { add: [\"\(pattern)\"] } } }")
        #expect(problems.count == 1 && problems.first?.remedy?.isEmpty == false, "\(problems.map(\.text))")
        #expect(problems.first?.column == 69)
    }
}
