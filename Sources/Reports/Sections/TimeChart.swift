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
    /// Height of a row of holidays, the gap to the next included.
    private static let lane = 8.0
    private static let rows = ["lowest", "second", "third", "fourth"]

    func figure() -> Figure {
        let courses = (0..<bins.count).map { study.means.mean(bins.slots(of: $0)) }
        let extent = (courses + study.bands.low + study.bands.high).extent
        let scale = LinearScale(extent, from: Self.height, to: 0)
        let range = courses.extent
        var plot = Plot(
            id: study.id + "-time", title: "\(study.metric.name) over time: fleet mean and P5 to P95 band",
            description: "From \(axis.days.start.iso) to \(axis.days.end.iso), one point each \(bins.name). The fleet mean lies between "
                + "\(study.words(range.lowerBound)) and \(study.words(range.upperBound)), the band between "
                + "\(study.words(extent.lowerBound)) and \(study.words(extent.upperBound)).\(marked)",
            height: Self.height, xLabel: "day (UTC)", yLabel: study.unit)
        plot.values(scale)
        plot.time(axis)
        let places = (0..<bins.count).map { bins.middle(of: $0) * Plot.width }
        plot.marks.boxes(marks.quarterEnds.map { ($0.x, 0, $0.width, Self.height) }, class: "quarter")
        let (low, high) = (study.bands.low, study.bands.high)
        plot.marks.band(places.indices.map { (places[$0], low[$0].map { scale($0) }, high[$0].map { scale($0) }) }, class: "band")
        plot.marks.line(places.indices.map { (places[$0], courses[$0].map { scale($0) }) }, class: "line")
        for (row, lane) in marks.lanes.enumerated() { draw(lane, above: Self.height - Self.lane * Double(row), into: &plot.marks) }
        plot.marks.boxes(marks.events(of: study.metric.name).map { ($0.x, 0, $0.width, 5) }, class: "event")

        var table = DataTable(["from", "mean", "P5", "P95"])
        for bin in 0..<bins.count {
            table.add([bins.label(of: bin)] + [courses[bin], low[bin], high[bin]].map { study.plain($0) })
        }
        return Figure(
            kind: "time", metric: study.metric.name, caption: "Over time, one point each \(bins.name)\(leftOut)", legend: legend,
            picture: plot.svg,
            table: table)
    }

    private var legend: [(key: String, words: String)] {
        var legend: [(key: String, words: String)] = [
            ("line", means), ("band", "P5 to P95 of the cells of \(sample)"),
        ]
        if !marks.quarterEnds.isEmpty { legend.append(("quarter", "quarter-end windows")) }
        for (row, lane) in marks.lanes.enumerated() {
            let place = marks.lanes.count == 1 ? "" : ", \(Self.rows[row]) row"
            legend.append(("holiday", "holidays\(place): \(lane.words)"))
        }
        if !marks.events(of: study.metric.name).isEmpty { legend.append(("event", "events")) }
        return legend
    }

    private var leftOut: String {
        guard marks.areLeftOut else { return "" }
        let most = Numbers.grouped(CalendarMarks.mostDays)
        return "; quarter ends and holidays are not marked, in more than \(most) days they would run together"
    }

    private var marked: String {
        let counts = marks.lanes.map { "\(Numbers.grouped($0.holidays.count)) holidays of \($0.name)" }
        return counts.isEmpty ? "" : " Marked along the axis: \(counts.joined(separator: ", "))."
    }

    /// One row of marks; each tells its name, unless there are too many for that.
    private func draw(_ lane: CalendarMarks.Lane, above base: Double, into out: inout Markup) {
        func boxes(_ holidays: [CalendarMarks.Holiday]) -> [(Double, Double, Double, Double)] {
            holidays.map { ($0.span.x, base - Self.lane + 1, $0.span.width, Self.lane - 1) }
        }
        guard marks.areNamed else {
            out.boxes(boxes(lane.holidays), class: "holiday")
            return
        }
        for holiday in lane.holidays {
            out.boxes(boxes([holiday]), class: "holiday", title: "\(holiday.day.iso) \(holiday.label), \(lane.name)")
        }
    }
}
