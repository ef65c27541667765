/// The way up to the quarter-end window and down from it: on the k-th business day before or after, `(length + 1 - k) / (length + 1)` of the
/// window's lift. Inside the window, where the lift is whole, `QuarterEndEffect` acts.
struct QuarterEndRampEffect: CalendarLift {
    /// The factor inside the window.
    let multiplier: Double
    /// Months, 1...12, that end with a window.
    let months: Set<Int>
    /// Length of the window in business days.
    let businessDays: Int
    /// Business days of each ramp.
    let length: Int
    var kind: EffectKind { .quarterEndRamp }

    func weights(on days: DayRange, calendar: BusinessCalendar) -> [Double] {
        days.map { day in
            calendar.ramp(day, length: length) { calendar.isInQuarterEndWindow($0, businessDays: businessDays, months: months) }
        }
    }
}
