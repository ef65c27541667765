extension EffectKind {
    /// The effect's setting as the signal has it: 1 for factors and 0 for rates that are switched off.
    func requested(_ signal: MetricSignal) -> Double {
        for effect in signal.effects where effect.kind == self {
            switch effect {
            case let effect as WeeklyEffect: return effect.weekendFactor
            case let effect as AnnualEffect: return effect.amplitude
            case let effect as QuarterEndEffect: return effect.multiplier
            case let effect as HolidayEffect: return effect.multiplier
            case let effect as GrowthEffect: return effect.rate
            case let effect as any CalendarLift: return effect.multiplier
            default: preconditionFailure("every kind of effect has its setting")
            }
        }
        return switch self {
        case .annual, .growth: 0
        default: 1
        }
    }

    /// The setting's key in the config.
    var key: String {
        switch self {
        case .weekly: "weekly_pattern_factor"
        case .annual: "seasonality_amplitude"
        case .quarterEnd: "eoq_spike_multiplier"
        case .holiday: "holiday_effect_multiplier"
        case .growth: "growth_per_year"
        case .monthEnd: "month_end_multiplier"
        case .fiscalYearEnd: "fiscal_year_end_multiplier"
        case .payroll: "payroll_multiplier"
        case .patch: "patch_multiplier"
        case .freeze: "freeze_multiplier"
        case .bridgeDay: "bridge_multiplier"
        case .quarterEndRamp: "eoq_ramp_days"
        case .holidayRamp: "holiday_ramp_days"
        }
    }

    /// What people call the setting.
    var phrase: String {
        switch self {
        case .weekly: "the weekend factor"
        case .annual: "the annual amplitude"
        case .quarterEnd: "the quarter-end multiplier"
        case .holiday: "the holiday multiplier"
        case .growth: "growth per year"
        case .monthEnd: "the month-end multiplier"
        case .fiscalYearEnd: "the fiscal year-end multiplier"
        case .payroll: "the payroll multiplier"
        case .patch: "the patch-window multiplier"
        case .freeze: "the change-freeze multiplier"
        case .bridgeDay: "the bridge-day multiplier"
        case .quarterEndRamp: "the multiplier that the quarter-end ramp leads to"
        case .holidayRamp: "the multiplier that the holiday ramp leads to"
        }
    }

    /// The setting when its parameter on the log scale moves by `difference`.
    func parameter(_ requested: Double, moved difference: Double) -> Double {
        let factor = ExactMath.exp(min(max(difference, -600), 600))
        return switch self {
        case .annual: requested + difference
        case .growth: (1 + requested) * factor - 1
        default: requested * factor
        }
    }

    /// Which days show the effect against which.
    ///
    /// Days that other effects touch are left out where that is possible, so that one faulty effect fails one check.
    func contrast(days: DayRange, calendar: BusinessCalendar, data: DataSpec, lifts: LiftDays, requested: Double) -> EffectContrast {
        let months = Set(data.metrics.flatMap(\.endOfQuarterMonths))
        func inWindow(_ day: Day) -> Bool { calendar.isInQuarterEndWindow(day, businessDays: data.endOfQuarterWindow, months: months) }
        func isPlain(_ day: Day) -> Bool { !calendar.isHoliday(day) && !inWindow(day) }
        switch self {
        case .weekly:
            return EffectContrast(groups: lifts.sparing(days.map { isPlain($0) ? $0.isWeekend : nil }), sensitivity: 1)
        case .quarterEnd:
            return EffectContrast(groups: lifts.sparing(days.map { calendar.isBusinessDay($0) ? inWindow($0) : nil }), sensitivity: 1)
        case .holiday:
            return EffectContrast(
                groups: lifts.sparing(days.map { $0.isWeekend || inWindow($0) ? nil : calendar.isHoliday($0) }), sensitivity: 1)
        case .annual:
            let waves = days.map { ExactMath.sinTurns(AnnualEffect.phase(of: $0)) }
            let groups = lifts.sparing(
                zip(days, waves).map { day, wave -> Bool? in day.isWeekend || !isPlain(day) || wave.magnitude < 0.5 ? nil : wave > 0 })
            let slopes = waves.map { $0 / (1 + requested * $0) }
            return EffectContrast(groups: groups, sensitivity: difference(slopes, groups, least: 0.2))
        case .growth:
            let effect = GrowthEffect(rate: requested, anchor: data.growthAnchor)
            let third = days.count / 3
            let groups = lifts.sparing(
                days.enumerated().map { index, day -> Bool? in
                    day.isWeekend || !isPlain(day) || (index >= third && index < days.count - third) ? nil : index >= third
                })
            return EffectContrast(groups: groups, sensitivity: difference(days.map(effect.years(to:)), groups, least: 0.25))
        case .monthEnd, .fiscalYearEnd, .payroll, .patch, .freeze, .bridgeDay, .quarterEndRamp, .holidayRamp:
            let others = days.map { day in
                (day.isWeekend ? 1 : 0) | (calendar.isHoliday(day) ? 2 : 0) | (inWindow(day) ? 4 : 0) as UInt32
            }
            return lifts.contrast(self, others: others, requested: requested)
        }
    }

    /// The difference of the groups' mean slopes; 0, which stands for "cannot be shown", where it is below `least`.
    private func difference(_ slopes: [Double], _ groups: [Bool?], least: Double) -> Double {
        func mean(_ wanted: Bool) -> Double? {
            let chosen = zip(slopes, groups).filter { $0.1 == wanted }.map(\.0)
            return chosen.isEmpty ? nil : chosen.reduce(0, +) / Double(chosen.count)
        }
        guard let inside = mean(true), let outside = mean(false), (inside - outside).magnitude >= least else { return 0 }
        return inside - outside
    }
}
