public import Core

/// What the service must remember of one dataset beyond its own life.
public struct DatasetState: Hashable, Sendable {
    /// The latest scheduled time whose run has begun, noted before it begins: a crash in between never runs a time twice, and a time that
    /// is later than this was missed.
    public var lastScheduled: Moment?
    /// Somebody paused it.
    public var isPaused = false
    /// The hash of the config that was applied last.
    public var configHash: String?
    /// The schedule's own memory, any text; only the schedule reads it.
    public var schedule: String?
    /// The run that began last. Without an end it was cut off.
    public var lastRun: LastRun?
    /// The last generation that a run published or found up to date.
    public var published: Published?

    /// Nothing is known.
    public init() {}

    /// One run.
    public struct LastRun: Hashable, Sendable {
        /// The run's id.
        public var id: String
        /// Why it was made, as `RunReason` writes it.
        public var reason: RunReason
        /// The scheduled time that it covers.
        public var due: Moment?
        /// When it began.
        public var started: Moment
        /// When it ended, and how; nil while it runs, and for ever if the service died.
        public var end: End?

        /// - Parameter run: A run that is about to begin.
        public init(_ run: RunQueue.Run) {
            self.init(id: run.id, reason: run.reason, due: run.due, started: run.started, end: nil)
        }

        /// - Parameters: As the properties of the same names.
        public init(id: String, reason: RunReason, due: Moment?, started: Moment, end: End?) {
            self.id = id
            self.reason = reason
            self.due = due
            self.started = started
            self.end = end
        }
    }

    /// How a run ended.
    public struct End: Hashable, Sendable {
        /// When.
        public var at: Moment
        /// In one word.
        public var verdict: Verdict
        /// What failed, for people; empty otherwise. At most `DatasetState.maximumMessageBytes`.
        public var message: String

        /// - Parameters: As the properties of the same names; a longer message is cut.
        public init(at moment: Moment, verdict: Verdict, message: String = "") {
            at = moment
            self.verdict = verdict
            self.message = DatasetState.cut(message)
        }
    }

    /// How a run ended, in one word.
    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        case published
        case upToDate = "up-to-date"
        /// The store or the plan failed.
        case failed
        /// The quality gate refused.
        case quality
        case cancelled
    }

    /// What readers find.
    public struct Published: Hashable, Sendable {
        /// The generation, with the time at which it was published; runs that find it up to date leave that.
        public var generation: PublishedGeneration
        /// When a run last published it or found it whole and up to date.
        public var checked: Moment

        /// - Parameters: As the properties of the same names.
        public init(_ generation: PublishedGeneration, checked: Moment) {
            self.generation = generation
            self.checked = checked
        }
    }

    /// Whether the last run ended, and badly.
    public var hasFailed: Bool { lastRun?.end?.verdict == .failed || lastRun?.end?.verdict == .quality }

    /// The longest message that is kept.
    public static let maximumMessageBytes = 4096

    /// The longest text of a schedule's memory.
    public static let maximumScheduleBytes = 16_384

    /// Notes that a run is about to begin.
    public mutating func begin(_ run: RunQueue.Run) {
        if let due = run.due { lastScheduled = max(lastScheduled ?? due, due) }
        lastRun = LastRun(run)
    }

    /// Notes how it ended.
    public mutating func end(_ run: RunQueue.Run, _ result: RunResult, at moment: Moment) {
        var last = LastRun(run)
        switch result {
        case .published(let generation, _):
            last.end = End(at: moment, verdict: .published)
            published = Published(generation, checked: moment)
        case .upToDate(let generation):
            last.end = End(at: moment, verdict: .upToDate)
            published = Published(generation, checked: moment)
        case .failed(let failure):
            last.end = End(at: moment, verdict: failure.kind == .quality ? .quality : .failed, message: failure.message)
        case .cancelled: last.end = End(at: moment, verdict: .cancelled)
        }
        lastRun = last
    }

    /// The first bytes of a text, whole characters.
    static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumMessageBytes else { return text }
        var result = ""
        var bytes = 3
        for character in text {
            bytes += character.utf8.count
            if bytes > maximumMessageBytes { break }
            result.append(character)
        }
        return result + "\u{2026}"
    }
}
