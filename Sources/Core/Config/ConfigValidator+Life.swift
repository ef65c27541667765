/// Lasting changes and lifetimes.
extension ConfigValidator {
    static let maximumChanges = 50
    static let maximumChangeDays = 1000
    static let maximumFleetCounts = 100

    // MARK: Changes

    mutating func changes(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        var found: [LastingChange] = []
        let isRight = eachEntry(of: node, most: Self.maximumChanges, "changes", key: key, path: path) { this, entry, own in
            let name = ConfigKey("", .text(.changeName), .required, "", example: "new-hardware")
            let text = Document.Node(
                content: .scalar(.init(text: entry.key, isPlain: false)), place: entry.keyPlace, source: entry.value.source)
            let isNamed = this.value(of: text, key: name, path: own) != nil
            guard let change = this.change(entry, key: key, path: own), isNamed else { return false }
            found.append(change)
            return true
        }
        if isRight, found.isEmpty { return .null }
        return isRight ? .changes(found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) : nil
    }

    private mutating func change(_ entry: Document.Entry, key: ConfigKey, path: String) -> LastingChange? {
        var (days, choices, factors): ([Day]?, [LabelChoice], [LastingFactor]?) = (nil, [], nil)
        let values = members(
            of: entry.value, keys: ConfigTable.changeKeys, more: ConfigTable.changeLists.map(\.name), key: key, path: path
        ) { this, part, own in
            switch part.key {
            case "at":
                days = this.days(part.value, path: own)
                return days != nil
            case "servers":
                guard let found = this.choices(part.value, key: key, path: own) else { return false }
                choices = found
                return true
            default:
                factors = this.lastingFactors(part.value, key: key, path: own)
                return factors != nil
            }
        }
        guard let values else { return nil }
        func complain(_ message: String, _ remedy: String) -> LastingChange? {
            problems.add(message, remedy: remedy, path: path, at: entry.keyPlace, source: entry.value.source)
            return nil
        }
        guard let factors else { return complain("the change has no metrics", "add metrics: { cpu_p95: 0.7 }") }
        let timing: LastingChange.Timing
        let spread = Self.seconds(values["spread"])
        switch (days, values["per_year"]) {
        case (let days?, nil): timing = .dates(days, spread: spread)
        case (nil, .number(let rate)):
            if spread > 0 { return complain("spread is about the days of at, and the change has per_year", "remove spread") }
            timing = .perYear(rate)
        case (nil, _): return complain("the change has neither at nor per_year", "add at: [2024-03-01], or per_year: 0.5")
        default: return complain("the change has both at and per_year", "keep one of them")
        }
        guard case .text(let kind) = values["kind"], let kind = LastingChange.Kind(rawValue: kind),
            case .number(let share) = values["share"]
        else { return nil }
        return LastingChange(
            name: entry.key, kind: kind, timing: timing, servers: choices, share: share, metrics: factors,
            ramp: Self.seconds(values["ramp"]))
    }

    private static func seconds(_ value: ConfigValue?) -> Int64 {
        if case .text(let text) = value { DurationText.seconds(text) ?? 0 } else { 0 }
    }

    /// Different days, ascending; one alone needs no list.
    private mutating func days(_ node: Document.Node, path: String) -> [Day]? {
        var elements = [node]
        if case .sequence(let list) = node.content { elements = list }
        guard countIsRight(elements.count, 1...Self.maximumChangeDays, "days", node, path) else { return nil }
        let isAlone = elements.count == 1
        let days = different(elements, path: path, shown: \.description) { this, element, own -> Day? in
            let own = isAlone ? path : own
            let key = ConfigKey(own, .day, .required, "", example: "2024-03-01")
            if case .sequence = element.content {
                this.refuse(this.found(element), element, key, own)
                return nil
            }
            if case .date(.fixed(let day)) = this.value(of: element, key: key, path: own) { return day }
            return nil
        }
        return days?.sorted()
    }

    private mutating func choices(_ node: Document.Node, key: ConfigKey, path: String) -> [LabelChoice]? {
        var choices: [LabelChoice] = []
        let isRight = eachEntry(of: node, most: 4, "columns", key: key, path: path) { this, column, own in
            guard let label = ServerDirectory.Label(rawValue: column.key) else {
                this.foreign(column, known: ServerDirectory.Label.allCases.map(\.rawValue), path: path)
                return false
            }
            let labels = ConfigKey(own, .labels, .required, "", example: "[eu-west-1]")
            guard case .sequence = column.value.content else {
                this.refuse(this.found(column.value), column.value, labels, own, remedy: "write a list such as [eu-west-1]")
                return false
            }
            guard case .labels(let found) = this.value(of: column.value, key: labels, path: own) else { return false }
            choices.append(LabelChoice(column: label, labels: found.labels))
            return true
        }
        return isRight ? choices.sorted { $0.column.rawValue.utf8.lexicographicallyPrecedes($1.column.rawValue.utf8) } : nil
    }

    private mutating func lastingFactors(_ node: Document.Node, key: ConfigKey, path: String) -> [LastingFactor]? {
        var factors: [LastingFactor] = []
        let isRight = eachEntry(of: node, most: 500, "metrics", key: key, path: path) { this, metric, own in
            var elements = [metric.value]
            if case .sequence(let list) = metric.value.content { elements = list }
            let number = ConfigKey(own, .number(0...1000, isOpenBelow: true), .required, "", example: "0.7")
            let bounds = elements.compactMap { element -> Double? in
                if case .number(let value) = this.value(of: element, key: number, path: own) { value } else { nil }
            }
            guard bounds.count == elements.count else { return false }
            guard let low = bounds.first, let high = bounds.last, bounds.count <= 2, low <= high else {
                this.problems.add(
                    "these are no two bounds", expected: "a factor, or a list of the lower and the upper bound of one",
                    remedy: "write for example 0.7, or [0.7, 1.4]", path: own, at: metric.value.place, source: metric.value.source)
                return false
            }
            factors.append(LastingFactor(metric: metric.key, low: low, high: high))
            return true
        }
        guard isRight else { return nil }
        guard !factors.isEmpty else {
            problems.add(
                "there is no metric", remedy: "write for example { cpu_p95: 0.7 }", path: path, at: node.place, source: node.source)
            return nil
        }
        return factors.sorted { $0.metric.utf8.lexicographicallyPrecedes($1.metric.utf8) }
    }

    // MARK: Lifetimes

    mutating func fleetGrowth(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        guard case .sequence(let elements) = node.content else {
            refuse(found(node), node, key, path)
            return nil
        }
        guard countIsRight(elements.count, 2...Self.maximumFleetCounts, "days", node, path) else { return nil }
        var counts: [FleetCount] = []
        for (index, element) in elements.enumerated() {
            let own = "\(path)[\(index)]"
            guard let values = members(of: element, keys: ConfigTable.fleetCountKeys, key: key, path: own),
                case .date(.fixed(let date)) = values["date"], case .integer(let servers) = values["servers"]
            else { continue }
            if let before = counts.last, before.date >= date || before.servers > Int(servers) {
                problems.add(
                    before.date >= date
                        ? "\(date) does not come after \(before.date)" : "\(servers) servers are fewer than \(before.servers)",
                    expected: "days and numbers that rise", remedy: "sort them; servers end by `decommission`", path: own,
                    at: element.place,
                    source: element.source)
                return nil
            }
            counts.append(FleetCount(date: date, servers: Int(servers)))
        }
        return counts.count == elements.count ? .fleetGrowth(counts) : nil
    }

    mutating func commissioning(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        guard let values = members(of: node, keys: ConfigTable.commissionedKeys, key: key, path: path),
            case .number(let share) = values["share"], case .date(.fixed(let from)) = values["from"],
            case .date(.fixed(let to)) = values["to"]
        else { return nil }
        guard from <= to else {
            problems.add("\(from) comes after \(to)", remedy: "swap from and to", path: path, at: node.place, source: node.source)
            return nil
        }
        return .commissioning(Commissioning(share: share, from: from, to: to))
    }

    mutating func decommissioning(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        guard let values = members(of: node, keys: ConfigTable.decommissionKeys, key: key, path: path),
            case .number(let rate) = values["per_year"], case .date(.fixed(let from)) = values["from"]
        else { return nil }
        return .decommissioning(Decommissioning(perYear: rate, from: from))
    }

    // MARK: Mappings of known keys

    /// The checked values of a mapping by key, defaults filled in; nil where something was refused.
    ///
    /// - Parameters:
    ///   - more: Names of further keys.
    ///   - other: Takes an entry of those, and tells whether it was right.
    private mutating func members(
        of node: Document.Node, keys: [ConfigKey], more: [String] = [], key: ConfigKey, path: String,
        other: (inout ConfigValidator, Document.Entry, String) -> Bool = { _, _, _ in false }
    ) -> [String: ConfigValue]? {
        var values: [String: ConfigValue] = [:]
        let isRight = eachEntry(of: node, most: 32, "keys", key: key, path: path) { this, part, own in
            if more.contains(part.key) { return other(&this, part, own) }
            guard let known = keys.first(where: { $0.name == part.key }) else {
                this.foreign(part, known: keys.map(\.name) + more, path: path)
                return false
            }
            values[known.name] = this.value(of: part.value, key: known, path: own)
            return values[known.name] != nil
        }
        // What is refused already says enough: missing keys are asked for once the others are right.
        guard isRight else { return nil }
        for known in keys where values[known.name] == nil {
            switch known.fallback {
            case .required:
                problems.add(
                    "\(known.name) is missing", expected: known.expectation, remedy: "add \(known.name): \(known.example)", path: path,
                    at: node.place, source: node.source)
                return nil
            case .value(let text): values[known.name] = value(of: StandardDocument.node(text), key: known, path: path)
            case .absent, .derived: break
            }
        }
        return values
    }
}
