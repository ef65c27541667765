/// Months, labels and metrics.
extension ConfigValidator {
    // MARK: Lists

    /// The elements of a list, which must differ from each other.
    ///
    /// - Parameters:
    ///   - shown: An element in words.
    ///   - read: The checked value of an element at its path.
    mutating func different<Element: Hashable>(
        _ elements: [Document.Node], path: String, shown: (Element) -> String,
        read: (inout ConfigValidator, Document.Node, String) -> Element?
    ) -> [Element]? {
        var found: [Element] = []
        var seen: Set<Element> = []
        var isRight = true
        for (index, element) in elements.enumerated() {
            let own = ConfigPlace.path(path, index)
            guard let value = read(&self, element, own) else {
                isRight = false
                continue
            }
            if !seen.insert(value).inserted {
                problems.add(
                    "\(shown(value)) is listed twice", remedy: "keep one", path: own, at: element.place, source: element.source)
                isRight = false
            }
            found.append(value)
        }
        return isRight ? found : nil
    }

    /// The elements of a list; nil, with a complaint, for anything else and for too few or too many.
    mutating func elements(
        of node: Document.Node, _ count: ClosedRange<Int>, _ things: String, example: String, path: String
    ) -> [Document.Node]? {
        guard case .sequence(let elements) = node.content else {
            problems.add(
                found(node), expected: "a list of \(things)", remedy: "write for example \(example)", path: path, at: node.place,
                source: node.source)
            return nil
        }
        return countIsRight(elements.count, count, things, node, path) ? elements : nil
    }

    // MARK: Months

    mutating func months(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        guard case .sequence(let elements) = node.content else {
            refuse(found(node), node, key, path)
            return nil
        }
        let month = ConfigKey(path, .integer(1...12), .required, "", example: "[3, 6, 9, 12]")
        let months = different(elements, path: path, shown: { (value: Int) in "month \(value)" }) { this, element, own in
            if case .integer(let value) = this.value(of: element, key: month, path: own) { Int(value) } else { nil }
        }
        return months.map { .months($0.sorted()) }
    }

    // MARK: Labels

    static let maximumLabels = 1000
    private static let maximumLabelBytes = 128

    mutating func labels(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        switch node.content {
        case .scalar:
            refuse(found(node), node, key, path)
            return nil
        case .sequence(let elements):
            guard countIsRight(elements.count, 1...Self.maximumLabels, "labels", node, path) else { return nil }
            let labels = different(elements, path: path, shown: Quoting.quoted) { this, element, own in
                let label = this.label(element, path: own)
                if let label { this.places[ConfigPlace.path(path, label)] = ConfigPlace(place: element.place, source: element.source) }
                return label
            }
            return labels.map { .labels(.equal($0)) }
        case .mapping(let entries):
            guard node.isDamaged || countIsRight(entries.count, 1...Self.maximumLabels, "labels", node, path) else { return nil }
            return weightedLabels(entries, node, path: path)
        }
    }

    private mutating func weightedLabels(_ entries: [Document.Entry], _ node: Document.Node, path: String) -> ConfigValue? {
        var shares: [(label: String, weight: Double)] = []
        var isRight = !node.isDamaged
        for entry in entries {
            if let complaint = labelComplaint(entry.key) {
                problems.add(complaint, remedy: "name the label otherwise", path: path, at: entry.keyPlace, source: entry.value.source)
                isRight = false
            }
            let valuePath = "\(path).\(Quoting.visible(entry.key, limit: 40))"
            let weight = ConfigKey(valuePath, .number(0...1, isOpenBelow: true), .required, "", example: "0.25")
            guard case .number(let share) = value(of: entry.value, key: weight, path: valuePath) else {
                isRight = false
                continue
            }
            shares.append((entry.key, share))
        }
        guard isRight else { return nil }
        let sum = shares.reduce(0) { $0 + $1.weight }
        guard abs(sum - 1) <= 1e-9 else {
            let scaled = Quoting.visible(shares[0].label)
            problems.add(
                "the weights sum to \(Self.rounded(sum))", expected: "a sum of 1",
                remedy: "divide each weight by \(Self.rounded(sum)): \(scaled) becomes \(Self.rounded(shares[0].weight / sum))",
                path: path, at: node.place,
                source: node.source)
            return nil
        }
        return .labels(WeightedLabels(shares))
    }

    /// At most twelve decimals, for messages: 0.1 + 0.2 is 0.3 to people.
    private static func rounded(_ value: Double) -> String { ConfigJSON.canonical((value * 1e12).rounded() / 1e12) }

    private mutating func label(_ node: Document.Node, path: String) -> String? {
        guard case .scalar(let scalar) = node.content, case .text(let text) = ScalarKind(scalar) else {
            if case .scalar(let scalar) = node.content, !node.isNull {
                let shown = Quoting.visible(scalar.text)
                problems.add(
                    "\(shown) is not text to a reader of YAML", expected: "a label", remedy: "put it in quotes: \"\(shown)\"", path: path,
                    at: node.place, source: node.source)
            } else {
                problems.add(
                    found(node), expected: "a label", remedy: "write labels as texts, or as a mapping from label to weight", path: path,
                    at: node.place, source: node.source)
            }
            return nil
        }
        guard let complaint = labelComplaint(text) else { return text }
        problems.add(complaint, remedy: "name the label otherwise", path: path, at: node.place, source: node.source)
        return nil
    }

    func labelComplaint(_ label: String) -> String? {
        if label.isEmpty { return "the label is empty" }
        if label.utf8.count > Self.maximumLabelBytes {
            return "the label has \(label.utf8.count) bytes, more than \(Self.maximumLabelBytes)"
        }
        return TextRule.controlCharacter(in: label)?.message
    }

    mutating func countIsRight(_ count: Int, _ range: ClosedRange<Int>, _ things: String, _ node: Document.Node, _ path: String)
        -> Bool
    {
        if range.contains(count) { return true }
        problems.add(
            "found \(count) \(things)", expected: "\(range.lowerBound) to \(range.upperBound)",
            remedy: count == 0 ? "list at least one, or remove the key to get the default" : "list fewer", path: path, at: node.place,
            source: node.source)
        return false
    }

    // MARK: Metrics

    private static let maximumMetrics = 500

    mutating func metricList(_ node: Document.Node, path: String) {
        let before = problems.errorCount
        switch node.content {
        case .scalar:
            if let key = ConfigTable.key(path) { refuse(found(node), node, key, path) }
        case .sequence(let elements):
            guard countIsRight(elements.count, 1...Self.maximumMetrics, "metrics", node, path) else { break }
            for (index, element) in elements.enumerated() { metric(element, name: nil, path: "\(path)[\(index)]") }
        case .mapping(let entries):
            guard node.isDamaged || countIsRight(entries.count, 1...Self.maximumMetrics, "metrics", node, path) else { break }
            for entry in entries { metric(entry.value, name: entry, path: "\(path).\(Quoting.visible(entry.key, limit: 64))") }
        }
        hasMetrics = metrics.count > 0 || problems.errorCount == before
    }

    private mutating func metric(_ node: Document.Node, name: Document.Entry?, path: String) {
        var metric = MetricSettings(path: path, source: node.source, place: name?.keyPlace ?? node.place)
        if let name, let key = ConfigTable.key(ConfigTable.metricSection + ".name") {
            let keyNode = Document.Node(
                content: .scalar(.init(text: name.key, isPlain: false)), place: name.keyPlace, source: node.source)
            let value = value(of: keyNode, key: key, path: path)
            metric.settings.set("name", value.map { ConfigSetting(value: $0, source: node.source, place: name.keyPlace) })
        }
        defer { metrics.append(metric) }
        // `cpu_p95:` with nothing below it is a metric with all defaults.
        if name != nil, node.isNull { return }
        guard case .mapping(let entries) = node.content else {
            let advice = name == nil ? "write - name: cpu_p95 and its keys" : "write the metric's keys below its name, indented"
            problems.add(
                found(node), expected: "a mapping of the metric's keys", remedy: advice, path: path, at: node.place, source: node.source)
            for key in ConfigTable.metricKeys { metric.settings.set(key.name, nil) }
            return
        }
        for entry in entries {
            let entryPath = "\(path).\(entry.key)"
            guard let key = ConfigTable.key(ConfigTable.join(ConfigTable.metricSection, entry.key)) else {
                unknown(entry, in: ConfigTable.metricSection, shownAs: path)
                continue
            }
            if name != nil, key.name == "name" {
                problems.add(
                    "the name is given by the mapping's key already", remedy: "remove it", path: entryPath, at: entry.keyPlace,
                    source: entry.value.source)
                continue
            }
            let value = value(of: entry.value, key: key, path: entryPath)
            metric.settings.set(key.name, value.map { ConfigSetting(value: $0, source: entry.value.source, place: entry.value.place) })
        }
        if !metric.settings.isDecided("name") {
            problems.add(
                "the metric has no name", expected: "a name for the column", remedy: "add name: cpu_p95", path: path, at: node.place,
                source: node.source)
        }
    }
}
