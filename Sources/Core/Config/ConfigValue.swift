/// A checked value of one key.
enum ConfigValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int128)
    case number(Double)
    case text(String)
    case date(DateExpression)
    case months([Int])
    case labels(WeightedLabels)
    case tags([ObjectTag])
    case numbers([Double])
    case zones([RegionZone])
    case regionCalendars([RegionCalendarName])
    case labelFactors([LabelFactors])
    case archetypes([ArchetypeSpec])
    case dayPatterns([DayPattern])
    case payDays([PayDay])
    case calendars([CalendarSpec])
    case correlations([NoiseCorrelation])
    case incidents([IncidentSpec])
    case thresholds([LoadThreshold])
    /// In seconds.
    case delay(ClosedRange<Int64>)
    case tolerances([String: Double])
    case changes([LastingChange])
    case fleetGrowth([FleetCount])
    case commissioning(Commissioning)
    case decommissioning(Decommissioning)

    /// The value as the config would say it.
    ///
    /// Labels of equal weight are a list, others a mapping.
    var json: ConfigJSON {
        switch self {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .text(let value): .text(value)
        case .date(let value): .text(value.description)
        case .months(let values): .array(values.map { .integer(Int128($0)) })
        case .tags(let tags): .sorted(tags.map { ($0.name, .text($0.value)) })
        case .numbers(let values): .array(values.map { .number($0) })
        case .zones(let zones): .sorted(zones.map { ($0.region, .text($0.zone)) })
        case .regionCalendars(let names): .sorted(names.map { ($0.region, .text($0.calendar)) })
        case .labelFactors(let factors): Self.json(of: factors)
        case .archetypes(let archetypes): .sorted(archetypes.map { ($0.name, $0.json) })
        case .dayPatterns(let patterns): .array(patterns.map { .text($0.description) })
        case .payDays(let days): .array(days.map(\.json))
        case .correlations(let pairs): pairs.json
        case .calendars(let calendars): .sorted(calendars.map { ($0.name, $0.json) })
        case .incidents(let incidents): .sorted(incidents.map { ($0.name, $0.json) })
        case .thresholds(let thresholds): .sorted(thresholds.map { ($0.metric, $0.json) })
        case .delay(let bounds):
            bounds.lowerBound == bounds.upperBound
                ? .text(DurationText.text(bounds.lowerBound))
                : .array([.text(DurationText.text(bounds.lowerBound)), .text(DurationText.text(bounds.upperBound))])
        case .tolerances(let own): .sorted(own.map { ($0.key, .number($0.value)) })
        case .changes(let changes): .sorted(changes.map { ($0.name, $0.json) })
        case .fleetGrowth(let counts): .array(counts.map(\.json))
        case .commissioning(let own): own.json
        case .decommissioning(let own): own.json
        case .labels(let labels):
            labels == WeightedLabels.equal(labels.labels)
                ? .array(labels.labels.map { .text($0) }) : .sorted(zip(labels.labels, labels.weights).map { ($0, .number($1)) })
        }
    }

    private static func json(of factors: [LabelFactors]) -> ConfigJSON {
        let columns = Dictionary(grouping: factors, by: \.column).map { column, labels -> (String, ConfigJSON) in
            (column.rawValue, .sorted(labels.map { ($0.label, json(of: $0)) }))
        }
        return .sorted(columns)
    }

    /// A number for a metric that has a factor alone, else a mapping.
    private static func json(of own: LabelFactors) -> ConfigJSON {
        let headrooms = own.headrooms.map { headroom -> (String, ConfigJSON) in
            let level = own.metrics.first { $0.label == headroom.label }.map { [("level", ConfigJSON.number($0.value))] } ?? []
            return (headroom.label, .sorted(level + [("headroom", .number(headroom.value))]))
        }
        let alone = own.metrics.filter { metric in !own.headrooms.contains { $0.label == metric.label } }
        return .sorted(headrooms + alone.map { ($0.label, .number($0.value)) })
    }
}

extension WeightedLabels {
    /// Labels of equal shares.
    static func equal(_ labels: [String]) -> WeightedLabels {
        WeightedLabels(labels.map { ($0, 1 / Double(labels.count)) })
    }
}

/// A value with who gave it and where.
struct ConfigSetting: Equatable, Sendable {
    var value: ConfigValue
    var source: Document.Source
    /// Where the value stands in its text; nil for a default.
    var place: Document.Place?
}

/// The settings of one mapping or more, by key path; a key whose value was refused is known as broken, so that no check builds on it.
struct ConfigSettings: Equatable, Sendable {
    private(set) var values: [String: ConfigSetting] = [:]
    private var broken: Set<String> = []

    subscript(path: String) -> ConfigSetting? { values[path] }

    func isDecided(_ path: String) -> Bool { values[path] != nil || broken.contains(path) }

    mutating func set(_ path: String, _ setting: ConfigSetting?) {
        if let setting { values[path] = setting } else { broken.insert(path) }
    }

    /// Without the values that are the table's defaults: they are most of all, and a service keeps a thousand configs.
    /// - Parameter section: What a key's path begins with, `data_generation.metrics[].`; empty where keys are whole paths.
    func withoutDefaults(section: String = "") -> ConfigSettings {
        var kept = self
        kept.values = values.filter { StandardDocument.settings[section + $0.key] != $0.value }
        return kept
    }

    /// The opposite of `withoutDefaults`.
    func withDefaults(section: String = "") -> ConfigSettings {
        var whole = self
        for key in ConfigTable.keys where (key.section == ConfigTable.metricSection) != section.isEmpty {
            let name = String(key.path.dropFirst(section.count))
            if whole.values[name] == nil { whole.values[name] = StandardDocument.settings[key.path] }
        }
        return whole
    }

    // The accessors give nil for broken keys; a key of another type is our mistake.

    func boolean(_ path: String) -> Bool? { read(path) { if case .boolean(let value) = $0 { value } else { nil } } }
    func integer(_ path: String) -> Int? { read(path) { if case .integer(let value) = $0 { Int(exactly: value) } else { nil } } }
    func unsigned(_ path: String) -> UInt64? { read(path) { if case .integer(let value) = $0 { UInt64(exactly: value) } else { nil } } }
    func number(_ path: String) -> Double? { read(path) { if case .number(let value) = $0 { value } else { nil } } }
    func text(_ path: String) -> String? { read(path) { if case .text(let value) = $0 { value } else { nil } } }
    func date(_ path: String) -> DateExpression? { read(path) { if case .date(let value) = $0 { value } else { nil } } }
    func months(_ path: String) -> [Int]? { read(path) { if case .months(let value) = $0 { value } else { nil } } }
    func labels(_ path: String) -> WeightedLabels? { read(path) { if case .labels(let value) = $0 { value } else { nil } } }

    /// A value whose type is the caller's affair; nil for broken keys.
    func value(_ path: String) -> ConfigValue? { read(path) { $0 } }

    func dayPatterns(_ path: String) -> [DayPattern]? { read(path) { if case .dayPatterns(let value) = $0 { value } else { nil } } }
    func payDays(_ path: String) -> [PayDay]? { read(path) { if case .payDays(let value) = $0 { value } else { nil } } }
    func calendars(_ path: String) -> [CalendarSpec]? { read(path) { if case .calendars(let value) = $0 { value } else { nil } } }
    func tags(_ path: String) -> [ObjectTag]? { read(path) { if case .tags(let value) = $0 { value } else { nil } } }

    /// The inner optional is nil for null, the outer one for broken keys.
    func nullableInteger(_ path: String) -> Int?? { values[path].map { setting in setting.value == .null ? nil : integer(path) } }
    func nullableText(_ path: String) -> String?? { values[path].map { setting in setting.value == .null ? nil : text(path) } }

    private func read<Value>(_ path: String, _ cast: (ConfigValue) -> Value?) -> Value? {
        guard let setting = values[path] else {
            precondition(broken.contains(path), "\(path) was never decided")
            return nil
        }
        guard let value = cast(setting.value) else { preconditionFailure("\(path) has another type") }
        return value
    }
}

/// The settings of one metric, by key name.
struct MetricSettings: Equatable, Sendable {
    /// Key path in messages: `data_generation.metrics[0]` or `data_generation.metrics.cpu_p95`.
    var path: String
    var settings = ConfigSettings()
    var source: Document.Source
    /// Where the metric stands: its name in a mapping by name, else its first key.
    var place: Document.Place?

    var name: String? { settings.isDecided("name") ? settings.text("name") : nil }
}
