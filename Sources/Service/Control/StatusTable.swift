package import Core

/// The status as a person reads it at a glance.
///
/// ```
/// fleetsynth 0.1.0, up 3 d, /etc/fleetsynth: 3 datasets, 1 running, 1 refused
/// DATASET  STATE    GENERATION     ROWS  LAST RESULT   AGE     NEXT RUN
/// batch    running           7  365,000  up to date    2 h     -
/// web      refused          41  175,320  published     5 min   in 20 h
///     web.yaml:12:7: data_generation.num_servers: -3 is below 1; expected a whole number from 1 to 1000000
/// ```
/// No line is wider than the terminal: the last columns go first, then long names are cut; errors are wrapped. Age is the time
/// since a run last saw the published generation whole.
public struct StatusTable: Sendable {
    private let report: StatusReport
    private let width: Int?

    /// - Parameter width: Columns of the terminal; nil where nothing limits a line.
    public init(_ report: StatusReport, width: Int?) {
        self.report = report
        self.width = width.map { max(20, $0) }
    }

    /// The lines, without a newline at the end.
    public var text: String {
        var lines = [cut(summary)] + report.watch.problems.map(cut)
        if !report.watch.waiting.isEmpty {
            lines.append(cut("waiting until the config in their way is gone for good: " + report.watch.waiting.joined(separator: ", ")))
        }
        guard !report.datasets.isEmpty else { return lines.joined(separator: "\n") }
        let columns = fittingColumns()
        lines.append(line(columns.map { ($0.title, $0) }))
        for dataset in report.datasets {
            lines.append(line(columns.map { ($0.cell(dataset, report.now), $0) }))
            for error in dataset.errors {
                for part in error.split(whereSeparator: \.isNewline) { lines += wrapped(String(part)) }
            }
        }
        return lines.joined(separator: "\n")
    }

    private var summary: String {
        let count = report.datasets.count
        let states = DatasetStatus.State.allCases.filter { $0 != .idle }.compactMap { state -> String? in
            let count = report.datasets.count { $0.state == state }
            return count == 0 ? nil : "\(count) \(state.rawValue)"
        }
        return "fleetsynth \(report.version), up \(Amount.text(from: report.started, to: report.now)), \(report.configDirectory): "
            + (["\(count) \(count == 1 ? "dataset" : "datasets")"] + states).joined(separator: ", ")
    }

    private struct Column {
        let title: String
        var isNumber = false
        var width = 0
        let cell: @Sendable (DatasetStatus, Moment) -> String
    }

    private static let columns: [Column] = [
        Column(title: "DATASET") { dataset, _ in dataset.dataset },
        Column(title: "STATE") { dataset, _ in dataset.state.rawValue + (dataset.percent.map { " \($0) %" } ?? "") },
        Column(title: "GENERATION", isNumber: true) { dataset, _ in dataset.published.map { "\($0.generation.number)" } ?? "-" },
        Column(title: "ROWS", isNumber: true) { dataset, _ in dataset.published.map { Amount.grouped($0.generation.rows) } ?? "-" },
        Column(title: "LAST RESULT") { dataset, _ in result(dataset) },
        Column(title: "AGE") { dataset, now in dataset.published.map { Amount.text(from: $0.checked, to: now) } ?? "-" },
        Column(title: "NEXT RUN") { dataset, now in
            dataset.nextRun.map { $0 > now ? "in " + Amount.text(from: now, to: $0) : "now" } ?? "-"
        },
    ]

    private static func result(_ dataset: DatasetStatus) -> String {
        switch dataset.lastRun?.end?.verdict {
        case nil: dataset.lastRun == nil || dataset.state == .running ? "-" : "interrupted"
        case .published: "published"
        case .upToDate: "up to date"
        case .failed: "failed"
        case .quality: "quality gate"
        case .cancelled: "cancelled"
        }
    }

    /// The columns with their widths.
    private func fittingColumns() -> [Column] {
        var columns = Self.columns.map { column in
            var column = column
            column.width = report.datasets.reduce(column.title.count) {
                max($0, PlainText.width(PlainText.line(column.cell($1, report.now), limit: .max)))
            }
            return column
        }
        guard let width else { return columns }
        let gaps = 2
        // A name of twelve columns is still told from others; below that a column less is the smaller loss.
        func needed() -> Int { columns.dropFirst().reduce(min(12, columns[0].width)) { $0 + gaps + $1.width } }
        while needed() > width, columns.count > 2 { columns.removeLast() }
        let rest = columns.dropFirst().reduce(0) { $0 + gaps + $1.width }
        columns[0].width = max(1, min(columns[0].width, width - rest))
        return columns
    }

    private func line(_ cells: [(text: String, column: Column)]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let text = PlainText.line(cell.text, limit: cell.column.width)
            let padding = String(repeating: " ", count: cell.column.width - PlainText.width(text))
            if index > 0 { line += "  " }
            line += cell.column.isNumber ? padding + text : index == cells.count - 1 ? text : text + padding
        }
        return line
    }

    /// Words in lines that fit: what to do stands at an error's end. Only a word that is too long by itself is cut.
    private func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        var line = "   "
        for word in text.split(separator: " ") {
            if let width, PlainText.width(line) + 1 + PlainText.width(String(word)) > width, line.contains(where: { $0 != " " }) {
                lines.append(cut(line))
                line = "       "
            }
            line += " " + word
        }
        return lines + [cut(line)]
    }

    private func cut(_ text: String) -> String { PlainText.line(text, limit: width ?? .max) }
}

/// Lengths of time and counts in a few characters.
package enum Amount {
    /// `5 s`, `3 min`, `7 h`, `12 d`; the largest unit that fits at least twice, seconds below two minutes.
    package static func text(from start: Moment, to end: Moment) -> String {
        let seconds = max(0, end.seconds - start.seconds)
        if seconds < 120 { return "\(seconds) s" }
        if seconds < 7200 { return "\(seconds / 60) min" }
        if seconds < 172_800 { return "\(seconds / 3600) h" }
        return "\(seconds / 86_400) d"
    }

    /// `1234567` as `1,234,567`.
    package static func grouped(_ value: Int) -> String {
        var groups: [Substring] = []
        var digits = Substring(String(value.magnitude))
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }
}
