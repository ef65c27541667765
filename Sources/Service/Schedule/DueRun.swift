/// A run that is due. What happens when another run of the dataset is still under way is the queue's to decide.
public struct DueRun: Hashable, Sendable {
    /// Why.
    public enum Reason: String, Sendable {
        /// Its time has come.
        case schedule
        /// Its time passed while nobody was there to run it.
        case catchUp = "catch-up"
    }

    /// The time the schedule says, Unix seconds.
    public let scheduled: Int64
    /// The scheduled time plus the jitter: when it should have started.
    public let due: Int64
    /// Why.
    public let reason: Reason

    /// - Parameters: as the properties of these names.
    public init(scheduled: Int64, due: Int64, reason: Reason) {
        self.scheduled = scheduled
        self.due = due
        self.reason = reason
    }

    /// Whether it is too late to start.
    ///
    /// - Parameter maximumAge: Seconds after the due time, nil for no limit.
    public func isExpired(at now: Int64, maximumAge: Int64?) -> Bool { maximumAge.map { now - due > $0 } ?? false }
}

/// Scheduled times that passed and get no run: worth a line in the log.
public struct MissedRuns: Equatable, Sendable {
    /// How many; counting stops at `limit`.
    public let count: Int
    /// The first of them, Unix seconds.
    public let first: Int64
    /// The last of them, Unix seconds.
    public let last: Int64

    /// Nobody needs to know how many more there were.
    public static let limit = 1_000

    /// For people: `3`, or `1000 or more`.
    public var countText: String { count < Self.limit ? "\(count)" : "\(Self.limit) or more" }
}
