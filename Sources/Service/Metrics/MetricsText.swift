/// Metrics in Prometheus's text format, version 0.0.4.
///
/// ```
/// # HELP fleetsynth_runs_total Runs that ended.
/// # TYPE fleetsynth_runs_total counter
/// fleetsynth_runs_total{dataset="web",result="published",reason="config"} 3
/// ```
/// Families come in the order of their list, series by their labels: the same values have the same text.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
public enum MetricsText {
    /// What an HTTP answer with this text says about itself.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// - Parameter families: Those without series are left out.
    /// - Complexity: O(series log series).
    public static func text(_ state: MetricsState, _ families: [MetricFamily] = MetricFamily.all) -> String {
        var text = ""
        for family in families {
            guard let series = state.series[family], !series.isEmpty else { continue }
            text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n# TYPE \(family.name) \(family.kind.word)\n"
            for (values, sample) in series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                append(sample, family, zip(family.labels, values).map { "\($0)=\"\(escaped($1))\"" }, to: &text)
            }
        }
        return text
    }

    private static func append(_ sample: MetricsState.Sample, _ family: MetricFamily, _ labels: [String], to text: inout String) {
        func line(_ suffix: String, _ labels: [String], _ value: Double) {
            text += family.name + suffix
            if !labels.isEmpty { text += "{" + labels.joined(separator: ",") + "}" }
            text += " \(number(value))\n"
        }
        switch sample {
        case .value(let value): line("", labels, value)
        case .histogram(let counts, let sum):
            guard case .histogram(let bounds) = family.kind else { return }
            var count: UInt64 = 0
            for (bound, own) in zip(bounds + [.infinity], counts) {
                count += own
                line("_bucket", labels + ["le=\"\(number(bound))\""], Double(count))
            }
            line("_sum", labels, sum)
            line("_count", labels, Double(count))
        }
    }

    /// As Go's ParseFloat reads it; whole numbers without a point.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value.magnitude < 1e15, value == value.rounded() { return "\(Int64(value))" }
        return "\(value)"
    }

    /// Text as a label's value or, without quotes, as help.
    static func escaped(_ text: String, quotes: Bool = true) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
