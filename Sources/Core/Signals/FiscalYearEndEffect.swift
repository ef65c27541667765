/// The lift of the fiscal year's end: `multiplier` on the last `businessDays` business days of `month`, 1 elsewhere.
struct FiscalYearEndEffect: CalendarLift {
    let multiplier: Double
    /// The last month of the fiscal year, 1...12.
    let month: Int
    /// Length of the window in business days.
    let businessDays: Int
    var kind: EffectKind { .fiscalYearEnd }

    func weights(on days: DayRange, calendar: BusinessCalendar) -> [Double] {
        days.map { calendar.isInQuarterEndWindow($0, businessDays: businessDays, months: [month]) ? 1 : 0 }
    }
}
