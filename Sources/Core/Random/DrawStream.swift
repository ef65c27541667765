/// What a draw is for. Each purpose and metric has words of its own, so that switching one effect moves no other.
public enum DrawPurpose: String, CaseIterable, Sendable {
    case businessUnit = "business_unit"
    case region
    case criticality
    case archetype
    case noise
    case slowNoise = "slow_noise"
    case serverBias = "server_bias"
    case outlier
    case missing
    /// Steps at which an incident begins, what is drawn once for it, and once for each server that it may touch.
    case incidentStart = "incident_start"
    case incidentEvent = "incident_event"
    case incidentServer = "incident_server"
    /// Which events a factor of the rate below 1 leaves, and those that one above 1 adds.
    case incidentThinning = "incident_thinning"
    case incidentExtra = "incident_extra"
    case sharedFactor = "shared_factor"
    case missingUnderLoad = "missing_under_load"
    case agentOutage = "agent_outage"
    case collectorOutage = "collector_outage"
    case lateStart = "late_start"
    case stuckSensor = "stuck_sensor"
    case unitSlip = "unit_slip"
    case duplicateRow = "duplicate_row"
    /// Rows that come late, and by how much.
    case lateRow = "late_row"
    case lateDelay = "late_delay"
    case lastingServer = "lasting_server"
    case lastingDay = "lasting_day"
    case lastingEvent = "lasting_event"
    case lifetime
}

/// The words of one (seed, purpose, metric): a pure function of server ordinal and time, never of order.
///
/// ```
/// key      seed
/// counter  [ block of time steps | server ordinal | stream low | stream high ]
/// ```
public struct DrawStream: Sendable {
    /// The dataset's seed: Philox's key.
    public let seed: UInt64
    /// The hash of purpose and metric name: half of Philox's counter.
    public let stream: UInt64

    /// - Parameters:
    ///   - purpose: What the words are for.
    ///   - metric: The metric's name; empty for draws of the server itself.
    public init(seed: UInt64, purpose: DrawPurpose, metric: String = "") {
        self.seed = seed
        // FNV-1a, then the finaliser of SplitMix64: 500 metrics collide with a probability below 1e-14.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(purpose.rawValue):\(metric)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        stream = hash ^ (hash >> 31)
    }

    /// The four words of one block.
    public func words(server: UInt32, block: UInt32) -> SIMD4<UInt32> {
        let counter = SIMD4(block, server, UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
        return Philox.block(counter, key: seed)
    }

    /// A uniform number in (0, 1), the middle of one of 2^32 equal cells; for draws that a server has once.
    public func uniform(server: UInt32) -> Double { Self.uniform(words(server: server, block: 0)[0]) }

    /// The middle of cell `word` of 2^32 equal cells of (0, 1).
    public static func uniform(_ word: UInt32) -> Double { (Double(word) + 0.5) * 0x1p-32 }
}
