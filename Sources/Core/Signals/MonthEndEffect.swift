/// The month-end lift: `multiplier` on the last `businessDays` business days of every month, 1 elsewhere.
struct MonthEndEffect: CalendarLift {
    let multiplier: Double
    /// Length of the window in business days.
    let businessDays: Int
    var kind: EffectKind { .monthEnd }

    func weights(on days: DayRange, calendar: BusinessCalendar) -> [Double] {
        days.map { calendar.isBusinessDay($0) && calendar.businessDaysToMonthEnd($0) < businessDays ? 1 : 0 }
    }
}
