/// Checks a document against the table of keys: unknown names, types and ranges. Everything is reported, nothing is repaired.
///
/// Contradictions between values that are each right are `Contradictions`' part.
struct ConfigValidator {
    var problems: ProblemCollector
    var settings = ConfigSettings()
    var metrics: [MetricSettings] = []
    /// Where the keys of mappings stand whose keys are names, by path: what is wrong with one of them points at it.
    var places: [String: ConfigPlace] = [:]
    /// Whether the metrics that were found are all there are: not so when the list itself was refused.
    var hasMetrics = true

    init(problems: ProblemCollector) { self.problems = problems }

    /// Checks the whole document, then fills in defaults.
    mutating func validate(_ root: Document.Node) {
        section("", root)
        for key in ConfigTable.keys where key.section != ConfigTable.metricSection && !settings.isDecided(key.path) {
            if let standard = StandardDocument.settings[key.path] { settings.set(key.path, standard) }
        }
        let metricsPath = "data_generation.metrics"
        if !settings.isDecided(metricsPath), hasMetrics, metrics.isEmpty { metricList(StandardDocument.metrics, path: metricsPath) }
        deriveIDWidth()
        metrics = metrics.map(filledIn)
    }

    /// Checks one value that an override hides: it takes part in nothing, but what is wrong with it is still said.
    mutating func validateHidden(_ node: Document.Node, key: ConfigKey, path: String) {
        var scratch = ConfigValidator(problems: problems)
        if case .metrics = key.kind { scratch.metricList(node, path: path) } else { _ = scratch.value(of: node, key: key, path: path) }
        problems = scratch.problems
    }

    // MARK: Sections

    private mutating func section(_ path: String, _ node: Document.Node) {
        if path == "schedule", case .scalar(let scalar) = node.content, case .text = ScalarKind(scalar),
            let cron = ConfigTable.key("schedule.cron")
        {
            take(node, key: cron, path: path)
            return
        }
        // A section whose keys are all commented out is null to YAML, and means what `{}` means.
        if node.isNull { return }
        guard case .mapping(let entries) = node.content else {
            problems.add(
                found(node), expected: "a mapping of keys", remedy: "write the section's keys below it, indented", path: path,
                at: node.place,
                source: node.source)
            for key in ConfigTable.keys where isWithin(key.path, path) { settings.set(key.path, nil) }
            if isWithin("data_generation.metrics", path) { hasMetrics = false }
            return
        }
        for entry in entries {
            let name = ConfigTable.join(path, entry.key)
            if let key = ConfigTable.key(name), key.section == path {
                take(entry.value, key: key, path: name)
            } else if ConfigTable.isSection(name) {
                section(name, entry.value)
            } else {
                unknown(entry, in: path, shownAs: path)
            }
        }
    }

    private func isWithin(_ path: String, _ section: String) -> Bool { section.isEmpty || path.hasPrefix(section + ".") }

    private mutating func take(_ node: Document.Node, key: ConfigKey, path: String) {
        if case .metrics = key.kind {
            metricList(node, path: path)
            return
        }
        let value = value(of: node, key: key, path: path)
        settings.set(key.path, value.map { ConfigSetting(value: $0, source: node.source, place: node.place) })
    }

    /// Notes a key that the table does not know, with the name or the place that was probably meant.
    mutating func unknown(_ entry: Document.Entry, in section: String, shownAs sectionPath: String) {
        // Guessing is costly, and a problem that is only counted needs no guess.
        let guess = problems.isOpen ? Suggestions.forKey(entry.key, in: section) : (meant: nil, belongsUnder: nil)
        let name = Quoting.visible(entry.key)
        let path = ConfigTable.join(sectionPath, name)
        if let home = guess.belongsUnder {
            problems.add(
                "unknown key: \(name) belongs under \(home)", remedy: "move it to \(home)", path: path, at: entry.keyPlace,
                source: entry.value.source)
        } else {
            problems.add(
                "unknown key",
                remedy: guess.meant.map { "rename it to \($0)" } ?? "remove it, or see the reference for the keys of this section",
                suggestion: guess.meant, path: path, at: entry.keyPlace, source: entry.value.source)
        }
    }

    // MARK: Defaults

    private mutating func deriveIDWidth() {
        let path = "data_generation.server_id.width"
        guard !settings.isDecided(path) else { return }
        let digits = settings.integer("data_generation.num_servers").map { "\($0)".utf8.count }
        settings.set(path, digits.map { ConfigSetting(value: .integer(Int128(max(4, $0))), source: .standard) })
    }

    /// A metric with its defaults, some of which are other keys' values.
    private func filledIn(_ given: MetricSettings) -> MetricSettings {
        var metric = given
        for key in ConfigTable.metricKeys where !metric.settings.isDecided(key.name) {
            if let standard = StandardDocument.settings[key.path] {
                metric.settings.set(key.name, standard)
            } else if case .required = key.fallback {
                metric.settings.set(key.name, nil)
            }
        }
        for name in ConfigTable.inheritedMetricKeys where !metric.settings.isDecided(name) {
            metric.settings.set(name, settings["data_generation." + name])
        }
        if !metric.settings.isDecided("server_bias_std") {
            let half = metric.settings.number("base_std").map { $0 / 2 }
            metric.settings.set("server_bias_std", half.map { ConfigSetting(value: .number($0), source: .standard) })
        }
        return metric
    }
}

/// Default values as documents, so that they take the way every other value takes.
enum StandardDocument {
    static let metrics = node(ConfigTable.standardMetrics)

    /// The defaults that depend on no other key, by path.
    static let settings: [String: ConfigSetting] = {
        var result: [String: ConfigSetting] = [:]
        for key in ConfigTable.keys {
            switch key.fallback {
            case .value(let text):
                var validator = ConfigValidator(problems: ProblemCollector(file: "default", bytes: []))
                guard let value = validator.value(of: node(text), key: key, path: key.path) else {
                    preconditionFailure("the default of \(key.path) is refused")
                }
                result[key.path] = ConfigSetting(value: value, source: .standard)
            case .absent: result[key.path] = ConfigSetting(value: .null, source: .standard)
            case .derived, .required: break
            }
        }
        return result
    }()

    /// - Parameter text: YAML of ours.
    static func node(_ text: String) -> Document.Node {
        var problems = ProblemCollector(file: "default", bytes: [])
        guard let root = DocumentReader.read(Array(text.utf8), source: .standard, problems: &problems)?.root, !problems.hasErrors else {
            preconditionFailure("a default is no YAML: \(text)")
        }
        return root
    }
}
