/// The lift of days on which people are paid: `multiplier` on them, 1 elsewhere.
///
/// A day that is no business day is paid on the last one before, even where that lies in the month before.
struct PayrollEffect: CalendarLift {
    let multiplier: Double
    /// Days of the month.
    let days: [PayDay]
    var kind: EffectKind { .payroll }

    func weights(on range: DayRange, calendar: BusinessCalendar) -> [Double] { range.map { calendar.isPayday($0, days: days) ? 1 : 0 } }
}
