import Core

/// The fleet in time: mean and middle nine tenths, with quarter ends, holidays and events marked.
struct TimeChart {
    let study: MetricStudy
    let bins: TimeBins
    let axis: TimeAxis
    let marks: CalendarMarks
    let means: String
    let sample: String

    private static let height = 210.0

    func figure() -> Figure {
        let courses = (0..<bins.count).map { study.means.mean(bins.slots(of: $0)) }
        let extent = (courses + study.bands.low + study.bands.high).extent
        let scale = LinearScale(extent, from: Self.height, to: 0)
        let range = courses.extent
        var plot = Plot(
            id: study.id + "-time", title: "\(study.metric.name) over time: fleet mean and P5 to P95 band",
            description: "From \(axis.days.start.iso) to \(axis.days.end.iso), one point each \(bins.name). The fleet mean lies between "
                + "\(study.words(range.lowerBound)) and \(study.words(range.upperBound)), the band between "
                + "\(study.words(extent.lowerBound)) and \(study.words(extent.upperBound)).",
            height: Self.height, xLabel: "day (UTC)", yLabel: study.unit)
        plot.values(scale)
        plot.time(axis)
        let places = (0..<bins.count).map { bins.middle(of: $0) * Plot.width }
        plot.marks.boxes(marks.quarterEnds.map { ($0.x, 0, $0.width, Self.height) }, class: "quarter")
        let (low, high) = (study.bands.low, study.bands.high)
        plot.marks.band(places.indices.map { (places[$0], low[$0].map { scale($0) }, high[$0].map { scale($0) }) }, class: "band")
        plot.marks.line(places.indices.map { (places[$0], courses[$0].map { scale($0) }) }, class: "line")
        plot.marks.boxes(marks.holidays.map { ($0.x, Self.height - 7, $0.width, 7) }, class: "holiday")
        plot.marks.boxes(marks.events(of: study.metric.name).map { ($0.x, 0, $0.width, 5) }, class: "event")

        var table = DataTable(["from", "mean", "P5", "P95"])
        for bin in 0..<bins.count {
            table.add([bins.label(of: bin)] + [courses[bin], low[bin], high[bin]].map { study.plain($0) })
        }
        return Figure(
            kind: "time", metric: study.metric.name, caption: "Over time, one point each \(bins.name)", legend: legend, picture: plot.svg,
            table: table)
    }

    private var legend: [(key: String, words: String)] {
        var legend: [(key: String, words: String)] = [
            ("line", means), ("band", "P5 to P95 of the cells of \(sample)"),
        ]
        if !marks.quarterEnds.isEmpty { legend.append(("quarter", "quarter-end windows")) }
        if !marks.holidays.isEmpty { legend.append(("holiday", "holidays")) }
        if !marks.events(of: study.metric.name).isEmpty { legend.append(("event", "events")) }
        return legend
    }
}

/// Spans of days that a chart over time marks, in units of the inner picture.
struct CalendarMarks: Sendable {
    /// One span.
    struct Span: Sendable {
        let x: Double
        let width: Double
    }

    let quarterEnds: [Span]
    let holidays: [Span]
    private let events: [(metrics: [String], span: Span)]

    /// Days of a window up to which single days can be told apart.
    private static let mostDays = 4400

    init(_ generator: PanelGenerator, events: [TruthEvent]) {
        let (days, data, calendar) = (generator.plan.days, generator.plan.spec.data, generator.firstCalendar)
        func span(_ from: Double, _ to: Double) -> Span {
            let scale = Plot.width / Double(days.count)
            return Span(x: from * scale, width: max(1, (to - from) * scale))
        }
        let months = Set(data.metrics.filter { $0.endOfQuarterMultiplier != 1 }.flatMap(\.endOfQuarterMonths))
        var (quarterEnds, holidays): ([Span], [Span]) = ([], [])
        if days.count <= Self.mostDays {
            var open: (first: Int, last: Int)?
            for (index, day) in days.enumerated() {
                if data.useHolidays, calendar.isHoliday(day) { holidays.append(span(Double(index), Double(index + 1))) }
                guard data.useEndOfQuarterSpikes else { continue }
                let isInside = calendar.isInQuarterEndWindow(day, businessDays: data.endOfQuarterWindow, months: months)
                if isInside { open = (open?.first ?? index, index) }
                // Weekends within a window belong to its picture.
                if let own = open, index == days.count - 1 || index - own.last > 6 {
                    quarterEnds.append(span(Double(own.first), Double(own.last + 1)))
                    open = nil
                }
            }
        }
        (self.quarterEnds, self.holidays) = (quarterEnds, holidays)
        let first = Double(days.start.number) * 86_400
        self.events = events.map { event in
            let from = max(0, (Double(event.start) - first) / 86_400)
            let to = min(Double(days.count), ((event.end.map { Double($0) } ?? .infinity) - first) / 86_400)
            return (event.metrics, span(from, max(from, to)))
        }
    }

    /// Those that touch a metric.
    func events(of metric: String) -> [Span] { events.filter { $0.metrics.contains(metric) }.map(\.span) }
}
