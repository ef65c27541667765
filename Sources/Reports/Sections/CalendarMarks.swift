import Core

/// Spans of days that a chart over time marks, in units of the inner picture.
struct CalendarMarks: Sendable {
    /// One span.
    struct Span: Sendable {
        let x: Double
        let width: Double
    }

    /// One holiday, or its observed day.
    struct Holiday: Sendable {
        let day: Day
        let label: String
        let span: Span
    }

    /// The holidays of one calendar; of all together where there are more calendars than rows.
    struct Lane: Sendable {
        let name: String
        /// The regions that follow it; empty for all.
        let regions: [String]
        let holidays: [Holiday]

        /// Whose days these are.
        var words: String { regions.isEmpty ? name : "\(name) (\(CalendarMarks.listed(regions, atMost: 3)))" }
    }

    let quarterEnds: [Span]
    /// Whether quarter ends and holidays are left out because the window is too long for them.
    let areLeftOut: Bool
    /// From the axis upwards, at most `mostLanes`.
    let lanes: [Lane]
    /// Whether each mark tells its own name.
    let areNamed: Bool
    /// By calendar, for the list of names.
    let calendars: [Lane]
    private let events: [(metrics: [String], span: Span)]

    /// Days of a window up to which single days can be told apart: 12 years.
    static let mostDays = 4400
    private static let mostLanes = 4
    /// Marks with a name of their own, all charts together.
    private static let mostNames = 2000

    /// - Parameter charts: How many charts have these marks.
    init(_ generator: PanelGenerator, events: [TruthEvent], charts: Int) {
        let (days, data) = (generator.plan.days, generator.plan.spec.data)
        func span(_ from: Double, _ to: Double) -> Span {
            let scale = Plot.width / Double(days.count)
            return Span(x: from * scale, width: max(1, (to - from) * scale))
        }
        areLeftOut = days.count > Self.mostDays && (data.useHolidays || data.useEndOfQuarterSpikes)
        let all = days.count <= Self.mostDays ? generator.calendarsOfRegions : []
        quarterEnds = Self.quarterEnds(days, data, all.map(\.calendar)).map { span(Double($0.lowerBound), Double($0.upperBound)) }
        let isShared = all.count == 1
        calendars = (data.useHolidays ? all : []).map { calendar, regions in
            let found = (days.start.year...days.end.year).flatMap { calendar.holidays.holidays(in: $0) }.filter { days.contains($0.day) }
            let holidays = found.map {
                let index = Double($0.day - days.start)
                return Holiday(day: $0.day, label: $0.label, span: span(index, index + 1))
            }
            return Lane(name: calendar.holidays.name, regions: isShared ? [] : regions, holidays: holidays)
        }.filter { !$0.holidays.isEmpty }
        lanes = calendars.count <= Self.mostLanes ? calendars : [Self.merged(calendars)]
        areNamed = lanes.reduce(0) { $0 + $1.holidays.count } * charts <= Self.mostNames
        let first = Double(days.start.number) * 86_400
        self.events = events.map { event in
            let from = max(0, (Double(event.start) - first) / 86_400)
            let to = min(Double(days.count), ((event.end.map { Double($0) } ?? .infinity) - first) / 86_400)
            return (event.metrics, span(from, max(from, to)))
        }
    }

    /// Those that touch a metric.
    func events(of metric: String) -> [Span] { events.filter { $0.metrics.contains(metric) }.map(\.span) }

    /// Windows as offsets from the first day: inside is what is inside by any of the calendars.
    private static func quarterEnds(_ days: DayRange, _ data: DataSpec, _ calendars: [BusinessCalendar]) -> [Range<Int>] {
        guard data.useEndOfQuarterSpikes else { return [] }
        let months = Set(data.metrics.filter { $0.endOfQuarterMultiplier != 1 }.flatMap(\.endOfQuarterMonths))
        var (found, open): ([Range<Int>], Range<Int>?) = ([], nil)
        for (index, day) in days.enumerated() {
            let isInside = calendars.contains { $0.isInQuarterEndWindow(day, businessDays: data.endOfQuarterWindow, months: months) }
            if isInside { open = (open?.lowerBound ?? index)..<index + 1 }
            // Weekends within a window belong to its picture.
            if let own = open, index == days.count - 1 || index - own.upperBound >= 6 {
                found.append(own)
                open = nil
            }
        }
        return found
    }

    /// Each day once, with the names that it has anywhere.
    private static func merged(_ calendars: [Lane]) -> Lane {
        let byDay = Dictionary(grouping: calendars.flatMap { own in own.holidays.map { (own.name, $0) } }, by: \.1.day)
        let holidays = byDay.sorted { $0.key < $1.key }.map { day, found in
            let names = found.map { "\($0.1.label) (\($0.0))" }
            return Holiday(day: day, label: listed(names, atMost: 6), span: found[0].1.span)
        }
        return Lane(name: "\(calendars.count) calendars", regions: [], holidays: holidays)
    }

    /// The first names, and how many more there are.
    static func listed(_ names: [String], atMost most: Int) -> String {
        let more = names.count - most
        return names.prefix(most).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
