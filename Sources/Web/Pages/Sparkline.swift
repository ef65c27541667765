/// A line in miniature: the mean of a metric over its window, as the points of an SVG of 120 by 28.
package struct Sparkline {
    static let width = 120.0
    static let height = 28.0
    private static let margin = 2.0

    /// One list of points per stretch without gaps: `2,14.5 4.1,12`.
    package let lines: [String]
    /// What the picture shows, for who cannot see it.
    package let label: String

    /// - Returns: Nil where there are fewer than two values.
    init?(_ overview: GenerationFacts.Overview) { self.init(overview.metric, overview.means) }

    /// - Parameter means: Oldest first; nil where there is no value.
    package init?(_ metric: String, _ means: [Double?]) {
        let values = means.compactMap { $0 }.filter(\.isFinite)
        guard let low = values.min(), let high = values.max(), values.count > 1 else { return nil }
        let step = (Self.width - 2 * Self.margin) / Double(means.count - 1)
        let scale = high > low ? (Self.height - 2 * Self.margin) / (high - low) : 0
        var lines: [[String]] = [[]]
        for (index, value) in means.enumerated() {
            guard let value, value.isFinite else {
                if lines.last?.isEmpty == false { lines.append([]) }
                continue
            }
            let y = high > low ? Self.height - Self.margin - (value - low) * scale : Self.height / 2
            lines[lines.count - 1].append("\(Self.tenths(Self.margin + Double(index) * step)),\(Self.tenths(y))")
        }
        self.lines = lines.filter { $0.count > 1 }.map { $0.joined(separator: " ") }
        label = "\(metric): mean between \(Self.tenths(low)) and \(Self.tenths(high))"
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        let whole = "\(abs(tenths) / 10)" + (tenths % 10 == 0 ? "" : ".\(abs(tenths) % 10)")
        return tenths < 0 ? "-\(whole)" : whole
    }
}
