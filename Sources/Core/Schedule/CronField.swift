/// The five fields of a schedule.
enum CronFieldKind: Hashable, Sendable, CaseIterable {
    case minute, hour, dayOfMonth, month, dayOfWeek

    /// The numbers one may write. Sunday is 0 and 7.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// The numbers that `*` stands for.
    var all: ClosedRange<Int> { self == .dayOfWeek ? 0...6 : range }

    var title: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day of the month"
        case .month: "month"
        case .dayOfWeek: "day of the week"
        }
    }

    /// Three-letter names in lower case, the first of which is the first number of `range`.
    var names: [String] {
        switch self {
        case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        default: []
        }
    }

    /// What may stand in the field, in words.
    var expectation: String {
        let numbers = "\(range.lowerBound) to \(range.upperBound)"
        return switch self {
        case .month: numbers + " or JAN to DEC"
        case .dayOfWeek: numbers + " or SUN to SAT"
        default: numbers
        }
    }
}

/// The numbers that one field allows, as bits.
struct CronField: Hashable, Sendable {
    let kind: CronFieldKind
    /// Bit *n* for the number *n*; Sunday is bit 0 only.
    var bits: UInt64 = 0
    /// The step of the `*` that the field begins with, or nil when it begins with something else: `*` is 1, `*/15` is 15.
    ///
    /// Debian's cron decides by this first character whether a field restricts days and whether a job follows the clock, so `*/2` and
    /// `0-6/2` are not the same.
    var starStep: Int?

    var startsWithStar: Bool { starStep != nil }
    var allowsAll: Bool { bits == Self.bits(kind.all, step: 1) }
    var values: [Int] { kind.all.filter { bits & (1 << UInt64($0)) != 0 } }

    static func bits(_ range: ClosedRange<Int>, step: Int) -> UInt64 {
        var bits: UInt64 = 0
        for value in stride(from: range.lowerBound, through: range.upperBound, by: step) { bits |= 1 << UInt64(value) }
        return bits
    }

    /// Adds every `step`-th number of a range; 7 is Sunday, which is 0.
    mutating func insert(_ range: ClosedRange<Int>, step: Int) {
        let added = Self.bits(range, step: step)
        bits |= kind == .dayOfWeek ? (added | added >> 7) & 0x7F : added
    }

    /// The shortest text of one form for the same field: a leading `*`, then runs of three and more as ranges. Empty for no numbers.
    var canonical: String {
        var items: [String] = []
        var rest = bits
        if let starStep {
            if starStep == 1 { return "*" }
            items.append("*/\(starStep)")
            rest &= ~Self.bits(kind.all, step: starStep)
        }
        items += Self.runs(kind.all.filter { rest & (1 << UInt64($0)) != 0 }).map { run in
            run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound)-\(run.upperBound)"
        }
        return items.joined(separator: ",")
    }

    /// Ascending numbers as ranges; fewer than three neighbours stay single.
    static func runs(_ values: [Int]) -> [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        for value in values {
            if let last = runs.last, last.upperBound + 1 == value {
                runs[runs.count - 1] = last.lowerBound...value
            } else {
                runs.append(value...value)
            }
        }
        return runs.flatMap { $0.count == 2 ? [$0.lowerBound...$0.lowerBound, $0.upperBound...$0.upperBound] : [$0] }
    }
}

/// The third and the fifth field, which together choose days.
struct CronDays: Hashable, Sendable {
    /// Plain days of the month.
    var dayOfMonth = CronField(kind: .dayOfMonth)
    /// `L`: the last day of the month.
    var isLastDay = false
    /// `LW`: the last day of the month from Monday to Friday.
    var isLastWeekday = false
    /// `15W`: the day from Monday to Friday that is nearest to this one, within the month.
    var nearestWeekday: Int?

    /// Plain days of the week.
    var dayOfWeek = CronField(kind: .dayOfWeek)
    /// `2#3`, the third Tuesday: bit 8 * 2 + 3.
    var nth: UInt64 = 0
    /// `5L`, the last Friday: bit 5.
    var last: UInt64 = 0
    /// `+` before the day of the week: days must satisfy both fields although both restrict. False where they must anyway.
    var hasPlus = false

    /// Whether a day must satisfy both fields: unless neither of them begins with `*` and there is no `+`.
    var mustBothMatch: Bool { dayOfMonth.startsWithStar || dayOfWeek.startsWithStar || hasPlus }

    var isEveryDay: Bool { dayOfMonth.allowsAll && dayOfWeek.allowsAll }

    var canonicalDayOfMonth: String {
        var items = dayOfMonth.canonical.isEmpty ? [] : [dayOfMonth.canonical]
        if dayOfMonth.starStep == 1 { return "*" }
        if isLastDay { items.append("L") }
        if isLastWeekday { items.append("LW") }
        if let nearestWeekday { items.append("\(nearestWeekday)W") }
        return items.joined(separator: ",")
    }

    var canonicalDayOfWeek: String {
        if dayOfWeek.starStep == 1 { return "*" }
        var items = dayOfWeek.canonical.isEmpty ? [] : [dayOfWeek.canonical]
        for (weekday, count) in Self.pairs(nth) { items.append("\(weekday)#\(count)") }
        for weekday in 0...6 where last & (1 << UInt64(weekday)) != 0 { items.append("\(weekday)L") }
        return (hasPlus ? "+" : "") + items.joined(separator: ",")
    }

    /// The weekday and the count of each bit of `nth`.
    static func pairs(_ nth: UInt64) -> [(weekday: Int, count: Int)] {
        (0...6).flatMap { weekday in (1...5).map { (weekday, $0) } }.filter { nth & (1 << UInt64(8 * $0.0 + $0.1)) != 0 }
    }
}
