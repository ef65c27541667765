public import Core

/// Why a dataset is to be brought up to date. Where several come together, the strongest names the run.
public enum RunReason: String, Hashable, Sendable, CaseIterable, Comparable {
    /// A time of the schedule that passed while the service did not run.
    case catchUp = "catch-up"
    /// A time of the schedule.
    case schedule
    /// Somebody asked for it.
    case manual
    /// The config is new or changed.
    case config

    /// Catch-up < schedule < manual < config.
    public static func < (left: RunReason, right: RunReason) -> Bool { left.strength < right.strength }

    /// Whether the request is about what is wanted now. The others are about a time that a run in progress may well cover.
    public var isPrompt: Bool { self >= .manual }

    private var strength: Int {
        switch self {
        case .catchUp: 0
        case .schedule: 1
        case .manual: 2
        case .config: 3
        }
    }
}

/// One wish to bring a dataset up to date.
public struct RunRequest: Hashable, Sendable {
    /// The dataset's name.
    public var dataset: String
    /// Why.
    public var reason: RunReason
    /// The scheduled time, for schedule and catch-up.
    public var due: Moment?
    /// From when on a start would be too late; nil: never. This is the schedule's largest age, on the clock that does not jump.
    public var expires: ContinuousClock.Instant?
    /// What to do when the dataset is running; only for schedule and catch-up.
    public var whileRunning: BusyPolicy

    /// - Parameters: As the properties of the same names.
    public init(
        _ dataset: String, _ reason: RunReason, due: Moment? = nil, expires: ContinuousClock.Instant? = nil,
        whileRunning: BusyPolicy = .skip
    ) {
        self.dataset = dataset
        self.reason = reason
        self.due = due
        self.expires = expires
        self.whileRunning = whileRunning
    }
}

extension RunRequest {
    /// Whether the scheduled time lies on a later day (UTC) than a run's start: for a window that ends yesterday, that run is not enough.
    func isLaterDay(than run: RunQueue.Run) -> Bool {
        func day(_ moment: Moment) -> Int64 { Int64((Double(moment.seconds) / 86_400).rounded(.down)) }
        return due.map { day($0) > day(run.started) } ?? false
    }
}
