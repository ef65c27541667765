/// How long servers exist: when they are commissioned and decommissioned. Without it every server exists always.
public struct LifetimeSpec: Hashable, Sendable {
    /// How many servers there have been by when, ascending in both; empty for no growth. Lines run between.
    public var growth: [FleetCount]
    /// The part of the fleet that is commissioned at a random day; nil for none. Never together with growth.
    public var commissioned: Commissioning?
    /// How servers end; nil for never.
    public var decommission: Decommissioning?

    /// Whether every server exists always.
    public var isUnbounded: Bool { growth.isEmpty && commissioned == nil && decommission == nil }

    /// All servers exist always.
    public static let unbounded = LifetimeSpec(growth: [], commissioned: nil, decommission: nil)
}

/// How many servers there have been by the beginning of a day.
public struct FleetCount: Hashable, Sendable {
    /// The day.
    public var date: Day
    /// Servers commissioned by then, that day's among them.
    public var servers: Int
}

/// Servers whose first day is drawn from a span, all days alike.
public struct Commissioning: Hashable, Sendable {
    /// Part of the fleet, above 0.
    public var share: Double
    /// The earliest first day.
    public var from: Day
    /// The latest first day.
    public var to: Day
}

/// Servers that end at random.
public struct Decommissioning: Hashable, Sendable {
    /// How many of the servers there are end within a year, as a rate: of a fleet that is not renewed exp(-rate) are left after one.
    public var perYear: Double
    /// The first day on which a server may end; no server lives less than a day.
    public var from: Day
}

extension FleetCount {
    var json: ConfigJSON { .sorted([("date", .text(date.iso)), ("servers", .integer(Int128(servers)))]) }
}

extension Commissioning {
    var json: ConfigJSON { .sorted([("share", .number(share)), ("from", .text(from.iso)), ("to", .text(to.iso))]) }
}

extension Decommissioning {
    var json: ConfigJSON { .sorted([("per_year", .number(perYear)), ("from", .text(from.iso))]) }
}
