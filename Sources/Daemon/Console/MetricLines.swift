import Core
import Reports

/// What there is to say of each metric in a line: one figure below the other, units below units.
///
/// ```
/// cpu_p95:   mean 45.0, std 15.1, max  99.0 %
/// errors_rt: mean 0.00312, std 0.00101, max 0.00800
/// ```
struct MetricLines {
    /// A number by its name.
    typealias Figure = (name: String, value: @Sendable (MetricSummary) -> Double?)

    static let all: [Figure] = [
        ("mean", { $0.mean }), ("std", { $0.std }), ("min", { $0.min }), ("P5", { $0.p5 }), ("P50", { $0.p50 }), ("P95", { $0.p95 }),
        ("max", { $0.max }),
    ]
    static let few: [Figure] = [("min", { $0.min }), ("mean", { $0.mean }), ("P95", { $0.p95 }), ("max", { $0.max })]

    private let figures: [Figure]
    /// The longest number of each figure, and the longest unit.
    private let widths: [Int]
    private let unit: Int

    init(_ metrics: [MetricSummary], _ figures: [Figure]) {
        self.figures = figures
        widths = figures.map { figure in metrics.map { Self.text(figure.value($0)).count }.max() ?? 0 }
        unit = metrics.map(\.unit.count).max() ?? 0
    }

    /// The figures of one of the metrics, with its unit.
    func numbers(_ metric: MetricSummary) -> String {
        guard metric.mean != nil else { return "every value is missing" }
        let texts = zip(figures, widths).map { figure, width in "\(figure.name) \(Self.padded(Self.text(figure.value(metric)), width))" }
        return texts.joined(separator: ", ") + (metric.unit.isEmpty ? "" : " \(metric.unit)")
    }

    /// The same and the share of missing cells.
    func numbersAndMissing(_ metric: MetricSummary) -> String {
        guard metric.mean != nil else { return numbers(metric) }
        let space = unit == 0 ? 0 : unit - metric.unit.count + (metric.unit.isEmpty ? 1 : 0)
        return numbers(metric) + String(repeating: " ", count: space) + ", missing \(Numbers.significant(100 * metric.missingShare)) %"
    }

    private static func text(_ value: Double?) -> String { value.map(Numbers.significant) ?? "-" }

    private static func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: width - text.count) + text }
}
