import Core
import Reports

/// A preview as lines of text: with pictures of block characters on a terminal, in plain numbers elsewhere.
struct PreviewText {
    let lines: [String]

    /// - Parameter columns: Of the terminal; nil where there is none.
    init(_ plan: PanelPlan, _ result: PanelPreview.Result, columns: Int?) {
        let fleet = "\(Humane.count(result.servers)) of \(Humane.count(plan.servers.count)) servers"
        var lines = [
            "\(plan.spec.name): \(fleet) x \(Humane.steps(plan.rowSteps)), \(plan.days.start.iso) to \(plan.days.end.iso); nothing is published"
        ]
        let names = result.metrics.map(\.name.count).max() ?? 0
        for (index, metric) in result.metrics.enumerated() {
            let name = metric.name + String(repeating: " ", count: names - metric.name.count)
            let numbers = Self.numbers(metric)
            if let columns {
                let course = Sparkline.text(result.course(metric: index, points: max(8, columns - names - 4)))
                let week = Sparkline.text(result.weekdays[index])
                lines += ["", "\(name)  \(course)", "\(String(repeating: " ", count: names))  \(numbers)"]
                lines.append("\(String(repeating: " ", count: names))  Mon \(week) Sun")
            } else {
                let week = result.weekdays[index].map { $0.map(Humane.twoDecimals) ?? "-" }.joined(separator: " ")
                lines += ["\(name)  \(numbers)", "\(String(repeating: " ", count: names))  Monday to Sunday \(week)"]
            }
        }
        let skipped = result.quality.checks.count { $0.verdict == .notApplicable }
        let failures = result.quality.failures
        if columns != nil { lines.append("") }
        lines.append(
            "\(result.quality.checks.count - failures.count - skipped) checks of these servers pass, \(failures.count) fail, "
                + "\(skipped) are not measured")
        lines += failures.map { "  \($0.sentence)" }
        self.lines = lines
    }

    private static func numbers(_ metric: MetricSummary) -> String {
        guard metric.mean != nil else { return "every value is missing" }
        let unit = metric.unit.isEmpty ? "" : " \(metric.unit)"
        return [("min", metric.min), ("mean", metric.mean), ("P95", metric.p95), ("max", metric.max)]
            .compactMap { name, value in value.map { "\(name) \(Humane.twoDecimals($0))" } }.joined(separator: ", ") + unit
    }
}
