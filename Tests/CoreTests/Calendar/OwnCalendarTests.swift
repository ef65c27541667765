import Core
import Testing

@Suite("Calendars of a config")
struct OwnCalendarTests {
    private static let yaml = #"""
        data_generation:
          holiday_calendar: head_office
          calendars:
            head_office:
              extends: us_federal
              remove: [2nd MON of OCT, 2024-11-11]
              add: { 12-24: Christmas Eve, 2024-07-05: "The day \"after\"", 12-25: Company day }
        """#

    @Test("it is the shipped one without what is removed and with what is added")
    func headOffice() {
        let own = Specs.dataset(Self.yaml).data.holidayCalendar
        func text(_ holidays: [Holiday]) -> Set<String> { Set(holidays.map { "\($0.day) \($0.label)" }) }
        let (own24, federal24) = (text(own.holidays(in: 2024)), text(HolidayCalendar(.usFederal).holidays(in: 2024)))
        #expect(federal24.subtracting(own24) == ["2024-10-14 Columbus Day", "2024-11-11 Veterans Day", "2024-12-25 Christmas Day"])
        #expect(
            own24.subtracting(federal24) == [
                "2024-07-05 The day \"after\"", "2024-12-24 Christmas Eve", "2024-12-25 Christmas Day; Company day",
            ])
        #expect(own.name == "head_office")
        let business = BusinessCalendar(own, covering: DayRange(start: Specs.day("2024-01-01"), end: Specs.day("2024-12-31")))
        #expect(!business.isBusinessDay(Specs.day("2024-12-24")) && business.isBusinessDay(Specs.day("2024-10-14")))
        let row = CalendarTable.csv(calendar: own, days: DayRange(start: Specs.day("2024-07-05"), days: 1))
        #expect(row.contains("2024-07-05,Fri,0,1,\"The day \"\"after\"\"\",0,0"))
    }

    @Test("a calendar of nothing makes every weekday a business day")
    func empty() {
        let own = Specs.dataset("data_generation: { holiday_calendar: none, calendars: { none: {} } }").data.holidayCalendar
        #expect((1990...2030).allSatisfy { own.holidays(in: $0).isEmpty })
    }

    @Test("a calendar that nothing uses and a removal that removes nothing are warned of")
    func warnings() throws {
        let unused = try ConfigSupport.load("data_generation: { calendars: { own: { add: [12-24] } } }")
        #expect(unused.warnings.map(\.message) == ["the calendar own is not used"])
        let idle = try ConfigSupport.load(
            "data_generation: { holiday_calendar: own, calendars: { own: { extends: uk, remove: [11-11, 12-25] } } }")
        #expect(idle.warnings.map(\.message) == ["11-11 takes no holiday away from uk in the years of the window"])
    }

    @Test("keys of the business calendar are in the canonical text only where they say something")
    func quiet() throws {
        let plain = try ConfigSupport.load("data_generation: { holiday_calendar: us_federal }").effective
        let defaults = try ConfigSupport.load(
            """
            data_generation:
              calendars: {}
              business_calendar: { payroll_days: [last, 15], patch_days: [2nd tue], month_end_days: 3 }
              metrics: [{ name: cpu_p95, payroll_multiplier: 1 }]
            """
        ).effective
        #expect(!plain.canonicalJSON().contains("calendars") && !plain.canonicalJSON().contains("business_calendar"))
        for words in ["calendars", "business_calendar", "_multiplier\":1,\"payroll", "payroll"] {
            #expect(!defaults.canonicalJSON().contains(words))
        }
        let own = try ConfigSupport.load(Self.yaml).effective.canonicalJSON()
        #expect(
            own.contains(
                #""calendars":{"head_office":{"add":{"12-24":"Christmas Eve","12-25":"Company day","2024-07-05":"The day \"after\""},"#
                    + #""extends":"us_federal","remove":["2024-11-11","2nd MON of OCT"]}}"#))
        let used = try ConfigSupport.load("data_generation: { business_calendar: { month_end_days: 4 } }").effective.canonicalJSON()
        #expect(used.contains(#""business_calendar":{"month_end_days":4}"#))
    }
}
