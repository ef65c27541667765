/// Names of calendars and of holidays, and days by pattern.
extension TextRule {
    /// A shipped calendar, or one that the config gives. Whether there is one of that name is not decided here.
    static let calendarName = TextRule(
        title: "name",
        expected: "\(ConfigKey.alternatives(HolidayCalendarName.allCases.map(\.rawValue))), or a name of `calendars`",
        pattern: "^[a-z][a-z0-9_-]{0,39}$", maximumBytes: 40
    ) { text in nameComplaint(text) }

    /// The name of a calendar that the config gives.
    static let ownCalendarName = TextRule(
        title: "name", expected: "a name of lower-case letters, digits, _ and -, a letter first, at most 40",
        pattern: "^[a-z][a-z0-9_-]{0,39}$", maximumBytes: 40
    ) { text in
        if HolidayCalendarName(rawValue: text) != nil {
            return Complaint("\(text) is a shipped calendar", remedy: "choose another name, and write extends: \(text) below it")
        }
        return nameComplaint(text)
    }

    static let holidayName = TextRule(
        title: "text", expected: "1 to 128 bytes without control characters", pattern: #"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$"#,
        maximumBytes: 128
    ) { text in text.isEmpty ? Complaint("the name is empty") : controlCharacter(in: text) }

    static let dayPattern = TextRule(
        title: "days", expected: "days such as 2024-12-24, 12-24, 12-15..01-02, 2nd TUE, last MON of MAY or easter-2",
        pattern: DayPattern.schemaPattern, maximumBytes: 40
    ) { text in
        do throws(DayPatternError) {
            _ = try DayPattern(text)
            return nil
        } catch {
            return Complaint(error.message, remedy: error.remedy)
        }
    }

    static func nameComplaint(_ text: String) -> Complaint? {
        guard let first = text.utf8.first else { return Complaint("the name is empty") }
        if !first.isLowercaseLetter { return Complaint("\(Quoting.visible(text)) does not start with a lower-case letter") }
        return foreignCharacter(in: text) {
            $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
    }
}
