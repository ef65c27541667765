import Core

/// A metric by business unit, region, criticality and archetype: a table whose last column is drawn on one scale.
struct LabelTable {
    let study: MetricStudy
    let sample: String

    private static let mostLabels = 20

    func markup() -> Markup {
        let rows = study.spreads.flatMap(\.rows)
        let scale = LinearScale((rows.map(\.low) + rows.map(\.high) + rows.map(\.mean)).extent, ticks: 4, from: 0, to: 1)
        var out = Markup()
        out.raw("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"")
        out.text("\(study.metric.name) by label")
        out.raw("\"><table class=\"spread\" data-chart=\"labels\" data-metric=\"")
        out.text(study.metric.name)
        out.raw("\"><caption>")
        out.text("By label: mean (dot) and P5 to P95 (line) of the cells of \(sample)")
        out.raw("</caption><thead><tr><th scope=\"col\">label<th scope=\"col\" class=\"n\">servers<th scope=\"col\" class=\"n\">mean")
        out.raw("<th scope=\"col\" class=\"n wide\">P5<th scope=\"col\" class=\"n wide\">P95<th scope=\"col\" class=\"drawn\">")
        ruler(scale, into: &out)
        out.raw("</thead>")
        for spread in study.spreads { group(spread, scale, into: &out) }
        out.raw("</table></div>\n")
        return out
    }

    private func group(_ spread: LabelSpread, _ scale: LinearScale, into out: inout Markup) {
        let name = spread.column.rawValue.replacing("_", with: " ")
        out.raw("<tbody data-column=\"\(spread.column.rawValue)\"><tr><th scope=\"rowgroup\" colspan=\"6\">\(name)")
        for row in spread.rows.prefix(Self.mostLabels) {
            out.raw("<tr><th scope=\"row\"><bdi>")
            out.text(row.label)
            out.raw("</bdi><td class=\"n\">\(Numbers.grouped(row.servers))")
            for (look, value) in [("n", row.mean), ("n wide", row.low), ("n wide", row.high)] {
                out.raw("<td class=\"\(look)\" data-value=\"\(study.plain(value))\">\(value.map { Numbers.readable($0) } ?? "\u{2013}")")
            }
            out.raw("<td class=\"drawn\">")
            if let mean = row.mean, let low = row.low, let high = row.high {
                out.raw("<svg class=\"inline\" aria-hidden=\"true\" height=\"16\"><line class=\"reach\" y1=\"8\" y2=\"8\" x1=\"")
                out.raw("\(Plot.percent(scale(low)))\" x2=\"\(Plot.percent(scale(high)))\"/><circle r=\"3.2\" cy=\"8\" cx=\"")
                out.raw("\(Plot.percent(scale(mean)))\"/></svg>")
            }
        }
        if spread.rows.count > Self.mostLabels {
            out.raw("<tr><td colspan=\"6\" class=\"more\">and \(Numbers.grouped(spread.rows.count - Self.mostLabels)) more labels")
        }
        out.raw("</tbody>")
    }

    /// The scale's ticks, and the unit as the column's name.
    private func ruler(_ scale: LinearScale, into out: inout Markup) {
        out.raw("<span class=\"sr\">drawn, </span><span class=\"ruler-unit\">")
        out.text(study.unit)
        out.raw("</span><svg class=\"inline ruler\" aria-hidden=\"true\" height=\"18\">")
        for (index, tick) in scale.ticks.enumerated() {
            let anchor = index == 0 ? "start" : index == scale.ticks.count - 1 ? "end" : "middle"
            let x = Plot.percent(scale(tick))
            out.raw("<line x1=\"\(x)\" x2=\"\(x)\" y1=\"14\" y2=\"18\"/><text x=\"\(x)\" y=\"11\" text-anchor=\"\(anchor)\">")
            out.raw("\(scale.label(tick))</text>")
        }
        out.raw("</svg>")
    }
}
