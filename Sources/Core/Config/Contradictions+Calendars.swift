extension Contradictions {
    /// A calendar that nobody gives, calendars that nothing uses, and removed days that are no holidays.
    mutating func calendars() {
        let (key, listKey) = ("data_generation.holiday_calendar", "data_generation.calendars")
        guard let name = settings.text(key), let calendars = settings.calendars(listKey) else { return }
        let used = calendars.first { $0.name == name }
        if used == nil, HolidayCalendarName(rawValue: name) == nil {
            let near = Suggestions.nearest(to: name, among: HolidayCalendarName.allCases.map(\.rawValue) + calendars.map(\.name))
            problems.add(
                "\(name) is unknown", expected: TextRule.calendarName.expected,
                remedy: near.map { "write \($0)" } ?? "write a shipped calendar, or give this one in data_generation.calendars",
                suggestion: near, path: key, at: settings[key]?.place, source: settings[key]?.source ?? .standard)
            return
        }
        for calendar in calendars where calendar.name != name {
            warn("the calendar \(calendar.name) is not used", remedy: "write holiday_calendar: \(calendar.name), or remove it", listKey)
        }
        guard let used, !used.removed.isEmpty, let years else { return }
        let base = used.base.map { HolidayCalendar($0) }
        let holidays = Set(years.flatMap { year in base?.holidays(in: year) ?? [] }.map(\.day))
        for pattern in used.removed where !years.contains(where: { pattern.days(in: $0).contains(where: holidays.contains) }) {
            warn(
                "\(pattern) takes no holiday away from \(used.base?.rawValue ?? "a calendar without a base") in the years of the window",
                remedy: "check the day, or remove it", listKey)
        }
    }

    private var years: ClosedRange<Int>? {
        guard let start = settings.date("data_generation.start_date"), let end = settings.date("data_generation.end_date") else {
            return nil
        }
        let (first, last) = (start.resolve(today: today).year, end.resolve(today: today).year)
        return first <= last && DateBounds.years.contains(first) && DateBounds.years.contains(last) ? first...last : nil
    }

    private mutating func warn(_ message: String, remedy: String, _ key: String) {
        problems.add(
            message, remedy: remedy, path: key, at: settings[key]?.place, source: settings[key]?.source ?? .standard, severity: .warning)
    }
}
