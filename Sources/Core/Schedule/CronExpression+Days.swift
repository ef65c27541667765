extension CronExpression {
    /// The first matching minute that is not before `start` and before `end`; nil when there is none, and for `@every`.
    ///
    /// Days are found month by month as a set of bits, so a rare day costs no more than the months before it.
    ///
    /// - Complexity: O(months from `start` to the result or to `end`).
    public func next(onOrAfter start: CivilMinute, before end: CivilMinute) -> CivilMinute? {
        guard case .fields(let minutes, let hours, _, _) = rule, start < end else { return nil }
        var month = start.day.startOfMonth
        var set = days(ofMonth: month) & (~0 << UInt64(start.day.day))
        if set & (1 << UInt64(start.day.day)) != 0 {
            if let minute = Self.minute(atOrAfter: start.minute, minutes, hours) {
                let found = CivilMinute(day: start.day, minute: minute)
                return found < end ? found : nil
            }
            set &= set - 1
        }
        while set == 0 {
            month = month.endOfMonth + 1
            guard month <= end.day else { return nil }
            set = days(ofMonth: month)
        }
        let found = CivilMinute(
            day: month + (set.trailingZeroBitCount - 1), minute: hours.bits.trailingZeroBitCount * 60 + minutes.bits.trailingZeroBitCount)
        return found < end ? found : nil
    }

    /// Whether any day of the calendar matches. `0 0 30 2 *` never fires.
    ///
    /// Exact: the Gregorian calendar repeats, weekdays included, every 400 years.
    public var canFire: Bool {
        guard case .fields = rule else { return true }
        var month = Day.unchecked(year: 2000, month: 1, day: 1)
        for _ in 0..<400 * 12 {
            if days(ofMonth: month) != 0 { return true }
            month = month.endOfMonth + 1
        }
        return false
    }

    /// The matching days of a month: bit *d* for day *d*.
    ///
    /// - Parameter first: The first day of the month.
    private func days(ofMonth first: Day) -> UInt64 {
        guard case .fields(_, _, let months, let days) = rule, months.bits & (1 << UInt64(first.month)) != 0 else { return 0 }
        let length = first.daysInMonth
        // Sunday is 0, as in cron.
        let weekday = first.isoWeekday % 7
        let byDate = days.dates(length: length, weekday: weekday)
        let byWeekday = days.weekdays(length: length, weekday: weekday)
        return days.mustBothMatch ? byDate & byWeekday : byDate | byWeekday
    }

    /// The first allowed minute of a day from a given one on.
    private static func minute(atOrAfter start: Int, _ minutes: CronField, _ hours: CronField) -> Int? {
        let hour = start / 60
        if hours.bits & (1 << UInt64(hour)) != 0 {
            let rest = minutes.bits & (~0 << UInt64(start % 60))
            if rest != 0 { return hour * 60 + rest.trailingZeroBitCount }
        }
        let later = hours.bits & (~0 << UInt64(hour + 1))
        return later == 0 ? nil : later.trailingZeroBitCount * 60 + minutes.bits.trailingZeroBitCount
    }
}

/// Sets of days of a month, bit *d* for day *d*. `length` is the month's number of days, `weekday` that of its first day, Sunday 0.
extension CronDays {
    fileprivate func dates(length: Int, weekday: Int) -> UInt64 {
        func isWeekend(_ day: Int) -> Bool { [0, 6].contains((weekday + day - 1) % 7) }
        var set = dayOfMonth.bits & ((1 << UInt64(length + 1)) - 2)
        if isLastDay { set |= 1 << UInt64(length) }
        if isLastWeekday {
            var day = length
            while isWeekend(day) { day -= 1 }
            set |= 1 << UInt64(day)
        }
        // A day the month does not have has no nearest weekday (Quartz).
        if let day = nearestWeekday, day <= length {
            let isSaturday = (weekday + day - 1) % 7 == 6
            let near = !isWeekend(day) ? day : isSaturday ? (day == 1 ? 3 : day - 1) : (day == length ? day - 2 : day + 1)
            set |= 1 << UInt64(near)
        }
        return set
    }

    fileprivate func weekdays(length: Int, weekday first: Int) -> UInt64 {
        var set: UInt64 = 0
        for weekday in 0...6 {
            let start = 1 + (weekday - first + 7) % 7
            let count = (length - start) / 7 + 1
            for place in 1...count {
                let isChosen =
                    dayOfWeek.bits & (1 << UInt64(weekday)) != 0 || nth & (1 << UInt64(8 * weekday + place)) != 0
                    || (place == count && last & (1 << UInt64(weekday)) != 0)
                if isChosen { set |= 1 << UInt64(start + 7 * (place - 1)) }
            }
        }
        return set
    }
}
