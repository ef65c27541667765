/// The way into holidays and out of them: on the k-th business day before or after, `(length + 1 - k) / (length + 1)` of the holiday's effect.
/// On holidays, where the effect is whole, `HolidayEffect` acts.
struct HolidayRampEffect: CalendarLift {
    /// The factor of holidays.
    let multiplier: Double
    /// Business days of each ramp.
    let length: Int
    var kind: EffectKind { .holidayRamp }

    func weights(on days: DayRange, calendar: BusinessCalendar) -> [Double] {
        days.map { day in calendar.ramp(day, length: length) { calendar.isHoliday($0) } }
    }
}
