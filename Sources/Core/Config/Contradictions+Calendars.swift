extension Contradictions {
    /// Calendars that nobody gives, calendars that nothing uses, regions that there are not, and removed days that are no holidays.
    mutating func calendars() {
        let (key, regionKey, listKey) = (
            "data_generation.holiday_calendar", "data_generation.metadata.calendars", "data_generation.calendars"
        )
        guard let name = settings.text(key), let calendars = settings.calendars(listKey) else { return }
        var used = [name: key]
        if case .regionCalendars(let regional) = settings.value(regionKey) {
            for own in regional where used[own.calendar] == nil { used[own.calendar] = regionKey }
            regions(of: regional, regionKey)
        }
        var isKnown = true
        for (name, key) in used.sorted(by: { $0.key < $1.key }) where HolidayCalendarName(rawValue: name) == nil {
            guard !calendars.contains(where: { $0.name == name }) else { continue }
            let near = Suggestions.nearest(to: name, among: HolidayCalendarName.allCases.map(\.rawValue) + calendars.map(\.name))
            problems.add(
                "\(name) is unknown", expected: TextRule.calendarName.expected,
                remedy: near.map { "write \($0)" } ?? "write a shipped calendar, or give this one in data_generation.calendars",
                suggestion: near, path: key, at: settings[key]?.place, source: settings[key]?.source ?? .standard)
            isKnown = false
        }
        guard isKnown else { return }
        for calendar in calendars {
            if used[calendar.name] == nil {
                warn("the calendar \(calendar.name) is not used", remedy: "write holiday_calendar: \(calendar.name), or remove it", listKey)
            } else {
                removedDays(of: calendar, listKey)
            }
        }
    }

    private mutating func regions(of calendars: [RegionCalendarName], _ key: String) {
        guard let regions = settings.labels("data_generation.metadata.regions") else { return }
        for own in calendars where !regions.labels.contains(own.region) { unknown(own.region, "region", regions.labels, at: key) }
    }

    private mutating func removedDays(of calendar: CalendarSpec, _ listKey: String) {
        guard !calendar.removed.isEmpty, let years else { return }
        let base = calendar.base.map { HolidayCalendar($0) }
        let holidays = Set(years.flatMap { year in base?.holidays(in: year) ?? [] }.map(\.day))
        for pattern in calendar.removed where !years.contains(where: { pattern.days(in: $0).contains(where: holidays.contains) }) {
            warn(
                "\(pattern) takes no holiday away from \(calendar.base?.rawValue ?? "a calendar without a base") in the years of the window",
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
