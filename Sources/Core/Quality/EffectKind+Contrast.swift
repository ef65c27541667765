extension EffectKind {
    /// Which days show the effect against which.
    ///
    /// Days that other effects touch are left out where that is possible, so that one faulty effect fails one check.
    ///
    /// - Parameter classes: The classes that have the setting.
    func contrast(
        _ setting: EffectSetting, classes: [Int], times: CellTimes, calendar: BusinessCalendar, data: DataSpec, lifts: LiftDays
    ) -> EffectContrast {
        let found = dayContrast(setting, days: times.days, calendar: calendar, data: data, lifts: lifts)
        return EffectContrast(groups: times.cells(found.groups, classes: classes), sensitivity: found.sensitivity)
    }

    private func dayContrast(
        _ setting: EffectSetting, days: DayRange, calendar: BusinessCalendar, data: DataSpec, lifts: LiftDays
    ) -> (groups: [Bool?], sensitivity: Double) {
        let requested = setting.requested
        let months = Set(data.metrics.flatMap(\.endOfQuarterMonths))
        func inWindow(_ day: Day) -> Bool { calendar.isInQuarterEndWindow(day, businessDays: data.endOfQuarterWindow, months: months) }
        func isPlain(_ day: Day) -> Bool { !calendar.isHoliday(day) && !inWindow(day) }
        switch self {
        case .weekly:
            guard case .weekdays(let weekdays) = setting else { return (lifts.sparing(days.map { isPlain($0) ? $0.isWeekend : nil }), 1) }
            let logarithms = weekdays.map(ExactMath.log)
            let middle = logarithms.reduce(0, +) / 7
            let slopes = days.map { logarithms[$0.isoWeekday - 1] }
            let groups = lifts.sparing(
                zip(days, slopes).map { day, slope -> Bool? in isPlain(day) && slope != middle ? slope > middle : nil })
            return (groups, Self.difference(slopes, groups, least: 0.01))
        case .quarterEnd:
            return (lifts.sparing(days.map { calendar.isBusinessDay($0) ? inWindow($0) : nil }), 1)
        case .holiday:
            return (lifts.sparing(days.map { $0.isWeekend || inWindow($0) ? nil : calendar.isHoliday($0) }), 1)
        case .annual:
            let waves = days.map { ExactMath.sinTurns(AnnualEffect.phase(of: $0)) }
            let groups = lifts.sparing(
                zip(days, waves).map { day, wave -> Bool? in day.isWeekend || !isPlain(day) || wave.magnitude < 0.5 ? nil : wave > 0 })
            let slopes = waves.map { $0 / (1 + requested * $0) }
            return (groups, Self.difference(slopes, groups, least: 0.2))
        case .growth:
            if case .growth(let rate, let form) = setting {
                let curve = GrowthEffect(rate: rate, anchor: data.growthAnchor, form: form)
                let slopes = days.map { form.slope(rate: rate, years: curve.years(to: $0)) }
                let groups = lifts.sparing(
                    zip(days, Self.extremes(slopes)).map { day, group in day.isWeekend || !isPlain(day) ? nil : group })
                return (groups, Self.difference(slopes.map { $0 ?? 0 }, groups, least: 0.25))
            }
            let effect = GrowthEffect(rate: requested, anchor: data.growthAnchor)
            let third = days.count / 3
            let groups = lifts.sparing(
                days.enumerated().map { index, day -> Bool? in
                    day.isWeekend || !isPlain(day) || (index >= third && index < days.count - third) ? nil : index >= third
                })
            return (groups, Self.difference(days.map(effect.years(to:)), groups, least: 0.25))
        case .monthEnd, .fiscalYearEnd, .payroll, .patch, .freeze, .bridgeDay, .quarterEndRamp, .holidayRamp:
            let others = days.map { day in
                (day.isWeekend ? 1 : 0) | (calendar.isHoliday(day) ? 2 : 0) | (inWindow(day) ? 4 : 0) as UInt32
            }
            return lifts.contrast(self, others: others, requested: requested)
        }
    }

    /// The days of the highest and of the lowest third of the slopes: along a curve these need not be the window's ends.
    private static func extremes(_ slopes: [Double?]) -> [Bool?] {
        let known = slopes.compactMap { $0 }
        guard let low = known.min(), let high = known.max() else { return slopes.map { _ in nil } }
        let third = (high - low) / 3
        return slopes.map { slope in slope.flatMap { $0 <= low + third ? false : $0 >= high - third ? true : nil } }
    }

    /// The difference of the groups' mean slopes; 0, which stands for "cannot be shown", where it is below `least`.
    static func difference(_ slopes: [Double], _ groups: [Bool?], least: Double) -> Double {
        func mean(_ wanted: Bool) -> Double? {
            let chosen = zip(slopes, groups).filter { $0.1 == wanted }.map(\.0)
            return chosen.isEmpty ? nil : chosen.reduce(0, +) / Double(chosen.count)
        }
        guard let inside = mean(true), let outside = mean(false), (inside - outside).magnitude >= least else { return 0 }
        return inside - outside
    }
}
