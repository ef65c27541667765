public import Core

/// How the config directory is watched, for status (W8, W9, W17).
public struct WatchReport: Hashable, Sendable {
    /// Whether there is a directory to read, in one word.
    public enum Directory: String, Hashable, Sendable, CaseIterable {
        case present
        /// An empty one took its place and is not believed.
        case replaced = "replaced-by-empty"
        case missing
        case unreadable
    }

    /// Rescans alone find changes, because inotify refused.
    public var isPolling = false
    /// Whether there is a directory to read; nil before the first look.
    public var directory: Directory?
    /// What is not normal, a sentence each; empty when all is well.
    public var problems: [String] = []
    /// Right configs that wait until one that is in their way is gone for good, by file name.
    public var waiting: [String] = []
    /// Events that concerned configs.
    public var events = 0
    /// Times that the kernel dropped events.
    public var overflows = 0
    /// Times that the whole directory was read.
    public var rescans = 0
    /// Rescans that found something no event had announced.
    public var missed = 0
    /// Configs in force.
    public var inForce = 0
    /// Files that are refused now.
    public var refused = 0
    /// When the last change of a config was told.
    public var lastChange: Moment?
    /// When every config was last found right.
    public var lastSuccess: Moment?

    /// Nothing seen yet.
    public init() {}

    /// - Parameters:
    ///   - status: What the watcher says.
    ///   - path: The config directory.
    ///   - now: The time of the report.
    public init(_ status: WatchStatus, of path: String, now: RunQueue.Now) {
        func moment(_ instant: ContinuousClock.Instant) -> Moment {
            Moment(secondsSince1970: now.moment.seconds - (now.instant - instant).components.seconds)
        }
        waiting = status.waiting
        events = status.events
        overflows = status.overflows
        rescans = status.rescans
        missed = status.missed
        inForce = status.inForce
        refused = status.refused
        lastChange = status.lastChange.map(moment)
        lastSuccess = status.lastSuccess.map(moment)
        guard status.rescans > 0 else { return }
        directory =
            switch status.directory {
            case .present: .present
            case .replacedByEmpty: .replaced
            case .missing: .missing
            case .unreadable: .unreadable
            }
        if let problem = status.directory.problem(of: path, isKeeping: status.inForce > 0) { problems.append(problem) }
        if case .polling(let failure) = status.mode {
            isPolling = true
            problems.append(WatchNotice.polling(failure).description)
        }
    }
}

/// Members without a value are null, as everywhere in a status.
extension WatchReport {
    package var canonicalJSON: CanonicalJSON {
        func text(_ text: String?) -> CanonicalJSON { text.map { .string($0) } ?? .null }
        return .object([
            "mode": .string(isPolling ? "polling" : "events"), "directory": text(directory?.rawValue),
            "problems": .array(problems.map { .string($0) }), "waiting": .array(waiting.map { .string($0) }), "events": .integer(events),
            "overflows": .integer(overflows), "rescans": .integer(rescans), "missed": .integer(missed), "in_force": .integer(inForce),
            "refused": .integer(refused), "last_change": text(lastChange?.description), "last_success": text(lastSuccess?.description),
        ])
    }

    init?(_ json: CanonicalJSON) {
        guard let mode = json["mode"]?.string, let problems = json["problems"]?.array, let waiting = json["waiting"]?.array,
            let events = json["events"]?.integer(Int.self), let overflows = json["overflows"]?.integer(Int.self),
            let rescans = json["rescans"]?.integer(Int.self), let missed = json["missed"]?.integer(Int.self),
            let inForce = json["in_force"]?.integer(Int.self), let refused = json["refused"]?.integer(Int.self)
        else { return nil }
        self.init()
        isPolling = mode == "polling"
        directory = json["directory"]?.string.flatMap(Directory.init(rawValue:))
        self.problems = problems.compactMap(\.string)
        self.waiting = waiting.compactMap(\.string)
        (self.events, self.overflows, self.rescans, self.missed) = (events, overflows, rescans, missed)
        (self.inForce, self.refused) = (inForce, refused)
        lastChange = json["last_change"]?.string.flatMap(Moment.init(_:))
        lastSuccess = json["last_success"]?.string.flatMap(Moment.init(_:))
    }
}
