/// What a text value must look like: once as code, which decides and explains, and once as a pattern for the JSON Schema.
struct TextRule: Sendable {
    /// Name of the kind of text on the reference page.
    let title: String
    /// What is right, in words.
    let expected: String
    /// The same as an ECMA-262 regular expression, as exactly as one can say it.
    let pattern: String
    /// Most bytes of UTF-8.
    let maximumBytes: Int
    /// What is wrong with a text, or nil.
    let complaint: @Sendable (String) -> Complaint?

    struct Complaint: Sendable {
        var message: String
        var remedy: String?
        var suggestion: String?

        init(_ message: String, remedy: String? = nil, suggestion: String? = nil) {
            self.message = message
            self.remedy = remedy
            self.suggestion = suggestion
        }
    }
}

extension TextRule {
    /// A column of the panel. Letters, digits and underscores are a name in every language that reads Parquet.
    static let columnName = TextRule(
        title: "name", expected: "letters, digits and underscores, no digit first, at most 63", pattern: "^[A-Za-z_][A-Za-z0-9_]{0,62}$",
        maximumBytes: 63
    ) { text in
        guard let first = text.utf8.first else { return Complaint("the name is empty") }
        if first.isDigit { return Complaint("\(Quoting.visible(text)) starts with a digit") }
        return foreignCharacter(in: text) { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
    }

    static let granularity = TextRule(
        title: "length of time", expected: "daily, hourly, or a whole fraction of a day such as 6h or 15min, 5min at least",
        pattern: "^(\(Granularity.all.map(\.description).joined(separator: "|")))$", maximumBytes: 16
    ) { text in
        if Granularity(text) != nil { return nil }
        let near =
            Granularity.nearest(to: text).map(\.description) ?? Suggestions.nearest(to: text, among: Granularity.all.map(\.description))
        let problem =
            Granularity.minutes(in: text).map { 5...1440 ~= $0 && 1440 % $0 == 0 } == true
            ? "is spelled otherwise" : "does not divide a day"
        return Complaint("\(Quoting.visible(text)) \(problem)", remedy: near.map { "write \($0)" }, suggestion: near)
    }

    static let zoneRule = TextRule(
        title: "time zone", expected: "a time zone of the list, such as Europe/Dublin, or a rule such as CET-1CEST,M3.5.0,M10.5.0/3",
        pattern: "^[A-Za-z<][A-Za-z0-9<>+,./:_-]*$", maximumBytes: 64
    ) { text in
        if TimeZoneTable.zone(text) != nil { return nil }
        let near = Suggestions.nearest(to: text, among: TimeZoneTable.rules.keys.sorted())
        return Complaint("\(Quoting.quoted(text)) is no known time zone", remedy: near.map { "write \($0)" }, suggestion: near)
    }

    static let idPrefix = TextRule(
        title: "text", expected: "at most 32 letters, digits, dots, colons, hyphens and underscores", pattern: "^[A-Za-z0-9._:-]{0,32}$",
        maximumBytes: 32
    ) { text in
        foreignCharacter(in: text) {
            $0.isLetter || $0.isDigit || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "-")].contains($0)
        }
    }

    static let unit = TextRule(
        title: "text", expected: "at most 32 bytes without control characters", pattern: #"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"#,
        maximumBytes: 32
    ) { text in
        controlCharacter(in: text)
    }

    static let region = TextRule(
        title: "text", expected: "lower-case letters, digits and hyphens, at most 32", pattern: "^[a-z0-9][a-z0-9-]{0,31}$",
        maximumBytes: 32
    ) { text in
        if text.isEmpty { return Complaint("the region is empty") }
        if text.utf8.first == UInt8(ascii: "-") { return Complaint("\(Quoting.visible(text)) starts with a hyphen") }
        return foreignCharacter(in: text) { $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
    }

    /// A schedule. Whether it ever fires is `Contradictions`' part.
    static let cron = TextRule(
        title: "cron", expected: "five fields such as 15 2 * * *, or @hourly, @daily, @weekly, @monthly, @yearly or @every 90m",
        pattern: CronPattern.text, maximumBytes: 256
    ) { text in
        do throws(CronError) {
            _ = try CronExpression(text)
            return nil
        } catch {
            return Complaint("\(error.found), at column \(error.column) of the schedule", remedy: error.remedy)
        }
    }

    static let catchUp = TextRule(
        title: "catch-up", expected: "none, last, or all:N with N from 1 to 100", pattern: CatchUpPolicy.pattern, maximumBytes: 16
    ) { text in
        CatchUpPolicy(text) == nil ? Complaint("\(Quoting.quoted(text)) is no way to catch up") : nil
    }

    /// A length of time up to a day.
    static let jitter = TextRule(
        title: "length of time", expected: "a length of time from 0s to 24h, such as 90s, 5m or 1h30m",
        pattern: "^\(DurationText.pattern)$",
        maximumBytes: 32
    ) { text in
        guard let seconds = DurationText.seconds(text) else { return Complaint("\(Quoting.quoted(text)) is no length of time") }
        return seconds > 86_400 ? Complaint("\(text) is above 24h") : nil
    }

    /// How late a run may start.
    static let maximumAge = TextRule(
        title: "length of time", expected: "a length of time from 1m to 366d, such as 90m, 6h or 2d", pattern: "^\(DurationText.pattern)$",
        maximumBytes: 32
    ) { text in
        guard let seconds = DurationText.seconds(text) else { return Complaint("\(Quoting.quoted(text)) is no length of time") }
        if seconds < 60 { return Complaint("\(text) is below 1m") }
        return seconds > 366 * 86_400 ? Complaint("\(text) is above 366d") : nil
    }

    static let timeZone = TextRule(
        title: "time zone", expected: "an IANA time zone such as UTC or Europe/Berlin",
        pattern: "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$", maximumBytes: 64
    ) { text in
        guard let first = text.utf8.first, first.isLetter else { return Complaint("\(Quoting.quoted(text)) does not start with a letter") }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if parts.count > 3 || parts.contains(where: \.isEmpty) { return Complaint("\(Quoting.visible(text)) is no time zone") }
        return foreignCharacter(in: text) { $0.isLetter || $0.isDigit || "_+-/".utf8.contains($0) }
    }

    // MARK: Shared checks

    static func foreignCharacter(in text: String, allowed: (UInt8) -> Bool) -> Complaint? {
        guard let scalar = text.unicodeScalars.first(where: { !$0.isASCII || !allowed(UInt8($0.value)) }) else { return nil }
        return Complaint("\(Quoting.quoted(text)) contains \(scalar == " " ? "a space" : Quoting.visible(scalar))")
    }

    static func controlCharacter(in text: String) -> Complaint? {
        guard let scalar = text.unicodeScalars.first(where: \.isControl) else { return nil }
        return Complaint("\(Quoting.quoted(text)) contains the control character \(Quoting.visible(scalar))", remedy: "remove it")
    }
}
