/// Why a cell is not what signal and noise alone make it: one bit for each cause, as the ground truth writes them.
public struct CellFlags: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A single cell is far off.
    public static let outlier = CellFlags(rawValue: 1 << 0)
    /// The cell is missing, by chance alone.
    public static let missingAtRandom = CellFlags(rawValue: 1 << 1)
    /// The cell is missing because the load was high.
    public static let missingUnderLoad = CellFlags(rawValue: 1 << 2)
    /// The server's agent was away: all its metrics are missing.
    public static let agentOutage = CellFlags(rawValue: 1 << 3)
    /// A collector was away: many servers are missing.
    public static let collectorOutage = CellFlags(rawValue: 1 << 4)
    /// The server was not monitored yet.
    public static let lateStart = CellFlags(rawValue: 1 << 5)
    /// The sensor repeated itself.
    public static let stuckSensor = CellFlags(rawValue: 1 << 6)
    /// The value is in another unit.
    public static let unitSlip = CellFlags(rawValue: 1 << 7)
    /// An incident changed the value.
    public static let incident = CellFlags(rawValue: 1 << 8)
    /// A lasting change, such as a migration, changed the value.
    public static let lastingChange = CellFlags(rawValue: 1 << 9)
    /// The row stands in the file twice.
    public static let duplicateRow = CellFlags(rawValue: 1 << 10)
    /// The row arrived later than at the end of its step.
    public static let lateRow = CellFlags(rawValue: 1 << 11)
    /// The server was without power: the cell is missing.
    public static let powerLoss = CellFlags(rawValue: 1 << 12)

    /// A factor that the server shares with others changed the value.
    public static let sharedFactor = CellFlags(rawValue: 1 << 13)

    /// The causes for which a cell has no value.
    public static let missing: CellFlags = [
        .missingAtRandom, .missingUnderLoad, .agentOutage, .collectorOutage, .lateStart, .powerLoss,
    ]
}
