extension CronExpression {
    /// The schedule in words, for people: `at 02:15 every day`, `every 15 minutes on Monday to Friday`.
    public var words: String {
        switch rule {
        case .every(let seconds): return "every \(DurationText.text(seconds))"
        case .fields(let minutes, let hours, let months, let days):
            let time = Self.time(minutes, hours)
            let day = Self.day(days)
            let month = months.allowsAll ? nil : "in " + Self.list(months.values) { Self.monthNames[$0 - 1] }
            // "every 15 minutes" says already that it is so every day.
            let isEveryDaySaid = time.hasPrefix("every") || time.hasSuffix("every hour")
            return [time, day ?? (isEveryDaySaid ? nil : "every day"), month].compactMap { $0 }.joined(separator: " ")
        }
    }

    private static func time(_ minutes: CronField, _ hours: CronField) -> String {
        let (minuteList, hourList) = (minutes.values, hours.values)
        let hourPhrase = hourList.count == 1 ? "the hour \(hourList[0])" : "the hours " + list(hourList) { "\($0)" }
        if minutes.allowsAll { return hours.allowsAll ? "every minute" : "every minute of \(hourPhrase)" }
        let minutePhrase = "at minute\(minuteList.count == 1 ? "" : "s") " + list(minuteList) { "\($0)" }
        if hours.allowsAll {
            if minuteList == [0] { return "every hour" }
            if let step = evenStep(minuteList, of: 60) { return "every \(step) minutes" }
            return minutePhrase + " of every hour"
        }
        if let step = evenStep(hourList, of: 24), minuteList.count == 1 {
            return "every \(step) hours" + (minuteList == [0] ? "" : " \(minutePhrase)")
        }
        if minuteList.count * hourList.count <= 6 {
            return "at " + joined(hourList.flatMap { hour in minuteList.map { CivilMinute.clock(hour * 60 + $0) } }, "and")
        }
        return (evenStep(minuteList, of: 60).map { "every \($0) minutes" } ?? minutePhrase) + " of \(hourPhrase)"
    }

    /// The step of 0, n, 2n, ... up to the end of a cycle that n divides.
    private static func evenStep(_ values: [Int], of cycle: Int) -> Int? {
        guard values.count > 1, values[0] == 0, cycle % values.count == 0 else { return nil }
        let step = cycle / values.count
        return values.enumerated().allSatisfy { $0.element == $0.offset * step } ? step : nil
    }

    /// Nil for every day.
    private static func day(_ days: CronDays) -> String? {
        if days.mustBothMatch {
            let (date, weekday) = (days.dayOfMonth.allowsAll ? nil : dates(days), days.dayOfWeek.allowsAll ? nil : weekdays(days))
            if let date, let weekday { return "on \(date), but only if that is \(weekday)" }
            return (date ?? weekday).map { "on \($0)" }
        }
        return "on \(dates(days)) or on \(weekdays(days))"
    }

    private static func dates(_ days: CronDays) -> String {
        var parts: [String] = []
        let plain = days.dayOfMonth.values
        if !plain.isEmpty { parts.append("day\(plain.count == 1 ? "" : "s") " + list(plain) { "\($0)" }) }
        if days.isLastDay { parts.append("the last day") }
        if days.isLastWeekday { parts.append("the last day from Monday to Friday") }
        if let day = days.nearestWeekday { parts.append("the day from Monday to Friday nearest to day \(day)") }
        return joined(parts, "and") + " of the month"
    }

    private static func weekdays(_ days: CronDays) -> String {
        // Weeks begin on Monday for people.
        let plain = days.dayOfWeek.values.map { $0 == 0 ? 7 : $0 }.sorted()
        var parts = CronField.runs(plain).map { run in words(run) { weekdayNames[$0 % 7] } }
        for (weekday, count) in CronDays.pairs(days.nth) { parts.append("the \(places[count - 1]) \(weekdayNames[weekday]) of the month") }
        for weekday in 0...6 where days.last & (1 << UInt64(weekday)) != 0 {
            parts.append("the last \(weekdayNames[weekday]) of the month")
        }
        return joined(parts, "and")
    }

    // MARK: Lists

    private static func list(_ values: [Int], _ name: (Int) -> String) -> String {
        joined(CronField.runs(values).map { words($0, name) }, "and")
    }

    private static func words(_ run: ClosedRange<Int>, _ name: (Int) -> String) -> String {
        run.count == 1 ? name(run.lowerBound) : "\(name(run.lowerBound)) to \(name(run.upperBound))"
    }

    private static func joined(_ parts: [String], _ word: String) -> String {
        parts.count < 2 ? parts.joined() : parts.dropLast().joined(separator: ", ") + " \(word) " + parts[parts.count - 1]
    }

    private static let places = ["first", "second", "third", "fourth", "fifth"]
    private static let weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
}
