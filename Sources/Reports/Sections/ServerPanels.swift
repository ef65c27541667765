import Core

/// A dozen servers of the sample side by side, on one scale: what single rows look like.
struct ServerPanels {
    let study: MetricStudy
    let generator: PanelGenerator
    let sample: FleetSample
    let axis: TimeAxis

    private static let height = 56.0
    private static let mostServers = 12
    private static let mostPoints = 120

    func markup() -> Markup {
        let bins = TimeBins(generator.plan.rowSteps, atMost: Self.mostPoints)
        let places = FleetSample.spread(Self.mostServers, over: sample.servers.indices)
        let courses = places.map { place in (0..<bins.count).map { mean(place, bins.steps(of: $0)) } }
        let scale = LinearScale(courses.flatMap { $0 }.extent, ticks: 4, from: Self.height, to: 0)
        let ids = places.map { generator.directory.id(sample.servers[$0]) }
        var out = Markup()
        out.raw("<figure data-chart=\"servers\" data-metric=\"")
        out.text(study.metric.name)
        out.raw("\"><figcaption>")
        out.text(
            "\(Numbers.grouped(places.count)) servers, mean of each \(bins.name); all from \(scale.label(scale.low)) to "
                + "\(scale.label(scale.high))\(study.metric.unit.isEmpty ? "" : " " + study.metric.unit), \(axis.days.start.iso) to "
                + axis.days.end.iso)
        out.raw("</figcaption><div class=\"minis\">")
        for (index, course) in courses.enumerated() { mini(ids[index], course, bins, scale, index, into: &out) }
        out.raw("</div>")
        var table = DataTable(["from"] + ids)
        for bin in 0..<bins.count { table.add([bins.label(of: bin)] + courses.map { study.plain($0[bin]) }) }
        out.append(table.markup("single servers, \(study.metric.name)"))
        out.raw("</figure>\n")
        return out
    }

    private func mean(_ place: Int, _ steps: Range<Int>) -> Double? {
        let first = place * sample.steps
        var (sum, count) = (0.0, 0)
        for value in sample.values[study.index][first + steps.lowerBound..<first + steps.upperBound] where !value.isNaN {
            sum += value
            count += 1
        }
        return count == 0 ? nil : sum / Double(count)
    }

    private func mini(
        _ id: String, _ course: [Double?], _ bins: TimeBins, _ scale: LinearScale, _ index: Int, into out: inout Markup
    ) {
        let name = "\(study.id)-s\(index)"
        let range = course.extent
        out.raw("<div><svg role=\"img\" class=\"mini\" height=\"\(Int(Self.height))\" aria-labelledby=\"\(name)\"><title id=\"\(name)\">")
        out.text("\(id), \(study.metric.name): from \(study.words(range.lowerBound)) to \(study.words(range.upperBound))")
        out.raw("</title><g class=\"grid\">")
        for tick in scale.ticks {
            out.raw("<line x1=\"0\" x2=\"100%\" y1=\"")
            out.coordinate(scale(tick))
            out.raw("\" y2=\"")
            out.coordinate(scale(tick))
            out.raw("\"/>")
        }
        out.raw("</g><svg class=\"inner\" viewBox=\"0 0 1000 \(Int(Self.height))\" preserveAspectRatio=\"none\" width=\"100%\" height=\"")
        out.raw("\(Int(Self.height))\">")
        out.line(course.indices.map { (bins.middle(of: $0) * Plot.width, course[$0].map { scale($0) }) }, class: "line thin")
        out.raw("</svg></svg><span><bdi>")
        out.text(id)
        out.raw("</bdi></span></div>")
    }
}
