import Core

/// What must be remembered of a dataset's schedule, and what follows from it. Pure: the clock comes in as a value.
///
/// The caller keeps it on disk, and writes it *before* it starts the runs that `tick` returns: a crash in between leaves a run out rather
/// than starting it twice.
///
/// ```
/// edited            lastScheduled                now - delay        now
///   since  ----x----x----x  |  x----x----x----x  |  x               |
///                 had its turn    decided by tick   waits for its delay
/// ```
public struct ScheduleState: Codable, Equatable, Sendable {
    /// `Schedule.identity` of the schedule the rest is about.
    public private(set) var identity: String
    /// Times up to here have nothing to do with this schedule, Unix seconds: when it was first seen, or edited.
    public private(set) var since: Int64
    /// The latest scheduled time that had its turn, run or not; nil before the first.
    public private(set) var lastScheduled: Int64?

    /// How late a run may be and still count as on time, in seconds. Later ones are missed and subject to the catch-up policy.
    public static let punctuality: Int64 = 60

    /// A schedule that is seen for the first time.
    public init(_ schedule: Schedule, now: Int64) {
        identity = schedule.identity
        since = now
        lastScheduled = nil
    }

    /// What has come due.
    public struct Tick: Equatable, Sendable {
        /// The runs to start, oldest first.
        public var runs: [DueRun]
        /// Times that get no run, by policy or age.
        public var missed: MissedRuns?

        /// - Parameters: as the properties of these names.
        public init(runs: [DueRun] = [], missed: MissedRuns? = nil) {
            self.runs = runs
            self.missed = missed
        }
    }

    /// Decides about all times that came due since the last call. May be called at any time, as often as one likes.
    ///
    /// A schedule of another identity begins now, so an edit never fires for a time before it (systemd#16732).
    public mutating func tick(_ schedule: Schedule, now: Int64) -> Tick {
        adopt(schedule, now: now)
        // After a restart nobody can tell how far the clock went back: what was last scheduled is the best witness. A second is no jump here
        // either: a time that just had its turn must not have another because the clock was corrected a little.
        if let last = lastScheduled, last - now > ClockStep.tolerance, schedule.cron.followsClock || last - now >= ClockStep.far {
            rewind(to: now)
        }
        let start = mark
        guard let latest = schedule.last(after: start, through: now - schedule.delay) else { return Tick() }
        lastScheduled = latest
        var times = [latest]
        let isOnTime = now - latest - schedule.delay <= Self.punctuality
        switch schedule.catchUp {
        case .none: if !isOnTime { times = [] }
        case .last: break
        case .all(let limit):
            let count = isOnTime ? limit + 1 : limit
            while times.count < count, let earlier = schedule.last(after: start, through: times[0] - 1) { times.insert(earlier, at: 0) }
        }
        let runs = times.map { time in
            DueRun(scheduled: time, due: time + schedule.delay, reason: time == latest && isOnTime ? .schedule : .catchUp)
        }.filter { !$0.isExpired(at: now, maximumAge: schedule.maximumAge) }
        // The runs are the latest of the times, so what is missed lies before the first of them.
        return Tick(runs: runs, missed: Self.missed(schedule, after: start, before: runs.first?.scheduled ?? latest + 1))
    }

    /// The next time to call `tick`: when the next run is due, Unix seconds. Nil when there is none.
    public func nextWake(_ schedule: Schedule, now: Int64) -> Int64? { next(schedule, now: now)?.due }

    /// The next run after what `tick` has decided, for people to see. Nil when there is none.
    public func next(_ schedule: Schedule, now: Int64) -> DueRun? {
        let start = schedule.identity == identity ? mark : now
        return schedule.next(after: start).map { DueRun(scheduled: $0, due: $0 + schedule.delay, reason: .schedule) }
    }

    /// Takes note of a jump of the clock, before the next `tick`.
    public mutating func clockStepped(_ step: ClockStep, _ schedule: Schedule, now: Int64) {
        switch step {
        case .none, .forward: break
        case .shortlyBack: if schedule.cron.followsClock { rewind(to: now) }
        case .farBack: rewind(to: now)
        }
    }

    /// Starts with what comes after now, for a schedule that was paused: its times in between are nobody's loss.
    public mutating func resume(now: Int64) { since = max(since, now) }

    private var mark: Int64 { max(since, lastScheduled ?? since) }

    private mutating func adopt(_ schedule: Schedule, now: Int64) {
        if identity != schedule.identity { self = ScheduleState(schedule, now: now) }
    }

    /// Lets times after now have their turn again.
    private mutating func rewind(to now: Int64) {
        since = min(since, now)
        lastScheduled = lastScheduled.map { min($0, now) }
    }

    private static func missed(_ schedule: Schedule, after start: Int64, before end: Int64) -> MissedRuns? {
        guard let first = schedule.next(after: start, through: end - 1), let last = schedule.last(after: start, through: end - 1) else {
            return nil
        }
        var count = 1
        var time = first
        while count < MissedRuns.limit, let next = schedule.next(after: time, through: end - 1) {
            count += 1
            time = next
        }
        return MissedRuns(count: count, first: first, last: last)
    }
}

extension ScheduleState: LosslessStringConvertible {
    /// One line for `DatasetState.schedule`: `since=1711846800 last=1711933200 15 2 * * * | Europe/Berlin | gap run-after | overlap first`.
    public var description: String { "since=\(since) last=\(lastScheduled.map { "\($0)" } ?? "-") \(identity)" }

    /// Reads what `description` writes; nil for anything else, for which one starts as with a new schedule.
    public init?(_ description: String) {
        let parts = description.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, parts[0].hasPrefix("since="), parts[1].hasPrefix("last="), let since = Int64(parts[0].dropFirst(6)) else {
            return nil
        }
        let last = parts[1].dropFirst(5)
        self.since = since
        lastScheduled = Int64(last)
        identity = String(parts[2])
        if lastScheduled == nil, last != "-" { return nil }
    }
}
