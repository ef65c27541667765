extension EffectKind {
    /// Which days show the effect against which.
    ///
    /// Days that other effects touch are left out where that is possible, so that one faulty effect fails one check.
    func contrast(_ setting: EffectSetting, _ dates: ContrastDays, _ lifts: LiftDays) -> DayContrast {
        let marks = lifts.marks
        func isPlain(_ day: Int) -> Bool { marks[day].isDisjoint(with: [.holiday, .quarterEnd]) }
        func isPlainWorkday(_ day: Int) -> Bool { marks[day].isEmpty }
        func groups(_ group: (Int) -> Bool?) -> [Bool?] { lifts.sparing(marks.indices.map(group)) }
        switch self {
        case .weekly:
            guard case .weekdays(let weekdays) = setting else {
                return DayContrast(groups: groups { isPlain($0) ? marks[$0].contains(.weekend) : nil }, sensitivity: 1)
            }
            let logarithms = weekdays.map(ExactMath.log)
            let middle = logarithms.reduce(0, +) / 7
            let slopes = dates.weekdays.map { logarithms[$0 - 1] }
            return Self.contrast(slopes, groups { isPlain($0) && slopes[$0] != middle ? slopes[$0] > middle : nil }, least: 0.01)
        case .quarterEnd:
            return DayContrast(
                groups: groups { marks[$0].isDisjoint(with: [.weekend, .holiday]) ? marks[$0].contains(.quarterEnd) : nil }, sensitivity: 1)
        case .holiday:
            return DayContrast(
                groups: groups { marks[$0].isDisjoint(with: [.weekend, .quarterEnd]) ? marks[$0].contains(.holiday) : nil }, sensitivity: 1)
        case .annual:
            let (waves, amplitude) = (dates.waves, setting.requested)
            let own = groups { !isPlainWorkday($0) || waves[$0].magnitude < 0.5 ? nil : waves[$0] > 0 }
            return Self.contrast(waves.map { $0 / (1 + amplitude * $0) }, own, least: 0.2)
        case .growth:
            let years = dates.years
            if case .growth(let rate, let form) = setting {
                let slopes = years.map { form.slope(rate: rate, years: $0) }
                let extremes = Self.extremes(slopes)
                return Self.contrast(slopes.map { $0 ?? 0 }, groups { isPlainWorkday($0) ? extremes[$0] : nil }, least: 0.25)
            }
            let third = years.count / 3
            let own = groups { day in
                !isPlainWorkday(day) || (day >= third && day < years.count - third) ? nil : day >= third
            }
            return Self.contrast(years, own, least: 0.25)
        case .monthEnd, .fiscalYearEnd, .payroll, .patch, .freeze, .bridgeDay, .quarterEndRamp, .holidayRamp:
            return lifts.contrast(self, requested: setting.requested)
        }
    }

    /// The days of the highest and of the lowest third of the slopes: along a curve these need not be the window's ends.
    private static func extremes(_ slopes: [Double?]) -> [Bool?] {
        let known = slopes.compactMap { $0 }
        guard let low = known.min(), let high = known.max() else { return slopes.map { _ in nil } }
        let third = (high - low) / 3
        return slopes.map { slope in slope.flatMap { $0 <= low + third ? false : $0 >= high - third ? true : nil } }
    }

    /// Groups with the difference of their mean slopes; with 0, which stands for "cannot be shown", where it is below `least`.
    private static func contrast(_ slopes: [Double], _ groups: [Bool?], least: Double) -> DayContrast {
        var (inside, outside) = ((sum: 0.0, count: 0.0), (sum: 0.0, count: 0.0))
        for (slope, group) in zip(slopes, groups) {
            guard let group else { continue }
            if group { inside = (inside.sum + slope, inside.count + 1) } else { outside = (outside.sum + slope, outside.count + 1) }
        }
        let difference = inside.count > 0 && outside.count > 0 ? inside.sum / inside.count - outside.sum / outside.count : 0
        return DayContrast(groups: groups, sensitivity: difference.magnitude >= least ? difference : 0)
    }
}
