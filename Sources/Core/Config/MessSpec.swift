/// `data_generation.mess`: what goes wrong with the measuring; all off by default.
public struct MessSpec: Equatable, Sendable {
    /// Something that starts so often a year and lasts.
    public struct Spells: Equatable, Sendable {
        /// Expected starts a year, 0 for none.
        public var perYear: Double
        /// Length in seconds.
        public var duration: Int64
    }

    /// Probability that a cell above its threshold is missing, 0 for none.
    public var underLoadRate: Double
    /// The threshold of each metric that has one, sorted by name; nil for `standardThreshold` of every metric.
    public var underLoad: [LoadThreshold]?
    /// Outages of a server's agent: no values of any metric.
    public var agentOutage: Spells
    /// Outages of a region's collector: no values of any of its servers.
    public var collectorOutage: Spells
    /// Part of the servers that start late, 0 for none.
    public var lateShare: Double
    /// Seconds after `lateFrom` within which they start.
    public var lateWithin: Int64
    /// The day from which late servers may have values.
    public var lateFrom: Day
    /// A server's metric that repeats one value.
    public var stuckSensor: Spells
    /// A server's metric in another unit.
    public var unitSlip: Spells
    /// Factor of values in another unit.
    public var unitFactor: Double
    /// Rows that come twice, and rows that come late.
    public var rows: RowMessSpec

    /// Whether nothing of it that touches cells is switched on.
    public var isOff: Bool {
        underLoadRate == 0 && agentOutage.perYear == 0 && collectorOutage.perYear == 0 && lateShare == 0 && stuckSensor.perYear == 0
            && unitSlip.perYear == 0
    }
}

/// What goes wrong with whole rows.
public struct RowMessSpec: Equatable, Sendable {
    /// Probability that a row stands in the file twice.
    public var duplicateRate: Double
    /// Probability that a row arrives late.
    public var lateRate: Double
    /// Bounds of the delay, in seconds.
    public var delay: ClosedRange<Int64>
    /// The column that tells when a row arrived; nil for none.
    public var arrivalColumn: String?

    /// What sentences about numbers of rows add; empty where every row comes once and on time.
    var words: String {
        switch (duplicateRate > 0, lateRate > 0) {
        case (false, false): ""
        case (true, false): ", and duplicates"
        case (false, true): ", less what has not arrived"
        case (true, true): ", and duplicates, less what has not arrived"
        }
    }
}

/// From where on a metric's cells count as under load.
public struct LoadThreshold: Hashable, Sendable {
    /// A value, or a percentile.
    public enum Level: Hashable, Sendable {
        /// In the metric's unit.
        case value(Double)
        /// Of the values that `base_mean`, `base_std` and `server_bias_std` alone make, 1...99.
        case percentile(Int)
    }

    /// The metric's name.
    public var metric: String
    /// Cells above it are under load.
    public var level: Level

    /// The level of metrics in a config that names none.
    public static let standard = Level.percentile(90)

    /// The threshold as the config says it.
    var json: ConfigJSON {
        switch level {
        case .value(let value): .number(value)
        case .percentile(let percent): .text("p\(percent)")
        }
    }
}
