/// Every value a dataset is made with, and who gave it.
public struct EffectiveConfig: Equatable, Sendable {
    /// One key's value, for people.
    public struct Line: Equatable, Sendable {
        /// Key path as `--set` takes it: `data_generation.metrics.cpu_p95.base_mean`.
        public let path: String
        /// Canonical text (JSON): `45`, `"local"`, `[3,6,9,12]`.
        public let value: String
        /// Who gave it.
        public let origin: ConfigOrigin
    }

    /// Without the table's defaults.
    private let given: ConfigSettings
    private let givenMetrics: [MetricSettings]
    private let file: String

    private var settings: ConfigSettings { given.withDefaults() }
    private var metrics: [MetricSettings] {
        givenMetrics.map { metric in
            var metric = metric
            metric.settings = metric.settings.withDefaults(section: Self.metricSection)
            return metric
        }
    }
    private static let metricSection = ConfigTable.metricSection + "."

    /// Complete settings without problems.
    init(_ settings: ConfigSettings, metrics: [MetricSettings], file: String) {
        given = settings.withoutDefaults()
        givenMetrics = metrics.map { metric in
            var metric = metric
            metric.settings = metric.settings.withoutDefaults(section: Self.metricSection)
            return metric
        }
        self.file = file
    }

    /// Every key, in the order of the table; metrics in column order.
    ///
    /// - Complexity: O(keys), made anew each time: only `plan` asks, while a service keeps a thousand configs.
    public var lines: [Line] {
        let (settings, metrics) = (settings, metrics)
        var lines: [Line] = []
        var areMetricsListed = false
        for key in ConfigTable.keys {
            if key.section == ConfigTable.metricSection {
                // All keys of a metric together, metric by metric.
                if areMetricsListed { continue }
                areMetricsListed = true
                for metric in metrics { lines += Self.lines(of: metric, file: file) }
            } else if let setting = settings[key.path] {
                lines.append(Line(path: key.path, value: setting.value.json.text, origin: ConfigOrigin(setting, file: file)))
            }
        }
        return lines
    }

    private static func lines(of metric: MetricSettings, file: String) -> [Line] {
        let prefix = "data_generation.metrics.\(metric.name ?? "")."
        return ConfigTable.metricKeys.compactMap { key in
            metric.settings[key.name].map { Line(path: prefix + key.name, value: $0.value.json.text, origin: ConfigOrigin($0, file: file)) }
        }
    }

    /// The whole effective config as one canonical text: what a manifest keeps, and what a hash is taken of.
    ///
    /// Members are sorted. Read as a config it gives the same `DatasetSpec`
    /// and the same text again. There are no secrets in it, because no key takes one.
    public func canonicalJSON() -> String {
        var members: [(String, ConfigJSON)] = []
        let values = settings.values.mapValues(\.value)
        for section in ConfigTable.subsections(of: "") {
            let inner = json(of: section, values)
            if inner == .object([]), ConfigTable.isQuiet(section) { continue }
            members.append((section, inner))
        }
        return ConfigJSON.sorted(members).text
    }

    /// What decides the bytes of the panel: `data_generation` and `output`, canonical, with the window's days in place of the dates given.
    ///
    /// - Parameter window: The days of the run.
    public func dataJSON(window: DayRange) -> String {
        var fixed = settings.values.mapValues(\.value)
        fixed["data_generation.start_date"] = .date(.fixed(window.start))
        fixed["data_generation.end_date"] = .date(.fixed(window.end))
        // A page about the panel is no part of it.
        fixed["output.report"] = nil
        return ConfigJSON.sorted(["data_generation", "output"].map { ($0, json(of: $0, fixed)) }).text
    }

    private func json(of section: String, _ values: [String: ConfigValue]) -> ConfigJSON {
        // A section with a time zone and no schedule would say something it does not mean.
        if section == "schedule", values["schedule.cron"] == .null { return .null }
        var members: [(String, ConfigJSON)] = ConfigTable.keys(in: section).compactMap { Self.member($0, values[$0.path]) }
        for name in ConfigTable.subsections(of: section) {
            let path = ConfigTable.join(section, name)
            let inner = json(of: path, values)
            if inner == .object([]), ConfigTable.isQuiet(path) { continue }
            members.append((name, inner))
        }
        if section == "data_generation" { members.append(("metrics", .array(metrics.map(Self.json)))) }
        return .sorted(members)
    }

    private static func json(of metric: MetricSettings) -> ConfigJSON {
        .sorted(ConfigTable.metricKeys.compactMap { member($0, metric.settings[$0.name]?.value) })
    }

    /// Nil for a quiet key at its default.
    private static func member(_ key: ConfigKey, _ value: ConfigValue?) -> (String, ConfigJSON)? {
        guard let value, !key.isQuiet || StandardDocument.settings[key.path]?.value != value else { return nil }
        return (key.name, value.json)
    }
}
