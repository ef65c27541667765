/// An effect that moves some days of the business calendar by one multiplier: `1 + (multiplier - 1) * weight(day)`.
///
/// The weight is 1 where the effect is whole, 0 where it is absent, and between the two on ramps.
protocol CalendarLift: Effect {
    /// The factor of days of weight 1, unitless.
    var multiplier: Double { get }

    /// One weight per day, 0...1, same order.
    func weights(on days: DayRange, calendar: BusinessCalendar) -> [Double]
}

extension CalendarLift {
    /// `1 + (multiplier - 1) * weight` per day.
    public func factors(on days: DayRange, calendar: BusinessCalendar) -> [Double] {
        weights(on: days, calendar: calendar).map { Self.factor(multiplier, weight: $0) }
    }

    /// Exactly the multiplier for weight 1, exactly 1 for weight 0.
    static func factor(_ multiplier: Double, weight: Double) -> Double {
        weight == 1 ? multiplier : weight == 0 ? 1 : 1 + (multiplier - 1) * weight
    }
}

extension EffectKind {
    /// The effects whose checks every metric has.
    static let plain: [EffectKind] = [.weekly, .annual, .quarterEnd, .holiday, .growth]

    /// The effects of the business calendar, in the order in which they are multiplied.
    static let businessCalendar: [EffectKind] = [
        .monthEnd, .fiscalYearEnd, .payroll, .patch, .freeze, .bridgeDay, .quarterEndRamp, .holidayRamp,
    ]

    /// The effect of this kind with a metric's multiplier, or nil for kinds that are no lifts.
    func lift(of metric: MetricSpec, in data: DataSpec) -> (any CalendarLift)? {
        let (days, lifts) = (data.business, metric.lifts)
        switch self {
        case .monthEnd: return MonthEndEffect(multiplier: lifts.monthEnd, businessDays: days.monthEndDays)
        case .fiscalYearEnd:
            return FiscalYearEndEffect(
                multiplier: lifts.fiscalYearEnd, month: days.fiscalYearEndMonth, businessDays: days.fiscalYearEndDays)
        case .payroll: return PayrollEffect(multiplier: lifts.payroll, days: days.payrollDays)
        case .patch: return PatchEffect(multiplier: lifts.patch, days: days.patchDays)
        case .freeze: return FreezeEffect(multiplier: lifts.freeze, days: days.freezeDays)
        case .bridgeDay: return BridgeDayEffect(multiplier: lifts.bridgeDay)
        case .quarterEndRamp:
            return QuarterEndRampEffect(
                multiplier: data.useEndOfQuarterSpikes && days.quarterEndRampDays > 0 ? metric.endOfQuarterMultiplier : 1,
                months: Set(metric.endOfQuarterMonths), businessDays: data.endOfQuarterWindow, length: days.quarterEndRampDays)
        case .holidayRamp:
            return HolidayRampEffect(
                multiplier: data.useHolidays && days.holidayRampDays > 0 ? metric.holidayMultiplier : 1, length: days.holidayRampDays)
        case .weekly, .annual, .quarterEnd, .holiday, .growth: return nil
        }
    }
}
