public import Core

/// When a dataset is due: a cron expression on the clocks of a time zone, with what happens when these are changed.
///
/// ```
/// scheduled = what the expression says        due = scheduled + delay
/// ```
/// All times are Unix seconds.
public struct Schedule: Equatable, Sendable {
    /// What it says.
    public let cron: CronExpression
    /// Whose clocks.
    public let zone: TimeZoneRules
    /// What becomes of a fixed time that the clocks skip.
    public let gap: GapPolicy
    /// What becomes of a fixed time that the clocks show twice.
    public let overlap: OverlapPolicy
    /// What becomes of missed runs.
    public let catchUp: CatchUpPolicy
    /// Seconds after its due time from which a run is not worth starting; nil for never.
    public let maximumAge: Int64?
    /// What a scheduled time does while a run is in progress.
    public let whileRunning: BusyPolicy
    /// Seconds from the scheduled to the due time: the jitter, which is always the same for one dataset on one host.
    public let delay: Int64

    /// How far the search for the next time goes. The rarest day there is, a 29 February on a given weekday, comes after 40 years at most.
    public static let horizon: Int64 = 48 * 366 * 86_400

    /// - Parameters: as the properties of these names.
    public init(
        cron: CronExpression, zone: TimeZoneRules = .utc, gap: GapPolicy = .runAfter, overlap: OverlapPolicy = .first,
        catchUp: CatchUpPolicy = .last, maximumAge: Int64? = nil, whileRunning: BusyPolicy = .skip,
        delay: Int64 = 0
    ) {
        self.cron = cron
        self.zone = zone
        self.gap = gap
        self.overlap = overlap
        self.catchUp = catchUp
        self.maximumAge = maximumAge
        self.whileRunning = whileRunning
        self.delay = delay
    }

    /// The schedule of a config.
    ///
    /// - Parameters:
    ///   - spec: The config's section.
    ///   - zone: The rules of `spec.timeZone`.
    ///   - dataset: The dataset's name.
    ///   - host: What tells this machine from others, its machine id for example: the jitter depends on it.
    public init(_ spec: ScheduleSpec, zone: TimeZoneRules, dataset: String, host: String) {
        self.init(
            cron: spec.expression, zone: zone, gap: spec.gap, overlap: spec.overlap, catchUp: spec.catchUp,
            maximumAge: spec.maximumAge, whileRunning: spec.whileRunning,
            delay: Jitter.delay(upTo: spec.jitter, dataset: dataset, host: host))
    }

    /// What decides the scheduled times. A change of it, and of nothing else, begins a schedule anew.
    public var identity: String { "\(cron) | \(zone.name) | gap \(gap.rawValue) | overlap \(overlap.rawValue)" }

    /// The first scheduled time after another, nil when there is none within `horizon`.
    public func next(after time: Int64) -> Int64? { next(after: time, through: time + Self.horizon) }

    /// The first `count` scheduled times after another; fewer where they end.
    public func next(_ count: Int, after time: Int64) -> [Int64] {
        var times: [Int64] = []
        while times.count < count, let next = next(after: times.last ?? time) { times.append(next) }
        return times
    }

    /// The first scheduled time after another and not after `end`.
    ///
    /// Between two changes of the offset, clocks and Unix time run side by side, so one stretch after the other is searched on the clock.
    public func next(after time: Int64, through end: Int64) -> Int64? {
        if let interval = cron.interval {
            let next = (time >= 0 ? time / interval + 1 : -((-time - 1) / interval)) * interval
            return next <= end ? next : nil
        }
        var start = time + 1
        var opening = zone.transition(atOrBefore: start)
        while start <= end {
            if let opening, opening.at == start, gap == .runAfter, skipsFixedTime(opening) { return start }
            let closing = zone.transition(after: start)
            let offset = Int64(opening?.after ?? zone.offset(at: start))
            let from = max(start + offset, opening.map(firstFreshReading) ?? .min)
            let found = cron.next(
                onOrAfter: CivilMinute(atOrAfter: from), before: CivilMinute(atOrAfter: min(closing?.at ?? .max, end + 1) + offset))
            if let found { return found.reading - offset }
            guard let closing else { return nil }
            (start, opening) = (closing.at, closing)
        }
        return nil
    }

    /// The last scheduled time after `start` and not after `end`.
    ///
    /// - Complexity: O(log (end - start)) searches, however many times lie between.
    public func last(after start: Int64, through end: Int64) -> Int64? {
        guard start < end, next(after: start, through: end) != nil else { return nil }
        // There is a time after `low`, and none after `high`, up to `end`.
        var (low, high) = (start, end)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if next(after: middle, through: end) != nil { low = middle } else { high = middle }
        }
        return high
    }

    /// Whether a transition skips a fixed time, which then takes place right after it.
    private func skipsFixedTime(_ transition: TimeZoneRules.Transition) -> Bool {
        guard !cron.followsClock, transition.after > transition.before else { return false }
        return cron.next(
            onOrAfter: CivilMinute(atOrAfter: zone.reached(before: transition)),
            before: CivilMinute(atOrAfter: transition.at + Int64(transition.after))) != nil
    }

    /// The reading from which the clocks show, after a transition, what they had not shown before it; where that matters.
    private func firstFreshReading(_ transition: TimeZoneRules.Transition) -> Int64 {
        cron.followsClock || overlap == .both ? .min : zone.reached(before: transition)
    }
}
