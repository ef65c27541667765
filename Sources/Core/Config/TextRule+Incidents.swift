/// Lengths of time and labels of incidents and of what goes wrong with the measuring.
extension TextRule {
    static let incidentDuration = length("from 1m to 90d, such as 90m, 6h or 2d", 60, "1m", days: 90)
    static let incidentLag = length("from 0s to 30d, such as 30m, 6h or 2d", 0, "0s", days: 30)
    static let messLateness = length("from 1m to 3660d, such as 30d", 60, "1m", days: 3660)

    static let incidentLabel = TextRule(
        title: "label", expected: "a label of the scope's column", pattern: #"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$"#,
        maximumBytes: 128
    ) { text in text.isEmpty ? Complaint("the label is empty") : controlCharacter(in: text) }

    static let incidentName = TextRule(
        title: "name", expected: "a name of lower-case letters, digits, _ and -, a letter first, at most 40",
        pattern: "^[a-z][a-z0-9_-]{0,39}$", maximumBytes: 40
    ) { text in nameComplaint(text) }

    /// A point in time.
    static let timestamp = TextRule(
        title: "time", expected: "a day or a time in UTC such as 2024-03-31 or 2024-03-31T02:00:00Z",
        pattern: "^\(ConfigSchema.dayPattern)\(TimestampText.timePattern)$", maximumBytes: 20
    ) { text in
        guard let seconds = TimestampText.seconds(text) else { return Complaint("\(Quoting.quoted(text)) is no point in time") }
        let year = Day(number: floorDivide(Int(seconds), 86_400)).year
        return DateBounds.years.contains(year) ? nil : Complaint("\(text) is outside the years \(DateBounds.words)")
    }

    static let percentile = TextRule(
        title: "percentile", expected: "a number, or a percentile from p1 to p99", pattern: "^p[1-9][0-9]?$", maximumBytes: 16
    ) { text in
        let digits = text.utf8.dropFirst()
        let isRight =
            text.utf8.first == UInt8(ascii: "p") && 1...2 ~= digits.count && digits.allSatisfy(\.isDigit)
            && digits.first != UInt8(ascii: "0")
        return isRight ? nil : Complaint("\(Quoting.quoted(text)) is no percentile", remedy: "write for example p95")
    }

    private static func length(_ words: String, _ low: Int64, _ lowText: String, days: Int64) -> TextRule {
        TextRule(
            title: "length of time", expected: "a length of time \(words)", pattern: "^\(DurationText.pattern)$", maximumBytes: 32
        ) { text in
            guard let seconds = DurationText.seconds(text) else { return Complaint("\(Quoting.quoted(text)) is no length of time") }
            if seconds < low { return Complaint("\(text) is below \(lowText)") }
            return seconds > days * 86_400 ? Complaint("\(text) is above \(days)d") : nil
        }
    }
}
