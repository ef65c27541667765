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
        switch path.target {
        case .unknown(let message, let suggestion):
            problems.add(
                message, remedy: "`fleetsynth schema --markdown` lists all keys", suggestion: suggestion, path: path.shown, at: nil,
                source: source)
        case .key(let key):
            guard let node = read(value, source) else { return }
            set(node, key: key)
        case .metric(let selector, let key):
            guard let node = read(value, source) else { return }
            setMetric(selector, key, node, isFolded: path.isFolded, shown: path.shown)
        }
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

extension Document.Node {
    /// Sets the value at a path of mapping keys, making mappings on the way.
    ///
    /// - Returns: The value that was there. Where the way is blocked by a value that is no mapping nothing changes: it is refused anyway.
    fileprivate mutating func replace(_ steps: [String], with node: Document.Node) -> Document.Node? {
        guard let step = steps.first else {
            let old = self
            self = node
            return old
        }
        var entries: [Document.Entry]
        switch content {
        case .mapping(let existing): entries = existing
        case .sequence: return nil
        case .scalar(let scalar):
            if isNull {
                entries = []
            } else if case .text = ScalarKind(scalar), step == "timezone" {
                // The short form of `schedule`, to which a time zone is added.
                entries = [Document.Entry(key: "cron", keyPlace: place, value: self)]
            } else if step == "cron" {
                let old = self
                content = .mapping([Document.Entry(key: step, keyPlace: node.place, value: node)])
                return old
            } else {
                return nil
            }
        }
        var old: Document.Node?
        if let index = entries.firstIndex(where: { $0.key == step }) {
            old = entries[index].value.replace(Array(steps.dropFirst()), with: node)
        } else {
            var child = Document.Node(content: .mapping([]), place: node.place, source: node.source)
            _ = child.replace(Array(steps.dropFirst()), with: node)
            entries.append(Document.Entry(key: step, keyPlace: node.place, value: child))
        }
        content = .mapping(entries)
        return old
    }

    /// The metrics' names, in order; nil for a metric without one.
    fileprivate var metricNames: [String?] {
        switch content {
        case .mapping(let entries): return entries.map(\.key)
        case .sequence(let elements):
            return elements.map { element in
                if case .scalar(let scalar)? = element["name"]?.content { scalar.text } else { nil }
            }
        case .scalar: return []
        }
    }

    fileprivate mutating func replaceInMetric(_ index: Int, key: String, with node: Document.Node) -> Document.Node? {
        var old: Document.Node?
        switch content {
        case .mapping(var entries):
            old = entries[index].value.replace([key], with: node)
            content = .mapping(entries)
        case .sequence(var elements):
            old = elements[index].replace([key], with: node)
            content = .sequence(elements)
        case .scalar: break
        }
        return old
    }
}
