/// Puts the environment's and the command line's values into a document, each with its name as source.
///
/// A value that was replaced is handed back, because what is wrong with it is still to be said.
struct ConfigOverrides {
    static let environmentPrefix = "FLEETSYNTH__"

    /// A value of the file that an override hides.
    struct Hidden {
        var node: Document.Node
        var key: ConfigKey
        var path: String
    }

    private(set) var root: Document.Node
    private(set) var hidden: [Hidden] = []
    private var problems: ProblemCollector

    /// - Parameters:
    ///   - root: The file's document.
    ///   - environment: All variables; those without the prefix `FLEETSYNTH__` are not looked at.
    ///   - flags: Key path and YAML text of each override, in order; a later one wins.
    ///   - problems: Receives what is wrong.
    /// - Returns: The document with everything replaced, and what was replaced.
    static func apply(
        environment: [String: String], flags: [(path: String, value: String)], to root: Document.Node, problems: inout ProblemCollector
    ) -> ConfigOverrides {
        var overrides = ConfigOverrides(root: root, problems: problems)
        let variables = environment.filter { $0.key.hasPrefix(environmentPrefix) }.sorted { $0.key < $1.key }
        for (name, value) in variables { overrides.apply(variable: name, value) }
        for flag in flags { overrides.apply(flag: flag.path, flag.value) }
        problems = overrides.problems
        return overrides
    }

    private init(root: Document.Node, problems: ProblemCollector) {
        self.root = root
        self.problems = problems
    }

    private static let start = Document.Place(line: 1, column: 1, endLine: 1, endColumn: 2)

    // MARK: The two sources

    private mutating func apply(variable name: String, _ value: String) {
        let source = Document.Source.environment(name)
        let path = OverridePath(variable: String(name.dropFirst(Self.environmentPrefix.count)))
        // Shells and unit files leave empty variables behind; one that names a key is still a value, and refused as one.
        if value.isEmpty, !path.isKnown {
            problems.add(
                "the variable is empty and names no key: it is ignored", remedy: "unset it", at: nil, source: source, severity: .warning)
            return
        }
        apply(path, value, source)
    }

    private mutating func apply(flag text: String, _ value: String) { apply(OverridePath(flag: text), value, .flag(text)) }

    private mutating func apply(_ path: OverridePath, _ value: String, _ source: Document.Source) {
        // What stands where no key is need not be read.
        if case .unknown(let message, let suggestion) = path.target { return refuse(message, suggestion: suggestion, path, source) }
        if let node = read(value, source) { apply(path, node) }
    }

    private mutating func apply(_ path: OverridePath, _ node: Document.Node) {
        switch path.target {
        case .unknown(let message, let suggestion): refuse(message, suggestion: suggestion, path, node.source)
        case .key(let key): set(node, key: key)
        case .part(let key, let steps): setPart(path.isFolded ? spelled(steps, in: key) : steps, of: key, node, path)
        case .metric(let selector, let key): setMetric(selector, key, node, isFolded: path.isFolded, shown: path.shown)
        case .section(let section):
            if case .mapping(let entries) = node.content {
                for entry in entries { apply(path.child(entry.key), entry.value) }
            } else if section == "schedule", let cron = ConfigTable.key("schedule.cron") {
                set(node, key: cron)
            } else {
                let names = ConfigTable.keys(in: section).map(\.name) + ConfigTable.subsections(of: section)
                refuse("\(section) is a section; set one of its keys: \(names.joined(separator: ", "))", path, node.source)
            }
        case .wholeMetric(let selector):
            if case .mapping(let entries) = node.content {
                for entry in entries { apply(path.child(entry.key), entry.value) }
            } else {
                refuse(
                    "a metric is no single value", suggestion: "data_generation.metrics.\(Quoting.visible(selector)).base_mean", path,
                    node.source)
            }
        }
    }

    private mutating func refuse(_ message: String, suggestion: String? = nil, _ path: OverridePath, _ source: Document.Source) {
        problems.add(
            message, remedy: "`fleetsynth schema --markdown` lists all keys", suggestion: suggestion, path: path.shown, at: nil,
            source: source)
    }

    private mutating func read(_ value: String, _ source: Document.Source) -> Document.Node? {
        guard let document = DocumentReader.read(Array(value.utf8), source: source, problems: &problems) else { return nil }
        // No text at all is null to YAML.
        return document.root ?? Document.Node(content: .scalar(.init(text: "", isPlain: true)), place: Self.start, source: source)
    }

    // MARK: Setting values

    private mutating func set(_ node: Document.Node, key: ConfigKey) {
        // `schedule: "@daily"` is the short form of a section, so the section is a value as well.
        let steps = key.path.split(separator: ".").map(String.init)
        if let old = root.replace(steps, with: node), old.source == .file { hidden.append(Hidden(node: old, key: key, path: key.path)) }
    }

    private func steps(to key: ConfigKey) -> [String] { key.path.split(separator: ".").map(String.init) }

    /// A variable's name is in capitals, so the names in it are those of the config whatever their case.
    private func spelled(_ steps: [String], in key: ConfigKey) -> [String] { root.value(at: self.steps(to: key))?.spelled(steps) ?? steps }

    private mutating func setPart(_ steps: [String], of key: ConfigKey, _ node: Document.Node, _ path: OverridePath) {
        let home = self.steps(to: key)
        let old = root.value(at: home)
        if let count = old?.blocked(steps) {
            let whole = ([key.path] + steps.prefix(count)).joined(separator: ".")
            return refuse(
                "\(Quoting.visible(whole, limit: 200)) is one value and is set as a whole", suggestion: Quoting.visible(whole, limit: 200),
                path,
                node.source)
        }
        _ = root.replace(home + steps, with: node)
        // What the value is now is the override's doing as much as the file's, and the file's is checked by itself.
        root.setSource(node.source, at: home)
        if let old, old.source == .file { hidden.append(Hidden(node: old, key: key, path: key.path)) }
    }

    private mutating func setMetric(_ selector: String, _ key: ConfigKey, _ node: Document.Node, isFolded: Bool, shown: String) {
        let listPath = ["data_generation", "metrics"]
        if root["data_generation"]?["metrics"] == nil { _ = root.replace(listPath, with: StandardDocument.metrics) }
        guard var list = root["data_generation"]?["metrics"] else { return }
        let names = list.metricNames
        var matches = names.indices.filter { names[$0] == selector }
        if isFolded, matches.isEmpty { matches = names.indices.filter { names[$0]?.lowercased() == selector.lowercased() } }
        if matches.isEmpty, let index = Int(selector), names.indices.contains(index) { matches = [index] }
        guard let index = matches.first, matches.count == 1 else {
            let known = names.compactMap(\.self)
            problems.add(
                matches.isEmpty
                    ? "there is no metric \(Quoting.visible(selector))" : "the name \(Quoting.visible(selector)) fits several metrics",
                expected: "one of \(Quoting.visible(known.joined(separator: ", "), limit: 200))",
                remedy: "name the metric as the config does",
                suggestion: Suggestions.nearest(to: selector, among: known), path: shown, at: nil, source: node.source)
            return
        }
        let name = names[index] ?? "\(index)"
        if let old = list.replaceInMetric(index, key: key.name, with: node), old.source == .file {
            hidden.append(Hidden(node: old, key: key, path: "data_generation.metrics.\(name).\(key.name)"))
        }
        _ = root.replace(listPath, with: list)
    }
}
