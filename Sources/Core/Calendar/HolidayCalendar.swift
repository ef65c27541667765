/// A day without business beyond the weekend.
public struct Holiday: Hashable, Sendable {
    /// The day off.
    public let day: Day
    /// The name of the law: `Washington's Birthday`, `Juneteenth National Independence Day`; where several holidays meet, their labels in
    /// alphabetical order with `; ` between them.
    public let name: String
    /// Whether `day` stands in for a holiday that fell on a weekend.
    public let observed: Bool
    /// Whether the day is computed where an authority decides.
    public let estimated: Bool

    init(day: Day, name: String, observed: Bool, estimated: Bool = false) {
        self.day = day
        self.name = name
        self.observed = observed
        self.estimated = estimated
    }

    /// The name, with ` (observed)` for a day that stands in for another and ` (estimated)` for one that is not fixed.
    public var label: String {
        switch (observed, estimated) {
        case (false, false): name
        case (true, false): name + " (observed)"
        case (false, true): name + " (estimated)"
        case (true, true): name + " (observed, estimated)"
        }
    }
}

/// The holidays of a year, by rule and by table: a shipped calendar, or one of a config.
///
/// Shipped calendars are right for 1990...2060, those of the United States for 1970...2100, as far as today's law says; in other years the
/// nearest rules run on unchanged, and tables end where `HolidayCalendarName` says.
public struct HolidayCalendar: Hashable, Sendable {
    /// Name of a shipped calendar, or the one that a config gives.
    public let name: String
    private let rules: [HolidayRule]
    private let added: [HolidayRule]
    private let removed: [DayPattern]

    /// A shipped calendar.
    public init(_ name: HolidayCalendarName) {
        self.name = name.rawValue
        rules = name.rules
        added = []
        removed = []
    }

    /// A calendar of a config: the holidays of another without the removed days, and the added ones.
    init(_ spec: CalendarSpec) {
        name = spec.name
        rules = spec.base?.rules ?? []
        added = spec.added
        removed = spec.removed
    }

    /// The holidays whose day lies in a year, oldest first, each day once.
    ///
    /// An observed day counts in the year it lies in: New Year's Day 2022, a Saturday, is observed on 31 December 2021 and so is part of
    /// `usFederal`'s 2021.
    ///
    /// - Parameter year: A year within a million years of year 0.
    /// - Complexity: O(rules and days of tables).
    public func holidays(in year: Int) -> [Holiday] {
        var found = HolidayCalendar.days(of: rules, in: year)
        if !removed.isEmpty {
            let gone = Set(removed.flatMap { $0.days(in: year) })
            found.removeAll { gone.contains($0.day) }
        }
        // Days that a config adds are not moved.
        for rule in added { found += rule.days(in: year).map { Holiday(day: $0, name: rule.name, observed: false) } }
        return HolidayCalendar.merged(found)
    }

    private static func days(of rules: [HolidayRule], in year: Int) -> [Holiday] {
        var found: [Holiday] = []
        var waiting: [Holiday] = []
        // A substitute may lie in another year than its holiday.
        for neighbour in year - 1...year + 1 {
            for rule in rules {
                for day in rule.days(in: neighbour) {
                    let holiday = Holiday(day: day, name: rule.name, observed: false, estimated: rule.isEstimated)
                    switch rule.substitute {
                    case .none: found.append(holiday)
                    case .also(let saturday, let sunday, let monday):
                        found.append(holiday)
                        let shift = [6: saturday, 7: sunday, 1: monday][day.isoWeekday] ?? 0
                        if shift != 0 { found.append(holiday.observed(on: day + shift)) }
                    case .instead(let saturday, let sunday):
                        switch day.isoWeekday {
                        case 6: if let saturday { found.append(holiday.observed(on: day + saturday)) }
                        case 7: if let sunday { found.append(holiday.observed(on: day + sunday)) }
                        default: found.append(holiday)
                        }
                    case .nextFreeAfterSunday(let since):
                        found.append(holiday)
                        if day.isoWeekday == 7, neighbour >= since { waiting.append(holiday) }
                    }
                }
            }
        }
        // The next free day is known when all others are: the earlier holiday chooses first.
        var taken = Set(found.map(\.day))
        for holiday in waiting.sorted(by: { ($0.day, $0.name) < ($1.day, $1.name) }) {
            var day = holiday.day + 1
            while day.isWeekend || taken.contains(day) { day = day + 1 }
            taken.insert(day)
            found.append(holiday.observed(on: day))
        }
        return found.filter { $0.day.year == year }
    }

    /// One entry per day.
    private static func merged(_ holidays: [Holiday]) -> [Holiday] {
        Dictionary(grouping: holidays, by: \.day).map { day, together in
            let labels = Set(together.map(\.label))
            if labels.count == 1 { return together[0] }
            return Holiday(day: day, name: labels.sorted().joined(separator: "; "), observed: false)
        }
        .sorted { $0.day < $1.day }
    }
}

extension Holiday {
    fileprivate func observed(on day: Day) -> Holiday { Holiday(day: day, name: name, observed: true, estimated: estimated) }
}
