extension HolidayRule {
    /// Public holidays of Singapore, 1970...2100: the schedule of the Holidays Act 1998, before that year as far as it was the same. A holiday on
    /// a Sunday gives the next day that is none yet (section 4(2)); polling days and SG50 by their proclamations.
    static let singapore: [HolidayRule] =
        [
            schedule("New Year's Day", .fixed(month: 1, day: 1)),
            schedule("Chinese New Year", .days(SingaporeDays.chineseNewYear)),
            schedule("Chinese New Year", .days(SingaporeDays.chineseNewYearEstimated), isEstimated: true),
            schedule("Eid al-Fitr", .days(SingaporeDays.eidAlFitr)),
            schedule("Eid al-Fitr", .days(SingaporeDays.eidAlFitrEstimated), isEstimated: true),
            schedule("Eid al-Adha", .days(SingaporeDays.eidAlAdha)),
            schedule("Eid al-Adha", .days(SingaporeDays.eidAlAdhaEstimated), isEstimated: true),
            HolidayRule("Good Friday", .easter(-2)),
            schedule("Labor Day", .fixed(month: 5, day: 1)),
            schedule("Vesak Day", .days(SingaporeDays.vesak)),
            schedule("Vesak Day", .days(SingaporeDays.vesakEstimated), isEstimated: true),
            schedule("National Day", .fixed(month: 8, day: 9)),
            schedule("Diwali", .days(SingaporeDays.diwali)),
            schedule("Diwali", .days(SingaporeDays.diwaliEstimated), isEstimated: true),
            schedule("Christmas Day", .fixed(month: 12, day: 25)),
            HolidayRule("SG50 Public Holiday", .days([2015_08_07])),
            HolidayRule(
                "Polling Day",
                .days([2001_11_03, 2006_05_06, 2011_05_07, 2015_09_11, 2020_07_10, 2023_09_01, 2025_05_03])),
        ]

    private static func schedule(_ name: String, _ pattern: DayPattern, isEstimated: Bool = false) -> HolidayRule {
        HolidayRule(name, pattern, substitute: .nextFreeAfterSunday(since: 1998), isEstimated: isEstimated)
    }
}
