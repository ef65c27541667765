/// The numbers behind a chart, folded away below it: for machines, for copying, and for those who do not see the picture.
struct DataTable {
    let columns: [String]
    /// As many cells as columns.
    private(set) var rows: [[String]] = []

    init(_ columns: [String]) { self.columns = columns }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// - Parameter name: What the numbers are of, for the summary's name.
    func markup(_ name: String) -> Markup {
        var out = Markup()
        out.raw("<details class=\"data\"><summary>Numbers<span class=\"sr\"> of ")
        out.text(name)
        out.raw("</span></summary><div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Numbers of ")
        out.text(name)
        out.raw("\"><table><thead><tr>")
        for column in columns {
            out.raw("<th scope=\"col\">")
            out.text(column)
        }
        out.raw("</thead><tbody>")
        for row in rows {
            out.raw("<tr>")
            for cell in row {
                out.raw("<td>")
                out.text(cell)
            }
        }
        out.raw("</tbody></table></div></details>\n")
        return out
    }
}

/// A chart with its caption and its numbers.
struct Figure {
    /// What the tests and others find it by: `time`, `week`, `distribution`.
    let kind: String
    /// The metric, or empty.
    var metric = ""
    let caption: String
    /// Looks of the marks, and what they are.
    var legend: [(key: String, words: String)] = []
    let picture: Markup
    let table: DataTable

    func markup() -> Markup {
        var out = Markup()
        out.raw("<figure data-chart=\"\(kind)\" data-metric=\"")
        out.text(metric)
        out.raw("\"><figcaption>")
        out.text(caption)
        for (key, words) in legend {
            out.raw(" <span class=\"legend\"><i class=\"\(key)\"></i>")
            out.text(words)
            out.raw("</span>")
        }
        out.raw("</figcaption>")
        out.append(picture)
        out.append(table.markup(metric.isEmpty ? caption : "\(metric): \(caption)"))
        out.raw("</figure>\n")
        return out
    }
}
