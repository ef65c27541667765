/// One multiplicative cause in a metric's level: a factor for each day.
///
/// Effects are pure: the same days and calendar give the same factors, whatever the window around them.
public protocol Effect: Sendable {
    /// Which cause this is.
    var kind: EffectKind { get }

    /// - Parameters:
    ///   - days: Consecutive days, oldest first.
    ///   - calendar: The dataset's business calendar.
    /// - Returns: One factor per day, same order, unitless, 1 where the effect is absent.
    func factors(on days: DayRange, calendar: BusinessCalendar) -> [Double]
}

/// The causes a config can ask for.
public enum EffectKind: String, CaseIterable, Sendable {
    case weekly
    case annual
    case quarterEnd = "quarter_end"
    case holiday
    case growth
    case monthEnd = "month_end"
    case fiscalYearEnd = "fiscal_year_end"
    case payroll
    case patch
    case freeze
    case bridgeDay = "bridge_day"
    case quarterEndRamp = "quarter_end_ramp"
    case holidayRamp = "holiday_ramp"
}

extension Array where Element == any Effect {
    /// The effects of `metric` that are switched on, in the order in which they are multiplied.
    public init(of metric: MetricSpec, in data: DataSpec) {
        self = []
        if let weekdays = metric.weeklyProfile {
            append(WeeklyProfileEffect(weekdays: weekdays))
        } else if metric.weeklyPatternFactor != 1 {
            append(WeeklyEffect(weekendFactor: metric.weeklyPatternFactor))
        }
        if metric.seasonalityAmplitude != 0 { append(AnnualEffect(amplitude: metric.seasonalityAmplitude)) }
        if data.useEndOfQuarterSpikes, metric.endOfQuarterMultiplier != 1, !metric.endOfQuarterMonths.isEmpty {
            append(
                QuarterEndEffect(
                    multiplier: metric.endOfQuarterMultiplier, months: Set(metric.endOfQuarterMonths), businessDays: data.endOfQuarterWindow
                ))
        }
        if data.useHolidays, metric.holidayMultiplier != 1 { append(HolidayEffect(multiplier: metric.holidayMultiplier)) }
        if metric.growthPerYear != 0 {
            let form = GrowthForm(metric.growthForm, limit: metric.growthLimit)
            append(GrowthEffect(rate: metric.growthPerYear, anchor: data.growthAnchor, form: form))
        }
        for kind in EffectKind.businessCalendar {
            if let lift = kind.lift(of: metric, in: data), lift.multiplier != 1 { append(lift) }
        }
    }
}
