/// Days that effects ask for. Every answer is a function of the day and the calendar alone, whatever the window.
extension BusinessCalendar {
    /// Whether the day is a business day between a holiday and a weekend: the Friday after a holiday, or the Monday before one.
    public func isBridgeDay(_ day: Day) -> Bool {
        isBusinessDay(day) && (isHoliday(day - 1) && (day + 1).isWeekend || (day - 1).isWeekend && isHoliday(day + 1))
    }

    /// Whether people are paid on the day: one of `days`, or the last business day before where that is none.
    public func isPayday(_ day: Day, days: [PayDay]) -> Bool {
        guard isBusinessDay(day) else { return false }
        if days.contains(.lastBusinessDay), businessDaysToMonthEnd(day) == 0 { return true }
        let dates = days.compactMap { if case .day(let date) = $0 { date } else { nil } }
        var due = day
        for _ in 0..<BusinessCalendar.reach {
            let (last, date) = (due.daysInMonth, due.day)
            if dates.contains(where: { min($0, last) == date }) { return true }
            due = due + 1
            if isBusinessDay(due) { return false }
        }
        return false
    }

    /// How far a linear ramp has risen towards the nearest core day: `(length + 1 - k) / (length + 1)` on the k-th business day before or
    /// after one, 0 on core days, on other days off and beyond the ramp.
    ///
    /// ```
    /// length 3      1/4  2/4  3/4  [core]  3/4  2/4  1/4
    /// ```
    /// - Complexity: O(length).
    func ramp(_ day: Day, length: Int, isCore: (Day) -> Bool) -> Double {
        guard length > 0, isBusinessDay(day), !isCore(day) else { return 0 }
        let steps = [distance(day, direction: -1, most: length, isCore), distance(day, direction: 1, most: length, isCore)]
        guard let nearest = steps.compactMap(\.self).min() else { return 0 }
        return Double(length + 1 - nearest) / Double(length + 1)
    }

    /// Business days from a day to the next core day, the day itself counted; nil for more than `most`.
    private func distance(_ day: Day, direction: Int, most: Int, _ isCore: (Day) -> Bool) -> Int? {
        var count = 1
        for step in 1...BusinessCalendar.reach {
            let other = day + direction * step
            if isCore(other) { return count }
            if isBusinessDay(other) { count += 1 }
            if count > most { return nil }
        }
        return nil
    }

    /// Days off in a row that are looked beyond: more than any calendar but one without business has.
    private static let reach = 400
}
