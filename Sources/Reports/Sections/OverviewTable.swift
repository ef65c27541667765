import Core

/// Every metric in one line: its course, its level and its spread.
struct OverviewTable {
    let material: ReportMaterial

    func markup() -> Markup {
        var out = Markup()
        out.raw("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Metrics\">")
        out.raw("<table class=\"metrics\" data-chart=\"overview\">")
        out.raw("<caption class=\"sr\">Statistics of each metric over all cells</caption><thead><tr><th scope=\"col\">metric")
        out.raw("<th scope=\"col\">unit<th scope=\"col\" class=\"drawn\">course of the mean")
        for name in ["mean", "std", "min", "P5", "P50", "P95", "max", "missing", "outliers drawn"] {
            out.raw("<th scope=\"col\" class=\"n\">\(name)")
        }
        out.raw("</thead><tbody>")
        for (index, summary) in material.metrics.enumerated() { row(summary, material.tallies[index], into: &out) }
        out.raw("</tbody></table></div>\n")
        return out
    }

    private func row(_ summary: MetricSummary, _ tally: MetricTally, into out: inout Markup) {
        out.raw("<tr><th scope=\"row\"><bdi>")
        out.text(summary.name)
        out.raw("</bdi><td>")
        out.text(summary.unit)
        out.raw("<td class=\"drawn\">")
        let course = FleetMeans(tally).means(atMost: 60)
        let scale = LinearScale(course.extent, from: 20, to: 2)
        out.raw("<svg class=\"inline\" aria-hidden=\"true\" height=\"22\"><svg class=\"inner\" viewBox=\"0 0 1000 22\" ")
        out.raw("preserveAspectRatio=\"none\" width=\"100%\" height=\"22\">")
        let width = Plot.width / Double(course.count)
        out.line(course.indices.map { ((Double($0) + 0.5) * width, course[$0].map { scale($0) }) }, class: "line thin")
        out.raw("</svg></svg>")
        let values = [summary.mean, summary.std, summary.min, summary.p5, summary.p50, summary.p95, summary.max]
        for value in values { out.raw("<td class=\"n\">\(value.map { Numbers.readable($0) } ?? "\u{2013}")") }
        out.raw("<td class=\"n\">\(Numbers.percent(summary.missingShare))<td class=\"n\">\(Numbers.grouped(summary.outliers))")
    }
}
