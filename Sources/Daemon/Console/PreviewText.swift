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
        let figures = MetricLines(result.metrics, MetricLines.few)
        for (index, metric) in result.metrics.enumerated() {
            let name = metric.name + String(repeating: " ", count: names - metric.name.count)
            let numbers = figures.numbers(metric)
            if let columns {
                let course = Sparkline.text(result.course(metric: index, points: max(8, columns - names - 4)))
                let week = Sparkline.text(result.weekdays[index])
                lines += ["", "\(name)  \(course)", "\(String(repeating: " ", count: names))  \(numbers)"]
                lines.append("\(String(repeating: " ", count: names))  Mon \(week) Sun")
            } else {
                let week = result.weekdays[index].map { $0.map(Numbers.significant) ?? "-" }.joined(separator: " ")
                lines += ["\(name)  \(numbers)", "\(String(repeating: " ", count: names))  Monday to Sunday \(week)"]
            }
        }
        let skipped = result.quality.checks.count { $0.verdict == .notApplicable }
        let failures = result.quality.failures
        if columns != nil { lines.append("") }
        lines.append(
            "\(result.quality.checks.count - failures.count - skipped) checks of these servers pass, \(failures.count) fail, "
                + "\(skipped) are not measured")
        let weak = result.quality.inconclusiveCount
        if weak > 0 {
            lines.append("  \(weak) of those that pass are not conclusive: so few servers and days would pass without the effect, too")
        }
        lines += failures.map { "  \($0.sentence)" }
        self.lines = lines
    }
}
