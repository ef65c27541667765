/// A change that comes to servers and stays: a shift of level, a migration, another size, new hardware.
public struct LastingChange: Hashable, Sendable {
    /// What it is; the ground truth says so, the effect is that of the factors.
    public enum Kind: String, CaseIterable, Sendable {
        case levelShift = "level-shift"
        case migration
        case rightSizing = "right-sizing"
        case hardwareRefresh = "hardware-refresh"
    }

    /// When it happens to a server.
    public enum Timing: Hashable, Sendable {
        /// At midnight UTC of these days, ascending, and for each server up to `spread` seconds later.
        case dates([Day], spread: Int64)
        /// So often a year at random, to each server by itself.
        case perYear(Double)
    }

    /// Its name in the config.
    public var name: String
    /// What it is.
    public var kind: Kind
    /// When it happens.
    public var timing: Timing
    /// Labels that a server must have one of, by column; empty for all servers.
    public var servers: [LabelChoice]
    /// Part of these servers that it ever happens to, above 0.
    public var share: Double
    /// What it does to metrics, sorted by the metric's name; at least one.
    public var metrics: [LastingFactor]
    /// Seconds over which the factor moves from the one before.
    public var ramp: Int64
}

/// Labels of one column.
public struct LabelChoice: Hashable, Sendable {
    /// The column.
    public var column: ServerDirectory.Label
    /// The labels, sorted.
    public var labels: [String]
}

/// The factor of a metric, drawn between two bounds for each event.
public struct LastingFactor: Hashable, Sendable {
    /// The metric's name.
    public var metric: String
    /// The least factor.
    public var low: Double
    /// The greatest factor, `low` where it is always the same.
    public var high: Double
}

extension LastingChange {
    /// The change as the config says it, without what is the default.
    var json: ConfigJSON {
        var members: [(String, ConfigJSON)] = [("kind", .text(kind.rawValue))]
        switch timing {
        case .dates(let days, let spread):
            members.append(("at", .array(days.map { .text($0.iso) })))
            if spread > 0 { members.append(("spread", .text(DurationText.text(spread)))) }
        case .perYear(let rate): members.append(("per_year", .number(rate)))
        }
        if share != 1 { members.append(("share", .number(share))) }
        if ramp > 0 { members.append(("ramp", .text(DurationText.text(ramp)))) }
        if !servers.isEmpty {
            members.append(("servers", .sorted(servers.map { ($0.column.rawValue, .array($0.labels.map { .text($0) })) })))
        }
        let factors = metrics.map { own -> (String, ConfigJSON) in
            (own.metric, own.low == own.high ? .number(own.low) : .array([.number(own.low), .number(own.high)]))
        }
        members.append(("metrics", .sorted(factors)))
        return .sorted(members)
    }
}
