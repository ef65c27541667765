/// A day without business beyond the weekend.
public struct Holiday: Hashable, Sendable {
    /// The day off.
    public let day: Day
    /// The name of the law: `Washington's Birthday`, `Juneteenth National Independence Day`.
    public let name: String
    /// Whether `day` stands in for a holiday that fell on a weekend.
    public let observed: Bool

    /// The name, with ` (observed)` for a day that stands in for another.
    public var label: String { observed ? name + " (observed)" : name }
}

/// The holidays of a year, by rule. Right for 1970...2100 under today's law; in other years the nearest rules run on unchanged.
///
/// | calendar | on Saturday | on Sunday | source |
/// | --- | --- | --- | --- |
/// | `usFederal` | also the Friday before | also the Monday after | 5 U.S.C. 6103(b)(1); Executive Order 11582 and, before, 10358 |
/// | `federalReserve` | not moved | also the Monday after | the holiday schedule of the Federal Reserve Banks (frbservices.org) |
///
/// The holiday itself stays a holiday beside its observed day.
public struct HolidayCalendar: Hashable, Sendable {
    /// Whose holidays these are.
    public let name: HolidayCalendarName

    /// - Parameter name: Whose holidays to keep; see the table above.
    public init(_ name: HolidayCalendarName) { self.name = name }

    /// The holidays whose day lies in a year, oldest first, each day once.
    ///
    /// An observed day counts in the year it lies in: New Year's Day 2022, a Saturday, is observed on 31 December 2021 and so is part of
    /// `usFederal`'s 2021.
    ///
    /// - Parameter year: A year within a million years of year 0.
    /// - Complexity: O(rules).
    public func holidays(in year: Int) -> [Holiday] {
        var found: [Holiday] = []
        for rule in HolidayRule.usFederal {
            // Next year's 1 January is the only day that an observed day of another year can come from.
            for day in [rule.day(in: year), rule.day(in: year + 1)].compactMap({ $0 }) {
                found.append(Holiday(day: day, name: rule.name, observed: false))
                if let moved = observedDay(for: day) { found.append(Holiday(day: moved, name: rule.name, observed: true)) }
            }
        }
        return found.filter { $0.day.year == year }.sorted { $0.day < $1.day }
    }

    /// The working day that stands in for a holiday on a weekend; nil where none does.
    private func observedDay(for day: Day) -> Day? {
        switch (day.isoWeekday, name) {
        case (6, .usFederal): day - 1
        case (7, .usFederal), (7, .federalReserve): day + 1
        default: nil
        }
    }
}
