/// Why an iCalendar file cannot become days of a config.
public struct ICalendarError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line of the file, from 1.
    public let line: Int
    let message: String
    let remedy: String

    /// `12: found a time of day\n    remedy: ...`, to follow the file's name and a colon.
    public var description: String { "\(line): \(message)\n    remedy: \(remedy)" }
}

/// The whole-day events of an iCalendar file (RFC 5545) as days that a config can name.
///
/// A config takes no `.ics` file by reference: its own text must decide its data. `fleetsynth calendar --ics` prints these days for pasting.
/// What would change their meaning is refused, never dropped: times of day, rules other than "every year", exceptions, ends of rules.
/// Cancelled events and components that are no events (time zones, tasks, alarms) are left out.
public struct ICalendarDays: Sendable {
    /// Text of the days, as `add` of a calendar takes it, with the events' names; by text.
    public let days: [(pattern: String, name: String)]

    /// - Parameter bytes: The file.
    public init(_ bytes: [UInt8]) throws(ICalendarError) {
        var names: [String: [String]] = [:]
        var open: [String] = []
        var event: Event?
        var hasCalendar = false
        for line in try Self.unfolded(bytes) {
            switch (line.name, line.value.uppercased()) {
            case ("BEGIN", let component):
                if open.isEmpty, component != "VCALENDAR" {
                    throw line.error("\(line.shown) outside a calendar", "begin the file with BEGIN:VCALENDAR")
                }
                if component == "VEVENT" { event = Event(line: line.number) }
                hasCalendar = true
                open.append(component)
            case ("END", let component):
                guard open.popLast() == component else { throw line.error("\(line.shown) ends what is not open", "check BEGIN and END") }
                guard component == "VEVENT", let done = event else { continue }
                event = nil
                if let (pattern, name) = try done.day() {
                    if names[pattern]?.contains(name) != true { names[pattern, default: []].append(name) }
                }
            default:
                if open.last == "VEVENT" { try event?.take(line) }
            }
        }
        guard hasCalendar, open.isEmpty else {
            throw ICalendarError(
                line: 1, message: "the file holds no whole calendar", remedy: "give an iCalendar file from BEGIN:VCALENDAR to END:VCALENDAR"
            )
        }
        days = names.map { ($0.key, $0.value.joined(separator: "; ").cut) }.sorted {
            $0.pattern.utf8.lexicographicallyPrecedes($1.pattern.utf8)
        }
    }

    /// A content line: `NAME;PARAMETERS:VALUE`.
    private struct Line {
        let number: Int
        let name: String
        let value: String

        /// Parameters may have colons in quotation marks.
        init(number: Int, text: String) {
            var isQuoted = false
            let colon = text.firstIndex { character in
                if character == "\"" { isQuoted.toggle() }
                return character == ":" && !isQuoted
            }
            self.number = number
            name = text[..<(colon ?? text.endIndex)].prefix { $0 != ";" }.uppercased()
            value = colon.map { String(text[text.index(after: $0)...]) } ?? ""
        }

        var shown: String { Quoting.quoted("\(name):\(value)") }

        func error(_ message: String, _ remedy: String) -> ICalendarError { ICalendarError(line: number, message: message, remedy: remedy) }
    }

    /// Lines put together again (RFC 5545, section 3.1: a line that begins with a space continues the one before), as bytes, because a
    /// line may be folded within a character.
    private static func unfolded(_ bytes: [UInt8]) throws(ICalendarError) -> [Line] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var lines: [(number: Int, text: [UInt8])] = []
        let rest = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        for (index, raw) in rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw
            if let first = line.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t"), !lines.isEmpty {
                lines[lines.count - 1].text += line.dropFirst()
            } else if !line.isEmpty {
                lines.append((index + 1, Array(line)))
            }
        }
        var result: [Line] = []
        for (number, bytes) in lines {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw ICalendarError(line: number, message: "the line is not UTF-8", remedy: "save the file as UTF-8")
            }
            result.append(Line(number: number, text: text))
        }
        return result
    }

    private struct Event {
        let line: Int
        var start: Day?
        var end: Day?
        var days: Int?
        var rule: Line?
        var name = ""
        var isCancelled = false

        init(line: Int) { self.line = line }

        mutating func take(_ line: Line) throws(ICalendarError) {
            switch line.name {
            case "DTSTART":
                try once(start == nil, line)
                start = try Self.day(line)
            case "DTEND":
                try once(end == nil && days == nil, line)
                end = try Self.day(line)
            case "DURATION":
                try once(end == nil && days == nil, line)
                days = try Self.days(line)
            case "RRULE":
                try once(rule == nil, line)
                rule = line
            case "RDATE", "EXDATE", "RECURRENCE-ID", "EXRULE":
                throw line.error("\(line.name) changes single days of a rule", "write the days one by one, without a rule")
            case "STATUS": isCancelled = line.value.uppercased() == "CANCELLED"
            case "SUMMARY": name = Self.unescaped(line.value)
            default: break
            }
        }

        private func once(_ isFirst: Bool, _ line: Line) throws(ICalendarError) {
            guard isFirst else {
                throw line.error("\(line.name) is the second start, end or rule of one event", "leave one of them, or make two events")
            }
        }

        /// Nil for a cancelled event.
        func day() throws(ICalendarError) -> (pattern: String, name: String)? {
            if isCancelled { return nil }
            guard let start else { throw ICalendarError(line: line, message: "the event has no DTSTART", remedy: "give it a first day") }
            let last = end.map { $0 - 1 } ?? start + ((days ?? 1) - 1)
            guard last >= start, DateBounds.years.contains(start.year), DateBounds.years.contains(last.year) else {
                throw ICalendarError(
                    line: line, message: "the event goes from \(start) to \(last)",
                    remedy: "give it an end after its start, within the years \(DateBounds.words)")
            }
            let pattern: DayPattern
            if let rule {
                pattern = try Self.yearly(rule, start, last)
            } else {
                pattern = start == last ? .days([start.wholeNumber]) : .range(start, last)
            }
            return (pattern.description, name.isEmpty ? pattern.description : name)
        }

        private static func day(_ line: Line) throws(ICalendarError) -> Day {
            let text = line.value
            guard text.utf8.count == 8, text.utf8.allSatisfy(\.isDigit) else {
                throw line.error("\(line.shown) is no whole day", "write it as \(line.name);VALUE=DATE:20241224")
            }
            guard let day = Day(iso: text.prefix(4) + "-" + text.dropFirst(4).prefix(2) + "-" + text.suffix(2)) else {
                throw line.error("\(line.shown) is no day of the calendar", "correct it")
            }
            return day
        }

        /// `P3D`, `P1W`.
        private static func days(_ line: Line) throws(ICalendarError) -> Int {
            let text = line.value.uppercased()
            if text.hasPrefix("P"), let unit = text.last, "DW".contains(unit), let count = Int(text.dropFirst().dropLast()),
                1...366 ~= count
            {
                return unit == "W" ? count * 7 : count
            }
            throw line.error("\(line.shown) is no number of whole days", "write it as DURATION:P1D")
        }

        /// `FREQ=YEARLY`, alone or with the month and the day of the month or weekday that the start has.
        private static func yearly(_ line: Line, _ start: Day, _ last: Day) throws(ICalendarError) -> DayPattern {
            var parts: [String: String] = [:]
            for part in line.value.uppercased().split(separator: ";") {
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                parts[pair[0]] = pair.count > 1 ? pair[1] : ""
            }
            if parts["INTERVAL"] == "1" { parts["INTERVAL"] = nil }
            parts["WKST"] = nil
            let remedy = "write the days one by one, without a rule"
            guard parts.removeValue(forKey: "FREQ") == "YEARLY" else { throw line.error("\(line.shown) is no rule for every year", remedy) }
            let month = parts.removeValue(forKey: "BYMONTH").map { Int($0) ?? 0 }
            guard month == nil || month == start.month else {
                throw line.error("\(line.shown) does not fit the first day, \(start)", remedy)
            }
            if let weekday = parts.removeValue(forKey: "BYDAY") {
                guard month != nil, parts.isEmpty, start == last, let pattern = nth(weekday, start.month),
                    pattern.days(in: start.year) == [start]
                else {
                    throw line.error("\(line.shown) is no weekday of one month, or not that of the first day, \(start)", remedy)
                }
                return pattern
            }
            if let day = parts.removeValue(forKey: "BYMONTHDAY"), Int(day) != start.day {
                throw line.error("\(line.shown) does not fit the first day, \(start)", remedy)
            }
            guard parts.isEmpty else { throw line.error("\(line.shown) is more than a rule for every year", remedy) }
            let from = DayPattern.MonthDay(month: start.month, day: start.day)
            if start == last { return .fixed(month: from.month, day: from.day) }
            guard last - start < 365 else { throw line.error("the event lasts a year or longer", "give it an end") }
            return .season(from: from, through: DayPattern.MonthDay(month: last.month, day: last.day))
        }

        /// `4TH` is the fourth Thursday, `-1MO` the last Monday.
        private static func nth(_ text: String, _ month: Int) -> DayPattern? {
            let weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
            guard let weekday = weekdays.firstIndex(of: String(text.suffix(2))), let count = Int(text.dropLast(2)) else { return nil }
            if count == -1 { return .last(weekday: weekday + 1, month: month) }
            return 1...5 ~= count ? .nth(count, weekday: weekday + 1, month: month) : nil
        }

        /// Text without its escapes (section 3.3.11), on one line.
        private static func unescaped(_ text: String) -> String {
            var result = ""
            var isEscaped = false
            for character in text {
                if isEscaped {
                    result.append(character == "n" || character == "N" ? " " : character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else {
                    result.append(character)
                }
            }
            let plain = result.unicodeScalars.map { $0.isControl ? " " : String($0) }.joined()
            return plain.trimmed
        }
    }
}

extension String {
    /// As many characters as fit into a holiday's name.
    fileprivate var cut: String {
        var text = self
        while text.utf8.count > TextRule.holidayName.maximumBytes { text.removeLast() }
        return text
    }

    fileprivate var trimmed: String {
        let front = drop { $0 == " " }
        return String(front.reversed().drop { $0 == " " }.reversed())
    }
}
