/// A rule for all years, as the environment variable TZ and the footer of compiled zones write it: `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// ```
/// name offset [name [offset] "," date ["/" time] "," date ["/" time]]
/// date = "J" 1...365 (no leap day) | 0...365 | "M" month "." week "." weekday   week 5 is the last
/// ```
/// Offsets count west of UTC; times may lie outside the day (RFC 8536, section 3.3.1).
package struct PosixTimeZone: Hashable, Sendable {
    /// Seconds east of UTC.
    package let standardOffset: Int
    private var summer: Summer?

    private struct Summer: Hashable {
        let offset: Int
        let start: Change
        let end: Change
    }

    private struct Change: Hashable {
        enum Date: Hashable {
            case julian(Int)
            case dayOfYear(Int)
            case weekday(month: Int, week: Int, weekday: Int)
        }
        var date: Date
        /// Seconds from the day's midnight, -167 to 167 hours.
        var time: Int

        /// Seconds from 1970-01-01T00:00:00, both on the clocks of before the change.
        func reading(year: Int) -> Int64 {
            let day: Day
            let newYear = Day(year: year, month: 1, day: 1) ?? Day(number: 0)
            switch date {
            case .julian(let number): day = newYear + (number - 1 + (newYear.isLeapYear && number > 59 ? 1 : 0))
            case .dayOfYear(let number): day = newYear + number
            case .weekday(let month, let week, let weekday):
                let first = newYear.adding(months: month - 1)
                let start = (weekday - first.isoWeekday % 7 + 7) % 7
                day = first + (start + 7 * min(week - 1, (first.daysInMonth - 1 - start) / 7))
            }
            return Int64(day.number) * 86_400 + Int64(time)
        }
    }

    /// Whether the offset changes in the course of a year.
    package var isAlternating: Bool { summer != nil }

    /// The changes of some years with the offset from then on, ascending.
    package func changes(years: ClosedRange<Int>) -> [(at: Int64, offset: Int)] {
        guard let summer else { return [] }
        let all = years.flatMap { year in
            [
                (at: summer.start.reading(year: year) - Int64(standardOffset), offset: summer.offset),
                (at: summer.end.reading(year: year) - Int64(summer.offset), offset: standardOffset),
            ]
        }
        // The order of a year's two changes depends on the hemisphere; at the same instant the later year's counts.
        return all.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    /// - Returns: nil for any other form, and for a summer time without dates, which POSIX leaves to the implementation.
    package init?(_ text: String) {
        var scanner = Scanner(rest: Array(text.utf8)[...])
        guard scanner.name(), let west = scanner.time(hours: 24) else { return nil }
        standardOffset = -west
        summer = nil
        if scanner.rest.isEmpty { return }
        guard scanner.name() else { return nil }
        var offset = standardOffset + 3_600
        if scanner.rest.first != UInt8(ascii: ",") {
            guard let west = scanner.time(hours: 24) else { return nil }
            offset = -west
        }
        guard let start = Self.change(&scanner), let end = Self.change(&scanner), scanner.rest.isEmpty else { return nil }
        summer = Summer(offset: offset, start: start, end: end)
    }

    private static func change(_ scanner: inout Scanner) -> Change? {
        guard scanner.skip(","), let date = date(&scanner) else { return nil }
        guard scanner.skip("/") else { return Change(date: date, time: 2 * 3_600) }
        return scanner.time(hours: 167).map { Change(date: date, time: $0) }
    }

    private static func date(_ scanner: inout Scanner) -> Change.Date? {
        if scanner.skip("J") { return scanner.number(1...365).map { .julian($0) } }
        guard scanner.skip("M") else { return scanner.number(0...365).map { .dayOfYear($0) } }
        guard let month = scanner.number(1...12), scanner.skip("."), let week = scanner.number(1...5), scanner.skip("."),
            let weekday = scanner.number(0...6)
        else { return nil }
        return .weekday(month: month, week: week, weekday: weekday)
    }
}

private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Three or more letters, or anything in angle brackets.
    mutating func name() -> Bool {
        if skip("<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")), end > rest.startIndex else { return false }
            rest = rest[(end + 1)...]
            return true
        }
        let count = rest.prefix { 0x61...0x7A ~= $0 | 0x20 }.count
        rest = rest.dropFirst(count)
        return count >= 3
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { 0x30...0x39 ~= $0 }
        guard 1...3 ~= digits.count, let value = Int(String(decoding: digits, as: UTF8.self)), range.contains(value) else { return nil }
        rest = rest.dropFirst(digits.count)
        return value
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time(hours: Int) -> Int? {
        let isNegative = skip("-")
        if !isNegative { _ = skip("+") }
        guard var total = number(0...hours).map({ $0 * 3_600 }) else { return nil }
        for unit in [60, 1] {
            guard skip(":") else { break }
            guard let part = number(0...59) else { return nil }
            total += part * unit
        }
        return isNegative ? -total : total
    }
}
