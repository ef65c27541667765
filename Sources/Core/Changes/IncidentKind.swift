/// What kind of incident: which phases it goes through.
public enum IncidentKind: String, CaseIterable, Sendable {
    case failover
    case batchOverrun = "batch-overrun"
    case memoryLeak = "memory-leak"
    case diskFill = "disk-fill"
    case badRelease = "bad-release"
    case trafficSurge = "traffic-surge"
    case powerLoss = "power-loss"
    case sharedFactor = "shared-factor"

    /// Strength of an incident, step by step: 1 is what the config says for the metric, 0 is nothing, below 0 the opposite.
    ///
    /// ```
    /// failover       ________  1 all the time                    bad-release    _______     1, rolled back in the last fifth
    ///                                                                                  \
    /// batch-overrun  _______   1, ends in the last tenth         traffic-surge   ____      up in a fifth, down in three tenths
    ///                       \                                                   /    \
    /// memory-leak        /     up to the restart, then below     disk-fill        /‾       up in 95 parts of 100, cleaned up at the end
    ///                  /  |_/  normal for a quarter of that                     /   |
    /// power-loss     [    ]\   no values, then what was left undone, half as long
    /// ```
    /// - Parameter steps: The incident's duration, at least 1.
    /// - Returns: Steps without values at the start, and the strength of each step, those among them.
    public func profile(steps: Int) -> (gap: Int, strengths: [Double]) {
        let length = Double(steps)
        // The middle of a step, so that a short incident has the strength of its phases' mean.
        let middles = (0..<steps).map { (Double($0) + 0.5) / length }
        switch self {
        case .failover: return (0, [Double](repeating: 1, count: steps))
        case .batchOverrun: return (0, middles.map { min(1, (1 - $0) / 0.1) })
        case .badRelease: return (0, middles.map { min(1, (1 - $0) / 0.2) })
        case .trafficSurge: return (0, middles.map { min($0 / 0.2, 1, (1 - $0) / 0.3) })
        case .diskFill: return (0, (1...steps).map { min(1, Double($0) / length / 0.95) })
        case .memoryLeak:
            let rest = Self.part(of: steps, 4)
            let below = (0..<rest).map { -0.25 * (1 - (Double($0) + 0.5) / Double(rest)) }
            return (0, (1...steps).map { Double($0) / length } + below)
        case .powerLoss:
            let rest = Self.part(of: steps, 2)
            return (steps, [Double](repeating: 0, count: steps) + (0..<rest).map { 1 - Double($0) / Double(rest) })
        case .sharedFactor: return (0, [])
        }
    }

    /// A part of some steps, rounded up.
    private static func part(of steps: Int, _ divisor: Int) -> Int { (steps + divisor - 1) / divisor }

    /// Whether the kind has events; a shared factor is there all the time.
    public var hasEvents: Bool { self != .sharedFactor }
}
