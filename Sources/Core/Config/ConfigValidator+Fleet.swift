/// Profiles, time zones, factors of labels and archetypes: values with a shape of their own.
extension ConfigValidator {
    static let maximumArchetypes = 100
    static let headrooms = 0.0...100

    // MARK: Profiles

    /// The name of a shape, or one number above 0 for each hour or weekday.
    mutating func profile(_ node: Document.Node, count: Int, names: [String], key: ConfigKey, path: String) -> ConfigValue? {
        switch node.content {
        case .scalar:
            guard !names.isEmpty else {
                refuse(found(node), node, key, path)
                return nil
            }
            let name = ConfigKey(path, .choice(names), .required, "", example: "office")
            return value(of: node, key: name, path: path)
        case .mapping:
            refuse(found(node), node, key, path)
            return nil
        case .sequence(let elements):
            guard elements.count == count else {
                refuse("found \(elements.count) numbers", node, key, path, remedy: "list \(count) of them")
                return nil
            }
            var numbers: [Double] = []
            let factor = ConfigKey(path, .number(0...1000, isOpenBelow: true), .required, "", example: "1.2")
            for (index, element) in elements.enumerated() {
                if case .number(let number) = value(of: element, key: factor, path: "\(path)[\(index)]") { numbers.append(number) }
            }
            return numbers.count == count ? .numbers(numbers) : nil
        }
    }

    // MARK: Time zones

    mutating func zones(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        var zones: [RegionZone] = []
        let rule = ConfigKey(path, .text(.zoneRule), .required, "", example: "Europe/Dublin")
        let isRight = eachEntry(of: node, most: Self.maximumLabels, "regions", key: key, path: path) { this, entry, own in
            guard case .text(let zone) = this.value(of: entry.value, key: rule, path: own) else { return false }
            zones.append(RegionZone(region: entry.key, zone: zone, origin: .config))
            return true
        }
        return isRight ? .zones(zones.sorted { $0.region.utf8.lexicographicallyPrecedes($1.region.utf8) }) : nil
    }

    // MARK: Calendars of regions

    mutating func regionCalendars(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        var names: [RegionCalendarName] = []
        let name = ConfigKey(path, .text(.calendarName), .required, "", example: "ireland")
        let isRight = eachEntry(of: node, most: Self.maximumLabels, "regions", key: key, path: path) { this, entry, own in
            guard case .text(let calendar) = this.value(of: entry.value, key: name, path: own) else { return false }
            names.append(RegionCalendarName(region: entry.key, calendar: calendar))
            return true
        }
        return isRight ? .regionCalendars(names.sorted { $0.region.utf8.lexicographicallyPrecedes($1.region.utf8) }) : nil
    }

    // MARK: Factors of labels

    mutating func labelFactors(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        var found: [LabelFactors] = []
        let isRight = eachEntry(of: node, most: 3, "columns", key: key, path: path) { this, column, columnPath in
            guard let label = ServerDirectory.Label(rawValue: column.key), label != .archetype else {
                let names = ServerClasses.columns.map(\.rawValue)
                let near = Suggestions.nearest(to: column.key, among: names)
                this.problems.add(
                    "\(Quoting.visible(column.key)) is no column of labels", expected: ConfigKey.alternatives(names),
                    remedy: "name one of these columns", suggestion: near, path: path, at: column.keyPlace, source: column.value.source)
                return false
            }
            return this.eachEntry(of: column.value, most: Self.maximumLabels, "labels", key: key, path: columnPath) { this, entry, own in
                var effects = LabelFactors(column: label, label: entry.key, metrics: [])
                let isRight = this.eachEntry(of: entry.value, most: 500, "metrics", key: key, path: own) { this, metric, own in
                    this.labelEffect(metric, of: &effects, key: key, path: own)
                }
                effects.metrics.sort { $0.label.utf8.lexicographicallyPrecedes($1.label.utf8) }
                effects.headrooms.sort { $0.label.utf8.lexicographicallyPrecedes($1.label.utf8) }
                found.append(effects)
                return isRight
            }
        }
        let order = { (factors: LabelFactors) in "\(factors.column.rawValue) \(factors.label)" }
        return isRight ? .labelFactors(found.sorted { order($0).utf8.lexicographicallyPrecedes(order($1).utf8) }) : nil
    }

    /// A factor, or a mapping of factor and headroom.
    private mutating func labelEffect(_ metric: Document.Entry, of effects: inout LabelFactors, key: ConfigKey, path: String) -> Bool {
        let level = ConfigKey(path, .number(0...1000, isOpenBelow: true), .required, "", example: "0.9")
        guard case .mapping(let parts) = metric.value.content else {
            guard case .number(let factor) = value(of: metric.value, key: level, path: path) else { return false }
            effects.metrics.append(LabelValue(label: metric.key, value: factor))
            return true
        }
        guard metric.value.isDamaged || !parts.isEmpty else {
            problems.add(
                "there is neither a level nor a headroom", expected: "a factor, or { level: 0.9, headroom: 1.2 }",
                remedy: "write for example { headroom: 1.2 }", path: path, at: metric.value.place, source: metric.value.source)
            return false
        }
        return eachEntry(of: metric.value, most: 16, "keys", key: key, path: path) { this, part, own in
            switch part.key {
            case "level":
                guard case .number(let factor) = this.value(of: part.value, key: level, path: own) else { return false }
                effects.metrics.append(LabelValue(label: metric.key, value: factor))
            case "headroom":
                let headroom = ConfigKey(own, .number(Self.headrooms, isOpenBelow: true), .required, "", example: "1.2")
                guard case .number(let factor) = this.value(of: part.value, key: headroom, path: own) else { return false }
                effects.headrooms.append(LabelValue(label: metric.key, value: factor))
            default:
                this.foreign(part, known: ["level", "headroom"], path: path)
                return false
            }
            return true
        }
    }

    /// A mapping from label to number.
    mutating func factors(_ node: Document.Node, _ kind: ConfigKey.Kind, key: ConfigKey, path: String) -> [LabelValue]? {
        var values: [LabelValue] = []
        let number = ConfigKey(path, kind, .required, "", example: "0.5")
        let isRight = eachEntry(of: node, most: Self.maximumLabels, "entries", key: key, path: path) { this, entry, own in
            guard case .number(let value) = this.value(of: entry.value, key: number, path: own) else { return false }
            values.append(LabelValue(label: entry.key, value: value))
            return true
        }
        return isRight ? values.sorted { $0.label.utf8.lexicographicallyPrecedes($1.label.utf8) } : nil
    }

    // MARK: Archetypes

    mutating func archetypes(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        var found: [ArchetypeSpec] = []
        let isRight = eachEntry(of: node, most: Self.maximumArchetypes, "archetypes", key: key, path: path) { this, entry, own in
            guard let archetype = this.archetype(entry, key: key, path: own) else { return false }
            found.append(archetype)
            return true
        }
        return isRight ? .archetypes(found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) : nil
    }

    private mutating func archetype(_ entry: Document.Entry, key: ConfigKey, path: String) -> ArchetypeSpec? {
        var share: ArchetypeShare?
        var metrics: [ArchetypeMetric] = []
        var correlation: [NoiseCorrelation]?
        var hasShare = false
        let isRight = eachEntry(of: entry.value, most: 16, "keys", key: key, path: path) { this, part, own in
            switch part.key {
            case "share":
                hasShare = true
                share = this.share(part.value, key: key, path: own)
                return share != nil
            case "metrics":
                return this.eachEntry(of: part.value, most: 500, "metrics", key: key, path: own) { this, metric, own in
                    guard let difference = this.difference(metric, key: key, path: own) else { return false }
                    metrics.append(difference)
                    return true
                }
            case "noise_correlation":
                correlation = this.pairs(part.value, key: ConfigKey(own, .correlations, .required, "", example: key.example), path: own)
                return correlation != nil
            default:
                this.foreign(part, known: ["share", "metrics", "noise_correlation"], path: path)
                return false
            }
        }
        if !hasShare, case .mapping = entry.value.content, !entry.value.isDamaged {
            problems.add(
                "the archetype has no share",
                expected: "a number from 0 to 1, or a mapping from business unit, or from column and label, to such numbers",
                remedy: "add share: 0.25", path: path, at: entry.keyPlace, source: entry.value.source)
        }
        guard isRight, let share else { return nil }
        metrics.sort { $0.metric.utf8.lexicographicallyPrecedes($1.metric.utf8) }
        return ArchetypeSpec(name: entry.key, share: share, metrics: metrics, noiseCorrelation: correlation)
    }

    private mutating func share(_ node: Document.Node, key: ConfigKey, path: String) -> ArchetypeShare? {
        let number = ConfigKey(path, .number(0...1), .required, "", example: "0.25")
        guard case .mapping(let entries) = node.content else {
            guard case .number(let share) = value(of: node, key: number, path: path) else { return nil }
            return .overall(share)
        }
        // Without a column the labels are business units.
        guard entries.contains(where: { if case .mapping = $0.value.content { true } else { false } }) else {
            return factors(node, number.kind, key: key, path: path).map { .byLabel([LabelShares(column: .businessUnit, shares: $0)]) }
        }
        var columns: [LabelShares] = []
        let isRight = eachEntry(of: node, most: 16, "columns", key: key, path: path) { this, entry, own in
            guard let column = ArchetypeShare.columns.first(where: { $0.rawValue == entry.key }) else {
                this.foreign(entry, known: ArchetypeShare.columns.map(\.rawValue), path: path)
                return false
            }
            guard case .mapping = entry.value.content else {
                this.problems.add(
                    this.found(entry.value), expected: "a mapping from label to share",
                    remedy: "write a share for every \(column.rawValue), or one number in place of the whole mapping", path: own,
                    at: entry.value.place, source: entry.value.source)
                return false
            }
            guard let shares = this.factors(entry.value, number.kind, key: key, path: own) else { return false }
            columns.append(LabelShares(column: column, shares: shares))
            return true
        }
        return isRight ? .byLabel(ArchetypeShare.columns.compactMap { column in columns.first { $0.column == column } }) : nil
    }

    /// How one metric of an archetype differs.
    private mutating func difference(_ metric: Document.Entry, key: ConfigKey, path: String) -> ArchetypeMetric? {
        var result = ArchetypeMetric(metric: metric.key)
        let isRight = eachEntry(of: metric.value, most: 64, "keys", key: key, path: path) { this, part, own in
            guard let key = ConfigTable.differenceKeys.first(where: { $0.name == part.key }) else {
                this.foreign(part, known: ConfigTable.differenceKeys.map(\.name), path: path)
                return false
            }
            guard let value = this.value(of: part.value, key: key, path: own) else { return false }
            result.set(key.name, value)
            return true
        }
        return isRight ? result : nil
    }

    // MARK: Mappings

    /// Calls `body` with each entry of a mapping and its path; names are labels.
    ///
    /// - Returns: Whether all was right.
    mutating func eachEntry(
        of node: Document.Node, most: Int, _ things: String, key: ConfigKey, path: String,
        _ body: (inout ConfigValidator, Document.Entry, String) -> Bool
    ) -> Bool {
        guard case .mapping(let entries) = node.content else {
            refuse(found(node), node, key, path)
            return false
        }
        if node.isDamaged { return false }
        guard entries.count <= most else {
            problems.add(
                "found \(entries.count) \(things)", expected: "at most \(most)", remedy: "list fewer", path: path, at: node.place,
                source: node.source)
            return false
        }
        var isRight = true
        for entry in entries {
            if let complaint = labelComplaint(entry.key) {
                problems.add(complaint, remedy: "name it otherwise", path: path, at: entry.keyPlace, source: entry.value.source)
                isRight = false
                continue
            }
            let own = ConfigPlace.path(path, entry.key)
            places[own] = ConfigPlace(place: entry.keyPlace, source: entry.value.source)
            if !body(&self, entry, own) { isRight = false }
        }
        return isRight
    }

    mutating func foreign(_ entry: Document.Entry, known: [String], path: String) {
        let near = Suggestions.nearest(to: entry.key, among: known)
        problems.add(
            "unknown key", expected: ConfigKey.alternatives(known), remedy: near.map { "rename it to \($0)" } ?? "remove it",
            suggestion: near, path: ConfigTable.join(path, Quoting.visible(entry.key, limit: 40)), at: entry.keyPlace,
            source: entry.value.source)
    }
}

extension ArchetypeMetric {
    init(metric: String) {
        self.metric = metric
    }

    /// Takes a checked value of one of `ConfigTable.differenceKeys`.
    fileprivate mutating func set(_ name: String, _ value: ConfigValue) {
        switch (name, value) {
        case ("level_factor", .number(let number)): levelFactor = number
        case ("base_mean", .number(let number)): baseMean = number
        case ("base_std", .number(let number)): baseStd = number
        case ("growth_per_year", .number(let number)): growthPerYear = number
        case ("growth_form", .text(let name)): growthForm = GrowthForm.Name(rawValue: name)
        case ("growth_limit", .number(let number)): growthLimit = number
        case ("weekly_profile", .numbers(let numbers)): weeklyProfile = numbers
        case ("diurnal_profile", _): diurnalProfile = DiurnalProfile(value)
        default:
            guard noise.set(name, value) else { preconditionFailure("\(name) has another type") }
        }
    }

    /// What differs, as the config says it.
    var json: ConfigJSON {
        var members: [(String, ConfigJSON)] = []
        for (name, number) in [
            ("level_factor", levelFactor), ("base_mean", baseMean), ("base_std", baseStd), ("growth_per_year", growthPerYear),
            ("growth_limit", growthLimit),
        ] { if let number { members.append((name, .number(number))) } }
        if let growthForm { members.append(("growth_form", .text(growthForm.rawValue))) }
        if let weeklyProfile { members.append(("weekly_profile", .array(weeklyProfile.map { .number($0) }))) }
        if let diurnalProfile { members.append(("diurnal_profile", diurnalProfile.json)) }
        members += noise.members
        return .sorted(members)
    }
}

extension ArchetypeSpec {
    /// The archetype as the config says it.
    var json: ConfigJSON {
        let shares: ConfigJSON =
            switch share {
            case .overall(let share): .number(share)
            case .byLabel(let columns): Self.json(of: columns)
            }
        var members: [(String, ConfigJSON)] = [("share", shares)]
        if !metrics.isEmpty { members.append(("metrics", .sorted(metrics.map { ($0.metric, $0.json) }))) }
        if let noiseCorrelation { members.append(("noise_correlation", noiseCorrelation.json)) }
        return .sorted(members)
    }

    /// Business units alone have no column in the text.
    private static func json(of columns: [LabelShares]) -> ConfigJSON {
        let shares = columns.map { own in (own.column, ConfigJSON.sorted(own.shares.map { ($0.label, .number($0.value)) })) }
        if shares.count == 1, shares[0].0 == .businessUnit { return shares[0].1 }
        return .sorted(shares.map { ($0.0.rawValue, $0.1) })
    }
}

extension DiurnalProfile {
    /// The shape of a checked value; nil for null.
    init?(_ value: ConfigValue?) {
        switch value {
        case .text(let name): self.init(named: name)
        case .numbers(let numbers): self.init(relative: numbers)
        default: return nil
        }
    }

    /// The shape as the config says it.
    var json: ConfigJSON { name.map { .text($0) } ?? .array(relative.map { .number($0) }) }
}
