extension CellFlags {
    /// A bit with its name and what it means, for the reference page and the footers of files.
    struct Named: Sendable {
        let flag: CellFlags
        let name: String
        let meaning: String
    }

    /// All bits that a table of cells can have, in order.
    static let named: [Named] = [
        Named(flag: .outlier, name: "outlier", meaning: "a single cell is far off"),
        Named(flag: .missingAtRandom, name: "missing_at_random", meaning: "missing, by chance alone"),
        Named(flag: .missingUnderLoad, name: "missing_under_load", meaning: "missing, because the load was high"),
        Named(flag: .agentOutage, name: "agent_outage", meaning: "missing, with all metrics of the server"),
        Named(flag: .collectorOutage, name: "collector_outage", meaning: "missing, with many servers"),
        Named(flag: .lateStart, name: "late_start", meaning: "missing, because the server was not monitored yet"),
        Named(flag: .stuckSensor, name: "stuck_sensor", meaning: "the sensor repeated an earlier value"),
        Named(flag: .unitSlip, name: "unit_slip", meaning: "the value is in another unit"),
        Named(flag: .incident, name: "incident", meaning: "an incident changed the value"),
        Named(flag: .lastingChange, name: "lasting_change", meaning: "a lasting change, such as a migration, changed the value"),
        Named(flag: .duplicateRow, name: "duplicate_row", meaning: "the row stands in the file twice; says nothing about its values"),
        Named(flag: .lateRow, name: "late_row", meaning: "the row arrived late; says nothing about its values"),
        Named(flag: .powerLoss, name: "power_loss", meaning: "missing, because the server was without power"),
        Named(flag: .sharedFactor, name: "shared_factor", meaning: "a slow factor that the server shares with others changed the value"),
    ]

    /// `1 outlier, 2 missing_at_random, ...`: what a table of cells says about its flags in its footer.
    static var legend: String { named.map { "\($0.flag.rawValue) \($0.name)" }.joined(separator: ", ") }
}
