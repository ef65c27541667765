/// What a class of servers has for an effect; checks are made for all classes of the same setting together.
enum EffectSetting: Hashable {
    /// A factor, an amplitude or a rate.
    case number(Double)
    /// Factors of Monday to Sunday.
    case weekdays([Double])
    /// A rate of growth along another curve than the compound one.
    case growth(rate: Double, GrowthForm)

    /// The setting of an effect's kind: 1 for factors and 0 for rates that are switched off.
    init(_ kind: EffectKind, _ own: ClassSignal) {
        for effect in own.effects where effect.kind == kind {
            switch effect {
            case let effect as WeeklyEffect: self = .number(effect.weekendFactor)
            case let effect as WeeklyProfileEffect: self = .weekdays(effect.weekdays)
            case let effect as AnnualEffect: self = .number(effect.amplitude)
            case let effect as QuarterEndEffect: self = .number(effect.multiplier)
            case let effect as HolidayEffect: self = .number(effect.multiplier)
            case let effect as GrowthEffect:
                self = effect.form == .compound ? .number(effect.rate) : .growth(rate: effect.rate, effect.form)
            default: self = .number(Self.multiplier(effect))
            }
            return
        }
        self =
            switch kind {
            case .annual, .growth: .number(0)
            default: .number(1)
            }
    }

    /// The multiplier of a lift. Types one by one: to ask whether a type conforms to a protocol takes the runtime a microsecond.
    private static func multiplier(_ effect: any Effect) -> Double {
        switch effect {
        case let effect as MonthEndEffect: effect.multiplier
        case let effect as FiscalYearEndEffect: effect.multiplier
        case let effect as PayrollEffect: effect.multiplier
        case let effect as PatchEffect: effect.multiplier
        case let effect as FreezeEffect: effect.multiplier
        case let effect as BridgeDayEffect: effect.multiplier
        case let effect as QuarterEndRampEffect: effect.multiplier
        case let effect as HolidayRampEffect: effect.multiplier
        default: preconditionFailure("every kind of effect has its setting")
        }
    }

    /// The parameter that a check measures: the number itself, or the strength of a profile, which is 1 as configured.
    var requested: Double {
        switch self {
        case .number(let value), .growth(let value, _): value
        case .weekdays: 1
        }
    }

    /// The same where the effect is not there.
    func absent(_ kind: EffectKind) -> Double {
        switch self {
        case .number: kind == .annual || kind == .growth ? 0 : 1
        case .weekdays, .growth: 0
        }
    }

    /// The setting's key in the config.
    func key(_ kind: EffectKind) -> String {
        if case .weekdays = self { return "weekly_profile" }
        return switch kind {
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

    /// What people call the parameter.
    func phrase(_ kind: EffectKind) -> String {
        if case .weekdays = self { return "the weekly profile's strength" }
        return switch kind {
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

    /// The parameter when the one on the log scale moves by `difference`.
    func parameter(_ kind: EffectKind, moved difference: Double) -> Double {
        let value: Double
        switch self {
        case .number(let number): value = number
        case .weekdays: return 1 + difference
        case .growth(let rate, _): return rate + difference
        }
        let factor = ExactMath.exp(min(max(difference, -600), 600))
        return switch kind {
        case .annual: value + difference
        case .growth: (1 + value) * factor - 1
        default: value * factor
        }
    }
}
