/// Incidents, and thresholds of load.
extension ConfigValidator {
    static let maximumIncidents = 64
    static let maximumTimes = 1000
    static let rateFactors = 0.0...100

    mutating func incidents(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        var found: [IncidentSpec] = []
        let isRight = eachEntry(of: node, most: Self.maximumIncidents, "incidents", key: key, path: path) { this, entry, own in
            let name = this.incidentName(entry, path: own)
            guard let incident = this.incident(entry, path: own), name else { return false }
            found.append(incident)
            return true
        }
        // None are none, however that is written: the config's hash does not tell them apart.
        if isRight, found.isEmpty { return .null }
        return isRight ? .incidents(found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) : nil
    }

    private mutating func incidentName(_ entry: Document.Entry, path: String) -> Bool {
        let key = ConfigKey("", .text(.incidentName), .required, "", example: "eu-failover")
        let node = Document.Node(
            content: .scalar(.init(text: entry.key, isPlain: false)), place: entry.keyPlace, source: entry.value.source)
        return value(of: node, key: key, path: path) != nil
    }

    private mutating func incident(_ entry: Document.Entry, path: String) -> IncidentSpec? {
        var draft = IncidentDraft(name: entry.key)
        let whole = ConfigKey(
            path, .incidents, .required, "", example: "{ kind: bad-release, at: [2024-03-31], duration: 6h, metrics: { cpu_p95: 1.5 } }")
        let isRight = eachEntry(of: entry.value, most: 32, "keys", key: whole, path: path) { this, part, own in
            draft.given.insert(part.key)
            switch part.key {
            case "at": return this.times(part.value, path: own).map { draft.times = $0 } != nil
            case "labels": return this.names(part.value, path: own).map { draft.labels = $0 } != nil
            case "magnitude": return this.magnitude(part.value, path: own).map { draft.magnitude = $0 } != nil
            case "rate_factors": return this.rates(part.value, key: whole, path: own).map { draft.rateFactors = $0 } != nil
            case "metrics":
                guard case .mapping = part.value.content else {
                    this.problems.add(
                        this.found(part.value), expected: "a mapping from metric to factor or target",
                        remedy: "write for example metrics: { cpu_p95: 1.5 }", path: own, at: part.value.place, source: part.value.source)
                    return false
                }
                return this.eachEntry(of: part.value, most: 500, "metrics", key: whole, path: own) { this, metric, own in
                    guard let effect = this.effect(metric.value, path: own) else { return false }
                    draft.metrics.append(IncidentMetric(metric: metric.key, effect: effect))
                    return true
                }
            default:
                guard let key = ConfigTable.incidentKeys.first(where: { $0.name == part.key }) else {
                    this.foreign(part, known: ConfigTable.incidentKeyNames, path: path)
                    return false
                }
                guard let value = this.value(of: part.value, key: key, path: own) else { return false }
                draft.set(key.name, value)
                return true
            }
        }
        // What is refused already says enough: an incident is asked for its missing keys only once the others are right.
        guard isRight else { return nil }
        if let complaint = draft.complaint {
            problems.add(
                complaint.message, remedy: complaint.remedy, path: path, at: entry.keyPlace, source: entry.value.source)
            return nil
        }
        return draft.spec
    }

    private mutating func times(_ node: Document.Node, path: String) -> [Int64]? {
        guard let list = elements(of: node, 1...Self.maximumTimes, "times", example: "at: [2024-03-31T02:00]", path: path) else {
            return nil
        }
        let times = different(list, path: path, shown: TimestampText.text) { this, element, own in
            let key = ConfigKey(own, .text(.timestamp), .required, "", example: "2024-03-31T02:00:00Z")
            if case .text(let text) = this.value(of: element, key: key, path: own) { return TimestampText.seconds(text) }
            return nil
        }
        return times?.sorted()
    }

    /// Different texts, sorted.
    private mutating func names(_ node: Document.Node, path: String) -> [String]? {
        guard let list = elements(of: node, 1...Self.maximumLabels, "labels", example: "labels: [eu-west-1]", path: path) else {
            return nil
        }
        let names = different(list, path: path, shown: Quoting.quoted) { this, element, own -> String? in
            let key = ConfigKey(own, .text(.incidentLabel), .required, "", example: "eu-west-1")
            guard case .text(let text) = this.value(of: element, key: key, path: own) else { return nil }
            this.places[ConfigPlace.path(path, text)] = ConfigPlace(place: element.place, source: element.source)
            return text
        }
        return names?.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Factors of a rate by column and label.
    private mutating func rates(_ node: Document.Node, key: ConfigKey, path: String) -> [LabelRate]? {
        guard case .mapping = node.content else {
            problems.add(
                found(node), expected: "a mapping from column to label to factor",
                remedy: "write for example rate_factors: { criticality: { High: 0.5 } }", path: path, at: node.place, source: node.source)
            return nil
        }
        var rates: [LabelRate] = []
        let isRight = eachEntry(of: node, most: 4, "columns", key: key, path: path) { this, entry, columnPath in
            guard let column = ServerDirectory.Label(rawValue: entry.key) else {
                this.foreign(entry, known: ServerDirectory.Label.allCases.map(\.rawValue), path: path)
                return false
            }
            guard case .mapping = entry.value.content else {
                this.problems.add(
                    this.found(entry.value), expected: "a mapping from label to factor",
                    remedy: "write for example \(entry.key): { High: 0.5 }", path: columnPath, at: entry.value.place,
                    source: entry.value.source)
                return false
            }
            guard let factors = this.factors(entry.value, .number(Self.rateFactors), key: key, path: columnPath) else { return false }
            rates += factors.map { LabelRate(column: column, label: $0.label, factor: $0.value) }
            return true
        }
        let order = { (rate: LabelRate) in "\(rate.column.rawValue)\n\(rate.label)" }
        return isRight ? rates.sorted { order($0).utf8.lexicographicallyPrecedes(order($1).utf8) } : nil
    }

    /// A number, or two that rise.
    private mutating func magnitude(_ node: Document.Node, path: String) -> ClosedRange<Double>? {
        let key = ConfigKey(path, .number(0...10, isOpenBelow: true), .required, "", example: "1.5")
        guard case .sequence(let elements) = node.content else {
            guard case .number(let number) = value(of: node, key: key, path: path) else { return nil }
            return number...number
        }
        var numbers: [Double] = []
        for (index, element) in elements.enumerated() {
            guard case .number(let number) = value(of: element, key: key, path: "\(path)[\(index)]") else { return nil }
            numbers.append(number)
        }
        guard numbers.count == 2, numbers[0] <= numbers[1] else {
            problems.add(
                numbers.count == 2 ? "the bounds fall" : "found \(numbers.count) numbers", expected: "a number, or two bounds that rise",
                remedy: "write for example [0.5, 1.5]", path: path, at: node.place, source: node.source)
            return nil
        }
        return numbers[0]...numbers[1]
    }

    /// A factor, or a mapping with a target.
    private mutating func effect(_ node: Document.Node, path: String) -> IncidentMetric.Effect? {
        guard case .mapping(let entries) = node.content else {
            let key = ConfigKey(path, .number(0...1000), .required, "", example: "1.5")
            guard case .number(let factor) = value(of: node, key: key, path: path) else { return nil }
            return .factor(factor)
        }
        guard !node.isDamaged, entries.count == 1, let entry = entries.first, entry.key == "target" else {
            if let stranger = entries.first(where: { $0.key != "target" }) {
                foreign(stranger, known: ["target"], path: path)
            } else if !node.isDamaged {
                problems.add(
                    "the target is missing", expected: "a factor, or { target: 95 }", remedy: "write for example { target: 95 }",
                    path: path,
                    at: node.place, source: node.source)
            }
            return nil
        }
        let key = ConfigKey(path + ".target", .number(-1e9...1e9), .required, "", example: "95")
        guard case .number(let target) = value(of: entry.value, key: key, path: path + ".target") else { return nil }
        return .target(target)
    }

    // MARK: Delays

    /// A length of time, or two that rise.
    mutating func delay(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        let length = ConfigKey(path, .text(.incidentDuration), .required, "", example: "1d")
        func seconds(_ node: Document.Node, _ path: String) -> Int64? {
            guard case .text(let text) = value(of: node, key: length, path: path) else { return nil }
            return DurationText.seconds(text)
        }
        guard case .sequence(let elements) = node.content else { return seconds(node, path).map { .delay($0...$0) } }
        let found = elements.enumerated().map { seconds($1, "\(path)[\($0)]") }
        guard !found.contains(nil) else { return nil }
        let bounds = found.compactMap(\.self)
        guard bounds.count == 2, bounds[0] <= bounds[1] else {
            refuse(bounds.count == 2 ? "the bounds fall" : "found \(bounds.count) lengths of time", node, key, path)
            return nil
        }
        return .delay(bounds[0]...bounds[1])
    }

    // MARK: Thresholds

    mutating func thresholds(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        var found: [LoadThreshold] = []
        let isRight = eachEntry(of: node, most: 500, "metrics", key: key, path: path) { this, entry, own in
            guard let level = this.level(entry.value, path: own) else { return false }
            found.append(LoadThreshold(metric: entry.key, level: level))
            return true
        }
        return isRight ? .thresholds(found.sorted { $0.metric.utf8.lexicographicallyPrecedes($1.metric.utf8) }) : nil
    }

    private mutating func level(_ node: Document.Node, path: String) -> LoadThreshold.Level? {
        if case .scalar(let scalar) = node.content, case .text = ScalarKind(scalar) {
            let key = ConfigKey(path, .text(.percentile), .required, "", example: "p95")
            guard case .text(let text) = value(of: node, key: key, path: path) else { return nil }
            return Int(text.dropFirst()).map { .percentile($0) }
        }
        let key = ConfigKey(path, .number(-1e9...1e9), .required, "", example: "80")
        guard case .number(let number) = value(of: node, key: key, path: path) else { return nil }
        return .value(number)
    }
}

/// An incident in the reading.
private struct IncidentDraft {
    let name: String
    /// The keys that the config gives.
    var given: Set<String> = []
    var kind: IncidentKind?
    var times: [Int64]?
    var perYear: Double?
    var scope = IncidentSpec.Scope.fleet
    var labels: [String] = []
    var takesOver: String?
    var share = 1.0
    var duration: Int64?
    var lag: Int64 = 0
    var magnitude = 1.0...1.0
    var rateFactors: [LabelRate] = []
    var metrics: [IncidentMetric] = []

    init(name: String) { self.name = name }

    /// Takes a checked value of one of `ConfigTable.incidentKeys`.
    mutating func set(_ key: String, _ value: ConfigValue) {
        switch (key, value) {
        case ("kind", .text(let text)): kind = IncidentKind(rawValue: text)
        case ("per_year", .number(let number)): perYear = number
        case ("scope", .text(let text)): scope = IncidentSpec.Scope(rawValue: text) ?? .fleet
        case ("to", .text(let text)): takesOver = text
        case ("share", .number(let number)): share = number
        case ("duration", .text(let text)): duration = DurationText.seconds(text)
        case ("lag", .text(let text)): lag = DurationText.seconds(text) ?? 0
        default: preconditionFailure("\(key) has another type")
        }
    }

    /// What keys do not go together.
    var complaint: (message: String, remedy: String)? {
        guard let kind else { return ("the incident has no kind", "add kind: bad-release") }
        guard duration != nil else { return ("the incident has no duration", "add duration: 6h") }
        if metrics.isEmpty, kind != .powerLoss { return ("the incident has no metrics", "add for example metrics: { cpu_p95: 1.5 }") }
        if scope == .fleet, !labels.isEmpty { return ("labels are given and no scope", "add scope: region, or another column") }
        return kind.hasEvents ? eventComplaint(kind) : waveComplaint
    }

    private func eventComplaint(_ kind: IncidentKind) -> (message: String, remedy: String)? {
        switch (times, perYear) {
        case (nil, nil): return ("the incident never happens", "add at: [2024-03-31T02:00], or per_year: 4")
        case (.some, .some): return ("at and per_year exclude each other", "keep one of the two")
        default: break
        }
        if let complaint = rateComplaint { return complaint }
        if times != nil, scope == .server, labels.isEmpty { return ("at needs to know which servers", "add labels: [SRV-0001]") }
        guard kind == .failover else {
            return takesOver == nil ? nil : ("only a failover has a label that takes over", "remove to")
        }
        if scope.column == nil { return ("a failover needs labels to fail over between", "add scope: region, or another column") }
        if metrics.contains(where: { if case .factor(let factor) = $0.effect { factor > 1 } else { true } }) {
            return ("a failover takes load away: its factors are at most 1", "write for example metrics: { cpu_p95: 0.1 }")
        }
        if let takesOver, labels == [takesOver] { return ("\(takesOver) cannot take over from itself", "change to, or labels") }
        return nil
    }

    private var rateComplaint: (message: String, remedy: String)? {
        guard !rateFactors.isEmpty else { return nil }
        if times != nil {
            return ("rate_factors are factors of per_year, and the incident has at", "remove rate_factors, or write per_year: 4")
        }
        guard scope != .server, let other = rateFactors.first(where: { $0.column != scope.column })?.column.rawValue else { return nil }
        return (
            scope == .fleet
                ? "an incident of the fleet comes to all of it at once, whatever a server's \(other)"
                : "an incident of a \(scope.rawValue) comes to it as a whole, whatever a server's \(other)",
            "write scope: server, or \(scope == .fleet ? "scope: \(other)" : "factors of \(scope.rawValue) alone")"
        )
    }

    private var waveComplaint: (message: String, remedy: String)? {
        let extra = ["at", "per_year", "rate_factors", "to", "lag", "magnitude"].first(where: given.contains)
        if let extra { return ("a shared factor is there all the time and has no \(extra)", "remove \(extra)") }
        if scope == .server { return ("a shared factor needs servers to share it", "change scope") }
        if metrics.contains(where: { if case .factor(let deviation) = $0.effect { deviation > 1 || deviation == 0 } else { true } }) {
            return (
                "the metrics of a shared factor are its standard deviations, above 0 and at most 1",
                "write for example metrics: { cpu_p95: 0.1 }"
            )
        }
        return nil
    }

    /// The incident; nil where a key is missing.
    var spec: IncidentSpec? {
        guard let kind, let duration else { return nil }
        let timing: IncidentSpec.Timing = times.map { .declared($0) } ?? perYear.map { .random(perYear: $0) } ?? .always
        return IncidentSpec(
            name: name, kind: kind, timing: timing, scope: scope, labels: labels, takesOver: takesOver, share: share, duration: duration,
            lag: lag, magnitude: magnitude, metrics: metrics.sorted { $0.metric.utf8.lexicographicallyPrecedes($1.metric.utf8) },
            rateFactors: rateFactors)
    }
}
