/// Reads one schedule. Columns count from 1.
struct CronParser {
    private(set) var warnings: [CronWarning] = []
    private let text: String
    private var bytes: [UInt8] = []

    private static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *",
        "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]
    private static let nicknameWords = "@hourly, @daily, @weekly, @monthly, @yearly or @every with a length such as 90m"
    private static let intervals: ClosedRange<Int64> = 1...366 * 86_400

    init(_ text: String) { self.text = text }

    mutating func expression() throws(CronError) -> CronExpression {
        for (index, scalar) in text.unicodeScalars.enumerated() {
            let isKnown =
                scalar.isASCII
                && (UInt8(scalar.value).isLetter || UInt8(scalar.value).isDigit || "*/,-#+@ \t".unicodeScalars.contains(scalar))
            if isKnown { continue }
            throw error(
                index, "\(Quoting.quoted(text)) contains \(Quoting.visible(scalar))", expected: "letters, digits, * / , - # + and spaces",
                remedy: scalar == "?" ? "write * instead of ?" : "remove it")
        }
        bytes = Array(text.utf8)
        guard let first = bytes.first else { throw error(0, "\"\" has 0 fields", expected: "5", remedy: "write for example 15 2 * * *") }
        for (index, end) in [(0, first), (bytes.count - 1, bytes[bytes.count - 1])] where Self.isSpace(end) {
            throw error(index, "\(Quoting.quoted(text)) has spaces around it", expected: "none", remedy: "remove them")
        }
        return first == UInt8(ascii: "@") ? try nickname() : try fields()
    }

    // MARK: Nicknames

    private func nickname() throws(CronError) -> CronExpression {
        if let meaning = Self.nicknames[text] { return try CronExpression(meaning) }
        guard text.hasPrefix("@every ") else {
            let lower = text.lowercased()
            let name = lower.split(separator: " ").first.map(String.init) ?? lower
            let near = Suggestions.nearest(to: name, among: Self.nicknames.keys.sorted() + ["@every"])
            let remedy = near.map { $0 == "@every" ? "write @every with a length such as 90m" : "write \($0)" }
            throw error(
                0, "\(Quoting.visible(text)) is no known short form", expected: Self.nicknameWords,
                remedy: remedy ?? "write five fields, or one of the short forms")
        }
        let length = text.dropFirst(7)
        guard let seconds = DurationText.seconds(length) else {
            throw error(
                7, "\(Quoting.quoted(String(length))) is no length of time", expected: "one such as 90s, 5m, 1h30m or 1d",
                remedy: "write @every 5m")
        }
        guard Self.intervals.contains(seconds) else {
            throw error(7, "\(length) is \(seconds < 1 ? "below 1s" : "above 366d")", expected: "1s to 366d", remedy: "write @every 5m")
        }
        return CronExpression(rule: .every(seconds))
    }

    // MARK: Fields

    private mutating func fields() throws(CronError) -> CronExpression {
        var parts: [Range<Int>] = []
        for (index, byte) in bytes.enumerated() where !Self.isSpace(byte) {
            if let last = parts.last, last.upperBound == index {
                parts[parts.count - 1] = last.lowerBound..<index + 1
            } else {
                parts.append(index..<index + 1)
            }
        }
        guard parts.count == 5 else {
            let column = parts.count > 5 ? parts[5].lowerBound : bytes.count
            throw error(
                column, "\(Quoting.quoted(text)) has \(parts.count) field\(parts.count == 1 ? "" : "s")",
                expected: "5: minute, hour, day of the month, month, day of the week",
                remedy: parts.count == 6 ? "leave out the seconds or the year" : "write for example 15 2 * * *")
        }
        var days = CronDays()
        let minutes = try plain(.minute, parts[0])
        let hours = try plain(.hour, parts[1])
        try daysOfMonth(parts[2], &days)
        let months = try plain(.month, parts[3])
        try daysOfWeek(parts[4], &days)
        return CronExpression(rule: .fields(minutes: minutes, hours: hours, months: months, days: days))
    }

    private mutating func plain(_ kind: CronFieldKind, _ range: Range<Int>) throws(CronError) -> CronField {
        var field = CronField(kind: kind)
        for item in try items(range, kind) { try add(item, to: &field) }
        return field
    }

    private mutating func daysOfMonth(_ range: Range<Int>, _ days: inout CronDays) throws(CronError) {
        let items = try items(range, .dayOfMonth)
        for item in items {
            let upper = text(item).uppercased()
            if upper == "L" {
                days.isLastDay = true
            } else if upper.hasSuffix("W"), upper.utf8.count > 1 {
                // OCPS 1.3, 3.3: for a single day only.
                guard items.count == 1 else {
                    throw error(
                        item.lowerBound, "\(text(item)) stands in a list", expected: "W in a field of its own",
                        remedy: "make it the only day of the field")
                }
                if upper == "LW" {
                    days.isLastWeekday = true
                } else if upper.contains("-") {
                    throw error(
                        item.lowerBound, "\(text(item)) puts W on a range", expected: "W after a single day",
                        remedy: "write for example 15W")
                } else {
                    days.nearestWeekday = try number(item.lowerBound..<item.upperBound - 1, .dayOfMonth)
                }
            } else {
                try add(item, to: &days.dayOfMonth)
            }
        }
    }

    private mutating func daysOfWeek(_ field: Range<Int>, _ days: inout CronDays) throws(CronError) {
        let hasPlus = bytes[field.lowerBound] == UInt8(ascii: "+")
        let range = hasPlus ? field.lowerBound + 1..<field.upperBound : field
        for item in try items(range, .dayOfWeek) {
            let hash = item.first { bytes[$0] == UInt8(ascii: "#") }
            if let hash {
                let weekday = try number(item.lowerBound..<hash, .dayOfWeek) % 7
                let count = text(hash + 1..<item.upperBound).uppercased()
                if count == "L" {
                    days.last |= 1 << UInt64(weekday)
                } else if let count = Int(count), 1...5 ~= count, item.upperBound - hash == 2 {
                    days.nth |= 1 << UInt64(8 * weekday + count)
                } else {
                    throw error(hash + 1, "#\(count) is no place in a month", expected: "#1 to #5 or #L", remedy: "write for example MON#1")
                }
            } else if item.count > 1, bytes[item.upperBound - 1] | 0x20 == UInt8(ascii: "l"), !text(item).contains("-") {
                days.last |= 1 << UInt64(try number(item.lowerBound..<item.upperBound - 1, .dayOfWeek) % 7)
            } else {
                try add(item, to: &days.dayOfWeek)
            }
        }
        days.hasPlus = hasPlus && !days.mustBothMatch
    }

    /// The parts of a list.
    private func items(_ range: Range<Int>, _ kind: CronFieldKind) throws(CronError) -> [Range<Int>] {
        var items: [Range<Int>] = []
        var start = range.lowerBound
        for index in range.lowerBound...range.upperBound where index == range.upperBound || bytes[index] == UInt8(ascii: ",") {
            guard index > start else {
                throw error(start, "a \(kind.title) is missing", expected: kind.expectation, remedy: "write one, or remove the comma")
            }
            items.append(start..<index)
            start = index + 1
        }
        return items
    }

    /// One plain item: `*`, a number, a range, with or without a step.
    private mutating func add(_ item: Range<Int>, to field: inout CronField) throws(CronError) {
        let kind = field.kind
        let slash = item.first { bytes[$0] == UInt8(ascii: "/") }
        let base = item.lowerBound..<(slash ?? item.upperBound)
        let isStar = text(base) == "*"
        let dash = base.first { bytes[$0] == UInt8(ascii: "-") }
        let range: ClosedRange<Int>
        if isStar {
            range = kind.all
        } else if let dash {
            let low = try number(base.lowerBound..<dash, kind)
            let high = try number(dash + 1..<base.upperBound, kind)
            guard low <= high else {
                throw error(
                    base.lowerBound, "the range \(text(base)) runs backwards", expected: "its smaller end first",
                    remedy: Self.split(low, high, kind))
            }
            range = low...high
        } else {
            let value = try number(base, kind)
            range = value...value
        }
        guard let slash else {
            field.insert(range, step: 1)
            if isStar, isFirst(item) { field.starStep = 1 }
            return
        }
        let step = try step(slash + 1..<item.upperBound)
        guard isStar || dash != nil else {
            throw error(
                slash, "\(text(item)) has a step and no range", expected: "a range or * before /",
                remedy: "write \(range.lowerBound)-\(kind.all.upperBound)/\(step)")
        }
        if step >= range.count, range.count > 1 {
            warnings.append(
                CronWarning(
                    column: slash + 2, message: "a step of \(step) leaves only \(kind.title) \(range.lowerBound)",
                    remedy: "write \(range.lowerBound)"))
        }
        field.insert(range, step: step)
        if isStar, isFirst(item) { field.starStep = min(step, range.count) }
    }

    /// Whether an item opens its field; a `+` may stand before it.
    private func isFirst(_ item: Range<Int>) -> Bool {
        guard item.lowerBound > 0 else { return true }
        let before = bytes[item.lowerBound - 1]
        return Self.isSpace(before) || before == UInt8(ascii: "+")
    }

    private func number(_ range: Range<Int>, _ kind: CronFieldKind) throws(CronError) -> Int {
        let word = text(range)
        func wrong(_ found: String, remedy: String? = nil) -> CronError {
            error(range.lowerBound, found, expected: kind.expectation, remedy: remedy ?? "write \(kind.expectation)")
        }
        if word.isEmpty { throw wrong("a \(kind.title) is missing") }
        guard word.utf8.allSatisfy(\.isDigit) else {
            if let index = kind.names.firstIndex(of: word.lowercased()) { return kind.range.lowerBound + index }
            if kind == .dayOfWeek, word.lowercased() == "l" {
                throw wrong("L is no day of the week", remedy: "write for example 5L, the last Friday")
            }
            let near = Suggestions.nearest(to: word, among: kind.names) ?? kind.names.first { word.lowercased().hasPrefix($0) }
            throw wrong("\(word) is no \(kind.title)", remedy: near.map { "write \($0.uppercased())" })
        }
        guard let value = Int(word), value <= kind.range.upperBound else {
            throw wrong("\(kind.title) \(word) is above \(kind.range.upperBound)")
        }
        guard value >= kind.range.lowerBound else { throw wrong("\(kind.title) \(word) is below \(kind.range.lowerBound)") }
        guard word.utf8.count <= 2 else { throw wrong("\(kind.title) \(word) has too many digits", remedy: "write \(value)") }
        return value
    }

    private func step(_ range: Range<Int>) throws(CronError) -> Int {
        let word = text(range)
        guard word.utf8.allSatisfy(\.isDigit), let value = Int(word), 1...999 ~= value, word.utf8.first != UInt8(ascii: "0") else {
            let found = word.isEmpty ? "a step is missing" : "\(word) is no step"
            throw error(range.lowerBound, found, expected: "1 to 999", remedy: "write for example */15")
        }
        return value
    }

    // MARK: Helpers

    /// What to write for a range that was meant to go over the end: `22-2` is `22-23,0-2`.
    private static func split(_ low: Int, _ high: Int, _ kind: CronFieldKind) -> String {
        let (first, last) = (kind.all.lowerBound, kind.all.upperBound)
        if kind == .dayOfWeek, high == 0 { return "write \(low)-7" }
        func range(_ low: Int, _ high: Int) -> String { low == high ? "\(low)" : "\(low)-\(high)" }
        return "write \(range(min(low, last), last)),\(range(first, high))"
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// - Parameter index: Offset from 0 in Unicode scalars.
    private func error(_ index: Int, _ found: String, expected: String, remedy: String) -> CronError {
        CronError(column: index + 1, found: found, expected: expected, remedy: remedy)
    }
}
