import Core
import Service

/// What the tests of schedules share.
enum ScheduleSupport {
    /// The zones of the checklist (C5), and a few with odd histories.
    static let zones = [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca",
        "Pacific/Kiritimati",
    ]

    static func zone(_ name: String) throws -> TimeZoneRules { try TimeZoneDatabase().rules(name) }

    static func schedule(
        _ cron: String, _ zone: String = "UTC", gap: GapPolicy = .runAfter, overlap: OverlapPolicy = .first,
        catchUp: CatchUpPolicy = .last, maximumAge: Int64? = nil, delay: Int64 = 0
    ) throws -> Schedule {
        Schedule(
            cron: try CronExpression(cron), zone: try self.zone(zone), gap: gap, overlap: overlap, catchUp: catchUp,
            maximumAge: maximumAge, delay: delay)
    }

    /// Unix seconds of `2024-03-31T01:00` in UTC.
    static func utc(_ text: String) -> Int64 {
        let parts = text.split(separator: "T")
        let clock = parts[1].split(separator: ":").compactMap { Int64($0) }
        guard let day = Day(iso: String(parts[0])), clock.count == 2 else { preconditionFailure("\(text) is no time") }
        return Int64(day.number) * 86_400 + clock[0] * 3_600 + clock[1] * 60
    }

    /// What the zone's clocks show: `2024-03-31T03:00:00+02:00`.
    static func times(_ schedule: Schedule, after: String, _ count: Int) -> [String] {
        schedule.next(count, after: utc(after)).map { schedule.zone.text(at: $0) }
    }
}

/// Numbers that are the same in every run (splitmix64).
struct FixedRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}

/// A second opinion on plain schedules: it reads the text anew and tries every minute.
struct MinuteByMinute {
    private let fields: [Substring]
    /// Which minutes, hours and months there are, looked up because a test asks a million times.
    private var minutes: [Bool] = []
    private var hours: [Bool] = []
    private var months: [Bool] = []

    init(_ text: String) {
        fields = text.split(separator: " ")
        minutes = (0...59).map { allows(0, $0, 0, 59) }
        hours = (0...23).map { allows(1, $0, 0, 23) }
        months = (0...12).map { allows(3, $0, 1, 12) }
    }

    /// As Debian's cron decides: by the first character.
    var followsClock: Bool { fields[0].first == "*" || fields[1].first == "*" }

    func matches(_ reading: Int64) -> Bool {
        let days = reading >= 0 ? reading / 86_400 : -((-reading + 86_399) / 86_400)
        let second = reading - days * 86_400
        guard second % 60 == 0, minutes[Int(second / 60 % 60)], hours[Int(second / 3_600)] else { return false }
        let day = Day(number: Int(days))
        guard months[day.month] else { return false }
        let byDate = isDate(day)
        let byWeekday = isWeekday(day)
        let isAnd = fields[2].first == "*" || fields[4].first == "*" || fields[4].first == "+"
        return isAnd ? byDate && byWeekday : byDate || byWeekday
    }

    private func allows(_ field: Int, _ value: Int, _ low: Int, _ high: Int) -> Bool {
        items(field).contains { isIn($0, value, low, high) }
    }

    private func items(_ field: Int) -> [Substring] {
        (fields[field].first == "+" ? fields[field].dropFirst() : fields[field]).split(separator: ",")
    }

    private func isIn(_ item: Substring, _ value: Int, _ low: Int, _ high: Int) -> Bool {
        let parts = item.split(separator: "/")
        let ends = parts[0] == "*" ? [low, high] : parts[0].split(separator: "-").compactMap { Int($0) }
        guard let first = ends.first, let last = ends.last, first <= value, value <= last else { return false }
        return parts.count == 1 || (value - first) % (Int(parts[1]) ?? 1) == 0
    }

    private func isDate(_ day: Day) -> Bool {
        items(2).contains { item in
            if item == "L" { return (day + 1).day == 1 }
            if item == "LW" {
                return !day.isWeekend && (1...3).contains { (day + $0).day == 1 && (1..<$0).allSatisfy { (day + $0).isWeekend } }
            }
            guard item.last == "W" else { return isIn(item, day.day, 1, 31) }
            guard !day.isWeekend, let wanted = Int(item.dropLast()), wanted <= day.daysInMonth else { return false }
            let target = day + (wanted - day.day)
            // The nearest days first; of a Saturday's and a Sunday's neighbours none is equally near.
            let near = [0, -1, 1, -2, 2].map { target + $0 }.first { !$0.isWeekend && $0.month == day.month }
            return near == day
        }
    }

    private func isWeekday(_ day: Day) -> Bool {
        items(4).contains { item in
            if item.last == "L" { return isWeekdayNumber(item.dropLast(), day) && (day + 7).month != day.month }
            let parts = item.split(separator: "#")
            if parts.count == 2 { return isWeekdayNumber(parts[0], day) && (day.day - 1) / 7 + 1 == Int(parts[1]) }
            return isIn(item, day.isoWeekday % 7, 0, 6) || (day.isoWeekday == 7 && isIn(item, 7, 0, 7))
        }
    }

    private func isWeekdayNumber(_ text: Substring, _ day: Day) -> Bool { Int(text).map { $0 % 7 == day.isoWeekday % 7 } ?? false }

    /// All times after `start` up to `end`, by watching the clock: a fixed time runs when the clock first shows it, or jumps over it.
    func times(in zone: TimeZoneRules, after start: Int64, through end: Int64, gap: GapPolicy, overlap: OverlapPolicy) -> [Int64] {
        var found: [Int64] = []
        var time = start - start % 60 - 3 * 86_400
        var latest = time + Int64(zone.offset(at: time)) - 60
        while time <= end {
            let reading = time + Int64(zone.offset(at: time))
            var fires = false
            if followsClock {
                fires = matches(reading)
            } else {
                if gap == .runAfter, reading > latest + 60 {
                    fires = stride(from: latest + 60, to: reading, by: 60).contains(where: matches)
                }
                if matches(reading), reading > latest || overlap == .both { fires = true }
            }
            latest = max(latest, reading)
            if fires, time > start { found.append(time) }
            time += 60
        }
        return found
    }
}
