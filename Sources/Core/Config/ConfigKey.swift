/// One key of the config format. The table of all keys drives validation, overrides, `plan`, the JSON Schema and the reference page.
public struct ConfigKey: Sendable {
    /// What values a key takes.
    enum Kind: Sendable {
        case boolean
        case integer(ClosedRange<Int128>)
        /// `isOpenBelow`: the lower bound itself is refused.
        case number(ClosedRange<Double>, isOpenBelow: Bool = false)
        case choice([String])
        case text(TextRule)
        /// A day, fixed or relative to the day of the run.
        case date
        /// A fixed day.
        case day
        /// A list of unique months, 1...12.
        case months
        /// Labels, with or without weights.
        case labels
        /// A mapping from name to text.
        case tags
        /// A number above 0 for each of so many hours or weekdays, or the name of a shape.
        case profile(Int, names: [String])
        /// A mapping from region to time zone.
        case zones
        /// A mapping from region to the name of a calendar.
        case regionCalendars
        /// A mapping from column to label to metric to factor.
        case labelFactors
        /// A mapping from archetype to its share and what is different.
        case archetypes
        /// A list of days by pattern.
        case dayPatterns
        /// A list of days of the month, and `last`.
        case payDays
        /// A mapping from name to a calendar.
        case calendars
        /// A mapping from metric to metric to the correlation of their noise.
        case correlations
        /// A mapping from name to an incident.
        case incidents
        /// A mapping from a check of the quality gate to its tolerance.
        case tolerances
        /// A mapping from metric to a threshold of load.
        case thresholds
        /// A length of time, or two that rise.
        case delay
        /// A mapping from name to a lasting change.
        case changes
        /// A list of days with numbers of servers.
        case fleetGrowth
        /// A share of the fleet with the span of its first days.
        case commissioning
        /// A rate of ends with its first day.
        case decommissioning
        /// The list of metrics; its own keys have paths below it.
        case metrics

        /// Whether the value is a mapping of which an override may set a part.
        var isByName: Bool {
            switch self {
            case .tags, .zones, .regionCalendars, .labelFactors, .archetypes, .calendars, .correlations, .incidents, .tolerances,
                .thresholds,
                .changes, .commissioning, .decommissioning:
                true
            default: false
            }
        }
    }

    /// What holds when nobody gives a value.
    enum Fallback: Sendable {
        /// YAML text of the value.
        case value(String)
        /// Computed from other keys; the words say how.
        case derived(String)
        /// Null; the words say what that means.
        case absent(String)
        /// There is none: the key must be given.
        case required
    }

    /// Key path, for example `data_generation.num_servers`; keys of a metric begin with `data_generation.metrics[].`.
    public let path: String
    /// The last part of the path.
    public let name: String
    /// Everything before the name.
    public let section: String
    let kind: Kind
    let isNullable: Bool
    /// Whether the effective config's text leaves the key out while it has its default: such a key came later, and a config that does not use it
    /// has the hash that it always had.
    let isQuiet: Bool
    let fallback: Fallback
    /// The unit of the value in words, or empty.
    public let unit: String
    /// One or two sentences for the reference page.
    public let doc: String
    /// A value as one would write it in YAML.
    public let example: String

    init(
        _ path: String, _ kind: Kind, nullable: Bool = false, quiet: Bool = false, _ fallback: Fallback, unit: String = "", _ doc: String,
        example: String
    ) {
        self.path = path
        name = path.split(separator: ".").last.map(String.init) ?? path
        section = String(path.dropLast(name.count + 1))
        self.kind = kind
        isNullable = nullable
        isQuiet = quiet
        self.fallback = fallback
        self.unit = unit
        self.doc = doc
        self.example = example
    }

    /// What values the key takes, in words: `a whole number from 1 to 100000000`.
    public var expectation: String {
        let base =
            switch kind {
            case .boolean: "true or false"
            case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
            case .number(let range, isOpenBelow: false): "a number from \(Self.words(range.lowerBound)) to \(Self.words(range.upperBound))"
            case .number(let range, isOpenBelow: true):
                "a number above \(Self.words(range.lowerBound)), at most \(Self.words(range.upperBound))"
            case .choice(let names): Self.alternatives(names)
            case .text(let rule): rule.expected
            case .date: "a date such as 2022-01-31, yesterday, today, today-4y or today+2w"
            case .day: "a date such as 2022-01-31"
            case .months: "a list of different months, 1 to 12"
            case .labels: "a list of labels, or a mapping from label to weight"
            case .tags: "a mapping from at most 10 names to texts"
            case .profile(let count, let names):
                names.isEmpty
                    ? "a list of \(count) numbers above 0" : "\(names.joined(separator: ", ")), or a list of \(count) numbers above 0"
            case .zones: "a mapping from region to time zone"
            case .regionCalendars: "a mapping from region to calendar"
            case .labelFactors: "a mapping from column to label to metric to factor, or to { level, headroom }"
            case .archetypes: "a mapping from name to an archetype's share and metrics"
            case .dayPatterns: "a list of days such as 2024-12-24, 12-24, 12-15..01-02, 2nd TUE or last MON of MAY"
            case .payDays: "a list of different days of the month, 1 to 31, and last"
            case .calendars: "a mapping from name to a calendar of extends, add and remove"
            case .correlations: "a mapping from metric to metric to a number from -0.999 to 0.999"
            case .incidents: "a mapping from name to an incident's kind, times, scope, duration and metrics"
            case .tolerances: "a mapping from check to a number from 3 to 100"
            case .thresholds: "a mapping from metric to a value, or to a percentile from p1 to p99"
            case .delay: "a length of time from 1m to 90d, or two that rise"
            case .changes: "a mapping from name to a lasting change"
            case .fleetGrowth: "a list of days with numbers of servers"
            case .commissioning: "a mapping of share, from and to"
            case .decommissioning: "a mapping of per_year and from"
            case .metrics: "a list of mappings with a name, or a mapping by name"
            }
        return isNullable ? base + ", or null" : base
    }

    /// `a, b or c`.
    static func alternatives(_ names: [String]) -> String {
        names.count < 2 ? names.joined() : names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
    }

    /// Bounds as people write them: 1e9 rather than 1000000000.
    static func words(_ value: Double) -> String { abs(value) == 1e9 ? (value < 0 ? "-1e9" : "1e9") : ConfigJSON.canonical(value) }
}

/// A mapping of the format that holds keys.
struct ConfigSection: Sendable {
    let path: String
    let title: String
    /// Prose of the reference page.
    let doc: String
}
