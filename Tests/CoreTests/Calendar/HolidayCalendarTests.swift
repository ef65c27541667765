import Core
import Testing

@Suite("Holiday calendars")
struct HolidayCalendarTests {
    private func list(_ name: HolidayCalendarName, _ year: Int) -> [String] {
        HolidayCalendar(name).holidays(in: year).map { "\($0.day) \($0.label)" }
    }

    @Test("The federal year 2021 has every holiday, its observed days and next year's New Year")
    func federal2021() {
        // OPM's list of 2021, with the holidays themselves beside their observed days.
        #expect(
            list(.usFederal, 2021) == [
                "2021-01-01 New Year's Day", "2021-01-18 Birthday of Martin Luther King, Jr.", "2021-02-15 Washington's Birthday",
                "2021-05-31 Memorial Day", "2021-06-18 Juneteenth National Independence Day (observed)",
                "2021-06-19 Juneteenth National Independence Day", "2021-07-04 Independence Day", "2021-07-05 Independence Day (observed)",
                "2021-09-06 Labor Day", "2021-10-11 Columbus Day", "2021-11-11 Veterans Day", "2021-11-25 Thanksgiving Day",
                "2021-12-24 Christmas Day (observed)", "2021-12-25 Christmas Day", "2021-12-31 New Year's Day (observed)",
            ])
    }

    @Test("The Federal Reserve moves Sunday holidays only")
    func federalReserve2021() {
        #expect(
            list(.federalReserve, 2021) == [
                "2021-01-01 New Year's Day", "2021-01-18 Birthday of Martin Luther King, Jr.", "2021-02-15 Washington's Birthday",
                "2021-05-31 Memorial Day", "2021-06-19 Juneteenth National Independence Day", "2021-07-04 Independence Day",
                "2021-07-05 Independence Day (observed)", "2021-09-06 Labor Day", "2021-10-11 Columbus Day", "2021-11-11 Veterans Day",
                "2021-11-25 Thanksgiving Day", "2021-12-25 Christmas Day",
            ])
    }

    @Test("1970 is the last year of the old dates; Columbus Day was no federal holiday yet")
    func federal1970() {
        #expect(
            list(.usFederal, 1970) == [
                "1970-01-01 New Year's Day", "1970-02-22 Washington's Birthday", "1970-02-23 Washington's Birthday (observed)",
                "1970-05-29 Memorial Day (observed)", "1970-05-30 Memorial Day", "1970-07-03 Independence Day (observed)",
                "1970-07-04 Independence Day", "1970-09-07 Labor Day", "1970-11-11 Veterans Day", "1970-11-26 Thanksgiving Day",
                "1970-12-25 Christmas Day",
            ])
    }

    @Test(
        "Laws take effect in their year",
        arguments: [
            ("1971-02-15", "Washington's Birthday"), ("1971-02-22", nil), ("1971-05-31", "Memorial Day"), ("1971-10-11", "Columbus Day"),
            ("1971-10-25", "Veterans Day"), ("1971-11-11", nil), ("1977-10-24", "Veterans Day"), ("1977-11-11", nil), ("1978-10-23", nil),
            ("1978-11-11", "Veterans Day"), ("1978-11-10", "Veterans Day (observed)"), ("1985-01-21", nil),
            ("1986-01-20", "Birthday of Martin Luther King, Jr."), ("2020-06-19", nil),
            ("2022-06-20", "Juneteenth National Independence Day (observed)"),
            ("2023-01-02", "New Year's Day (observed)"), ("2010-12-31", "New Year's Day (observed)"), ("2024-11-28", "Thanksgiving Day"),
        ] as [(String, String?)])
    func history(text: String, expected: String?) throws {
        let day = try #require(Day(iso: text))
        #expect(BusinessCalendar(.usFederal).name(of: day) == expected)
    }

    @Test("New Year 2022, a Saturday, is observed on 31 December 2021 by the government and not by the Federal Reserve")
    func newYear2022() throws {
        let eve = try #require(Day(iso: "2021-12-31"))
        let federal = BusinessCalendar(.usFederal)
        let reserve = BusinessCalendar(.federalReserve)
        #expect(federal.holiday(on: eve) == HolidayCalendar(.usFederal).holidays(in: 2021).last)
        #expect(federal.isHoliday(eve) && !federal.isBusinessDay(eve))
        #expect(!reserve.isHoliday(eve) && reserve.isBusinessDay(eve) && reserve.name(of: eve) == nil)
        #expect(federal.isHoliday(eve + 1) && reserve.isHoliday(eve + 1))
        #expect(federal.isBusinessDay(eve + 3) && reserve.isBusinessDay(eve + 3))
    }

    @Test("Over 1900...2200 holidays are in order, unique and in their year", arguments: HolidayCalendarName.allCases)
    func order(name: HolidayCalendarName) {
        for year in 1900...2200 {
            let days = HolidayCalendar(name).holidays(in: year).map(\.day)
            #expect(days == Set(days).sorted() && days.allSatisfy { $0.year == year }, "\(name) \(year)")
        }
    }

    @Test("Over 1900...2200 observed days of the United States lie beside a weekend holiday")
    func invariants() {
        var failures: [String] = []
        for name in [HolidayCalendarName.usFederal, .federalReserve] {
            for year in 1900...2200 {
                let holidays = HolidayCalendar(name).holidays(in: year)
                let all = (year - 1...year + 1).flatMap { HolidayCalendar(name).holidays(in: $0) }
                for holiday in holidays {
                    let shift: Int? =
                        switch (holiday.observed, holiday.day.isoWeekday, name) {
                        case (true, 5, .usFederal): 1
                        case (true, 1, _): -1
                        case (false, 6, .usFederal): -1
                        case (false, 7, _): 1
                        case (false, _, _): 0
                        default: nil
                        }
                    guard let shift else {
                        failures.append("\(name) \(holiday.day): observed on a wrong weekday")
                        continue
                    }
                    let isObserved = shift != 0 && !holiday.observed
                    let hasPartner = all.contains {
                        $0.day == holiday.day + shift && $0.name == holiday.name && $0.observed == isObserved
                    }
                    if !hasPartner { failures.append("\(name) \(holiday.day): without its other day") }
                }
            }
        }
        #expect(failures.isEmpty)
    }

    @Test("A kingdom's Christmas on a Saturday gives Monday and Tuesday; a Sunday's New Year in Scotland moves the next day on")
    func kingdom() {
        #expect(
            list(.uk, 2021).suffix(4) == [
                "2021-12-25 Christmas Day", "2021-12-26 Boxing Day", "2021-12-27 Christmas Day (observed)",
                "2021-12-28 Boxing Day (observed)",
            ])
        #expect(
            list(.ukScotland, 2023).prefix(3) == [
                "2023-01-01 New Year's Day", "2023-01-02 New Year Holiday; New Year's Day (observed)",
                "2023-01-03 New Year Holiday (observed)",
            ])
    }

    @Test("At the exchange a holiday on a weekend is its weekday's, and New Year on a Saturday is none")
    func exchange() {
        #expect(list(.nyse, 2021).suffix(1) == ["2021-12-24 Christmas Day (observed)"])
        #expect(list(.nyse, 2022).prefix(1) == ["2022-01-17 Martin Luther King Jr. Day"])
    }

    @Test("A Sunday's holiday in Singapore is made up on the next free day, even past another holiday and past New Year")
    func singapore() {
        #expect(
            list(.singapore, 2007).prefix(2) == [
                "2007-01-01 New Year's Day", "2007-01-02 Eid al-Adha (observed)",
            ])
        #expect(list(.singapore, 2023).contains("2023-01-24 Chinese New Year (observed)"))
        #expect(list(.singapore, 2050).contains { $0.hasSuffix("Vesak Day (estimated)") })
    }

    @Test(
        "Easter Sunday",
        arguments: [
            (1818, "1818-03-22"), (1954, "1954-04-18"), (1981, "1981-04-19"), (2000, "2000-04-23"), (2024, "2024-03-31"),
            (2038, "2038-04-25"), (2049, "2049-04-18"), (2285, "2285-03-22"),
        ])
    func easter(year: Int, expected: String) { #expect(Day.easter(year).iso == expected) }
}
