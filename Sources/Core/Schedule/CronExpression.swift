/// When something happens, as cron writes it: five fields, a nickname, or a length of time. It knows no time zone.
///
/// ```
/// minute hour day-of-month month day-of-week        15 2 * * MON-FRI
/// field = item ("," item)*                          names in any case; 0 and 7 are Sunday
/// item  = ("*" | a "-" b) ["/" step] | a            a <= b; a step needs a range
///       | "L" | aW | "LW"                           day of the month: last day, weekday nearest to a (alone in its field), last weekday
///       | aL | a#n | a#L                            day of the week: the last, the n-th of the month
/// "+" before the day of the week: both day fields must match
/// @yearly @annually @monthly @weekly @daily @midnight @hourly
/// @every 1h30m                                      whole multiples of the length since 1970-01-01T00:00:00Z, so restarts move nothing
/// ```
/// When neither day field begins with `*`, a day that satisfies one of them is enough; otherwise it must satisfy both, so `*/2` counts as
/// unrestricted (Debian's cron, crontab.guru/cron-bug.html).
///
/// Source: crontab(5) of Debian; Open Cron Pattern Specification 1.0 and the drafts 1.1 (nicknames), 1.3 (L, W, #), 1.4 (+).
public struct CronExpression: Hashable, Sendable {
    enum Rule: Hashable, Sendable {
        case every(Int64)
        case fields(minutes: CronField, hours: CronField, months: CronField, days: CronDays)
    }

    let rule: Rule

    init(rule: Rule) { self.rule = rule }

    /// Reads a schedule.
    ///
    /// - Throws: The first thing that is wrong, with its column.
    public init(_ text: String) throws(CronError) { self = try Self.parse(text).expression }

    /// Reads a schedule, and says what in it is probably not meant.
    public static func parse(_ text: String) throws(CronError) -> (expression: CronExpression, warnings: [CronWarning]) {
        var parser = CronParser(text)
        return (try parser.expression(), parser.warnings)
    }

    /// The length in seconds of `@every`, nil for everything else.
    public var interval: Int64? { if case .every(let seconds) = rule { seconds } else { nil } }

    /// Whether the schedule takes place whenever the clock shows a time that matches, also when the clock is changed: so it is for `@every`
    /// and where the minute or the hour begins with `*`. Other schedules name fixed times, each of which takes place once.
    public var followsClock: Bool {
        switch rule {
        case .every: true
        case .fields(let minutes, let hours, _, _): minutes.startsWithStar || hours.startsWithStar
        }
    }

    /// Whether a day must satisfy both day fields (see the type's comment); false when one of them is enough.
    public var daysMustBothMatch: Bool {
        if case .fields(_, _, _, let days) = rule { days.mustBothMatch } else { true }
    }
}

extension CronExpression: CustomStringConvertible {
    /// The canonical text: the same for every way to write the same schedule, and read back as the same schedule.
    public var description: String {
        switch rule {
        case .every(let seconds): "@every \(DurationText.text(seconds))"
        case .fields(let minutes, let hours, let months, let days):
            "\(minutes.canonical) \(hours.canonical) \(days.canonicalDayOfMonth) \(months.canonical) \(days.canonicalDayOfWeek)"
        }
    }
}
