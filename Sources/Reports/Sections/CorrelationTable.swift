import Core

/// Correlations as a table of tinted numbers: blue with, orange against each other.
struct CorrelationTable {
    let names: [String]
    let values: [[Double?]]
    let sampled: String
    /// Metrics that are not shown.
    let left: Int

    static let mostMetrics = 24

    func markup() -> Markup {
        var out = Markup()
        out.raw("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Correlations\">")
        out.raw("<table class=\"heat\" data-chart=\"correlation\"><caption>")
        out.text(
            "Pearson correlation of the published cells of \(sampled), weekday, season and growth included"
                + (left > 0 ? "; the first \(names.count) metrics" : ""))
        out.raw("</caption><thead><tr><th scope=\"col\"><span class=\"sr\">metric</span>")
        for index in names.indices {
            out.raw("<th scope=\"col\" class=\"n\"><abbr title=\"")
            out.text(names[index])
            out.raw("\">\(index + 1)</abbr>")
        }
        out.raw("</thead><tbody>")
        for (index, row) in values.enumerated() {
            out.raw("<tr><th scope=\"row\">\(index + 1) <bdi>")
            out.text(names[index])
            out.raw("</bdi>")
            for (column, value) in row.enumerated() {
                out.raw("<td class=\"n \(index == column ? "self" : Self.tint(value))\" data-value=\"\(Numbers.plain(value, 4))\">")
                out.raw(value.map { Numbers.fixed($0, 2) } ?? "\u{2013}")
            }
        }
        out.raw("</tbody></table></div>\n")
        return out
    }

    /// One of five tints of either sign.
    private static func tint(_ value: Double?) -> String {
        guard let value else { return "" }
        let level = Int((value.magnitude * 5).rounded())
        return level == 0 ? "" : (value > 0 ? "with" : "against") + "\(level)"
    }
}
