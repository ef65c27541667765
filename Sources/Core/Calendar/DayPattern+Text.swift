/// Why a text names no days.
struct DayPatternError: Error {
    let message: String
    var remedy: String?
}

extension DayPattern: CustomStringConvertible {
    /// Reads days as a config names them.
    ///
    /// ```
    /// pattern = YYYY-MM-DD [".." YYYY-MM-DD]                 one day, or all days from one through another
    ///         | MM-DD [".." MM-DD]                           the same every year; 12-15..01-02 goes past New Year
    ///         | ordinal " " weekday [" of " month]           2nd TUE (of every month), last MON of MAY
    ///         | "easter" [("+" | "-") days]                  easter-2 is Good Friday
    /// ordinal = "1st" | "2nd" | "3rd" | "4th" | "5th" | "last"
    /// weekday = "MON" | ... | "SUN"     month = "JAN" | ... | "DEC"     in any case
    /// ```
    init(_ text: String) throws(DayPatternError) {
        let parts = text.split(separator: "..", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, parts.count <= 2 else {
            throw DayPatternError(message: "\(Quoting.quoted(text)) has more than one '..'")
        }
        if let start = try Self.day(first) {
            guard parts.count == 2 else {
                self = .days([start.wholeNumber])
                return
            }
            guard let end = try Self.day(parts[1]) else { throw Self.halves(text) }
            guard start <= end else {
                throw DayPatternError(message: "\(Quoting.visible(text)) ends before it starts", remedy: "swap the two days")
            }
            self = .range(start, end)
        } else if let from = try Self.monthDay(first) {
            guard parts.count == 2 else {
                self = .fixed(month: from.month, day: from.day)
                return
            }
            guard let through = try Self.monthDay(parts[1]) else { throw Self.halves(text) }
            self = .season(from: from, through: through)
        } else if parts.count == 2 {
            throw Self.halves(text)
        } else if let offset = try Self.easterOffset(text) {
            self = .easter(offset)
        } else {
            self = try Self.weekday(text)
        }
    }

    /// The canonical text; reading it gives the pattern again, for those that a text can give.
    public var description: String {
        switch self {
        case .fixed(let month, let day): MonthDay(month: month, day: day).text
        case .season(let from, let through): from.text + ".." + through.text
        case .nth(let count, let weekday, let month): Self.words(Self.ordinals[count - 1], weekday, month)
        case .last(let weekday, let month): Self.words("last", weekday, month)
        case .easter(let offset): offset == 0 ? "easter" : "easter" + (offset < 0 ? "\(offset)" : "+\(offset)")
        case .days(let dates):
            dates.map { Day.unchecked(year: $0 / 10_000, month: $0 / 100 % 100, day: $0 % 100).iso }.joined(separator: ", ")
        case .range(let first, let last): first.iso + ".." + last.iso
        case .onOrAfter(let weekday, let month, let day, _):
            "first " + Self.weekdays[weekday - 1] + " from " + MonthDay(month: month, day: day).text
        }
    }

    /// The pattern as an ECMA-262 regular expression for the JSON Schema; which days a month has is beyond it.
    static let schemaPattern: String = {
        let day = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        let date = "(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        func anyCase(_ words: [String]) -> String {
            "(" + words.map { $0.map { "[\($0)\($0.lowercased())]" }.joined() }.joined(separator: "|") + ")"
        }
        let weekday = "(1st|2nd|3rd|4th|5th|last) \(anyCase(weekdays))( of \(anyCase(months)))?"
        return "^(\(day)(\\.\\.\(day))?|\(date)(\\.\\.\(date))?|\(weekday)|easter([+-][0-9]{1,3})?)$"
    }()

    private static let ordinals = ["1st", "2nd", "3rd", "4th", "5th"]
    private static let weekdays = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
    private static let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    /// Beyond this an offset says nothing that a date does not say better.
    private static let mostEasterDays = 300

    private static func words(_ ordinal: String, _ weekday: Int, _ month: Int?) -> String {
        ordinal + " " + weekdays[weekday - 1] + (month.map { " of " + months[$0 - 1] } ?? "")
    }

    private static func halves(_ text: String) -> DayPatternError {
        DayPatternError(
            message: "\(Quoting.visible(text)) has two ends of different kinds",
            remedy: "write both as YYYY-MM-DD, or both as MM-DD")
    }

    /// A day, nil for what is not shaped like one.
    private static func day(_ text: String) throws(DayPatternError) -> Day? {
        guard shape(text) == "dddd-dd-dd" else { return nil }
        guard let day = Day(iso: text) else { throw DayPatternError(message: "\(text) is no day of the calendar") }
        guard DateBounds.years.contains(day.year) else {
            throw DayPatternError(message: "\(text) is outside the years \(DateBounds.words)")
        }
        return day
    }

    private static func monthDay(_ text: String) throws(DayPatternError) -> MonthDay? {
        guard shape(text) == "dd-dd" else { return nil }
        // Any leap year: 29 February is a date.
        guard let day = Day(iso: "2000-" + text) else { throw DayPatternError(message: "\(text) is no date of the calendar") }
        return MonthDay(month: day.month, day: day.day)
    }

    private static func shape(_ text: String) -> String {
        String(text.utf8.prefix(11).map { $0.isDigit ? "d" : $0 == UInt8(ascii: "-") ? "-" : "?" })
    }

    private static func easterOffset(_ text: String) throws(DayPatternError) -> Int? {
        guard text.hasPrefix("easter") else { return nil }
        let rest = text.dropFirst(6)
        if rest.isEmpty { return 0 }
        guard let sign = rest.first, "+-".contains(sign), rest.dropFirst().utf8.allSatisfy(\.isDigit), let offset = Int(rest),
            abs(offset) <= mostEasterDays, offset != 0
        else {
            throw DayPatternError(
                message: "\(Quoting.quoted(text)) is no distance from Easter",
                remedy: "write for example easter-2; at most \(mostEasterDays) days")
        }
        return offset
    }

    private static func weekday(_ text: String) throws(DayPatternError) -> DayPattern {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map { $0.uppercased() }
        let count = words.first.flatMap { word in ordinals.firstIndex { $0.uppercased() == word } }
        guard [2, 4].contains(words.count), count != nil || words[0] == "LAST", words.count == 2 || words[2] == "OF" else {
            throw DayPatternError(message: "\(Quoting.quoted(text)) names no days")
        }
        guard let weekday = weekdays.firstIndex(of: words[1]) else {
            throw DayPatternError(
                message: "\(Quoting.quoted(words[1])) is no weekday", remedy: "write one of \(weekdays.joined(separator: ", "))")
        }
        var month: Int?
        if words.count == 4 {
            guard let index = months.firstIndex(of: words[3]) else {
                throw DayPatternError(
                    message: "\(Quoting.quoted(words[3])) is no month", remedy: "write one of \(months.joined(separator: ", "))")
            }
            month = index + 1
        }
        return count.map { .nth($0 + 1, weekday: weekday + 1, month: month) } ?? .last(weekday: weekday + 1, month: month)
    }
}

extension DayPattern.MonthDay {
    fileprivate var text: String { (month < 10 ? "0" : "") + "\(month)-" + (day < 10 ? "0" : "") + "\(day)" }
}

extension Day {
    /// `yyyymmdd`.
    var wholeNumber: Int {
        let (year, month, day) = civil
        return year * 10_000 + month * 100 + day
    }
}
