/// A calendar that a config gives: a shipped one with days taken away and days added.
public struct CalendarSpec: Hashable, Sendable {
    /// How `holiday_calendar` names it.
    public let name: String
    /// The calendar it begins with, or nil for none.
    let base: HolidayCalendarName?
    /// Holidays beside those of the base.
    let added: [HolidayRule]
    /// Days that are no holidays even where the base says so.
    let removed: [DayPattern]

    /// As a config says it.
    var json: ConfigJSON {
        .sorted([
            ("extends", base.map { .text($0.rawValue) } ?? .null),
            ("add", .sorted(added.map { ($0.pattern.description, .text($0.name)) })),
            ("remove", .array(removed.map { .text($0.description) })),
        ])
    }
}
