/// One entry of `data_generation.incidents`.
public struct IncidentSpec: Equatable, Sendable {
    /// When it happens.
    public enum Timing: Equatable, Sendable {
        /// At these times, seconds since 1970-01-01T00:00Z, ascending.
        case declared([Int64])
        /// At random, so often a year for each label, server or fleet.
        case random(perYear: Double)
        /// All the time: a shared factor.
        case always
    }

    /// Whom one incident can touch.
    public enum Scope: String, CaseIterable, Sendable {
        case fleet, region
        case businessUnit = "business_unit"
        case criticality, archetype, server

        /// The column of labels; nil for the fleet and for single servers.
        public var column: ServerDirectory.Label? { ServerDirectory.Label(rawValue: rawValue) }
    }

    /// The entry's name.
    public var name: String
    /// What kind of incident.
    public var kind: IncidentKind
    /// When.
    public var timing: Timing
    /// Whom it can touch.
    public var scope: Scope
    /// The labels, or ids of servers, that can be touched, sorted; empty for all.
    public var labels: [String]
    /// The label that takes over in a failover; nil for one drawn by event.
    public var takesOver: String?
    /// Part of the scope's servers that is touched.
    public var share: Double
    /// Length in seconds, without what follows a restart or an outage.
    public var duration: Int64
    /// Longest delay of a server in seconds.
    public var lag: Int64
    /// Strength, drawn for each event: 1 is what `metrics` says.
    public var magnitude: ClosedRange<Double>
    /// What happens to which metric, sorted by name.
    public var metrics: [IncidentMetric]
    /// Factors of the random rate by label, sorted by column and label; those of several columns multiply.
    public var rateFactors: [LabelRate] = []
}

/// How much more often something happens to the servers that carry a label.
public struct LabelRate: Hashable, Sendable {
    /// Which column the label is in.
    public var column: ServerDirectory.Label
    /// The label.
    public var label: String
    /// Factor of the rate; 0 for never.
    public var factor: Double
}

/// What an incident of full strength does to one metric.
public struct IncidentMetric: Hashable, Sendable {
    /// Where it takes the metric.
    public enum Effect: Hashable, Sendable {
        /// The value times a factor; of a shared factor, its standard deviation.
        case factor(Double)
        /// All the way to a value, in the metric's unit.
        case target(Double)

        /// `a * x + b` at some strength.
        ///
        /// - Parameter strength: 1 for all of it; a target is not passed.
        package func affine(strength: Double) -> (a: Double, b: Double) {
            switch self {
            case .factor(let factor): return (max(0, 1 + strength * (factor - 1)), 0)
            case .target(let target):
                let part = min(strength, 1)
                return (1 - part, part * target)
            }
        }
    }

    /// The metric's name.
    public var metric: String
    /// What happens to it.
    public var effect: Effect
}

extension IncidentSpec {
    /// The incident as the config says it, without what is a default.
    var json: ConfigJSON {
        var members: [(String, ConfigJSON)] = [
            ("kind", .text(kind.rawValue)), ("duration", .text(DurationText.text(duration))),
        ]
        switch timing {
        case .declared(let times): members.append(("at", .array(times.map { .text(TimestampText.text($0)) })))
        case .random(let perYear): members.append(("per_year", .number(perYear)))
        case .always: break
        }
        if scope != .fleet { members.append(("scope", .text(scope.rawValue))) }
        if !labels.isEmpty { members.append(("labels", .array(labels.map { .text($0) }))) }
        if let takesOver { members.append(("to", .text(takesOver))) }
        if share != 1 { members.append(("share", .number(share))) }
        if lag != 0 { members.append(("lag", .text(DurationText.text(lag)))) }
        if magnitude != 1...1 { members.append(("magnitude", magnitude.json)) }
        if !rateFactors.isEmpty { members.append(("rate_factors", rateFactors.json)) }
        if !metrics.isEmpty { members.append(("metrics", .sorted(metrics.map { ($0.metric, $0.effect.json) }))) }
        return .sorted(members)
    }
}

extension [LabelRate] {
    /// By column and label.
    fileprivate var json: ConfigJSON {
        let columns = Dictionary(grouping: self, by: \.column)
        return .sorted(columns.map { column, own in (column.rawValue, .sorted(own.map { ($0.label, .number($0.factor)) })) })
    }
}

extension IncidentMetric.Effect {
    fileprivate var json: ConfigJSON {
        switch self {
        case .factor(let factor): .number(factor)
        case .target(let target): .sorted([("target", .number(target))])
        }
    }
}

extension ClosedRange<Double> {
    /// A number, or a list of both ends.
    fileprivate var json: ConfigJSON {
        lowerBound == upperBound ? .number(lowerBound) : .array([.number(lowerBound), .number(upperBound)])
    }
}
