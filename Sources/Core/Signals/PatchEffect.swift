/// The factor of patch windows: `multiplier` on the days that the patterns name, be they business days or not, 1 elsewhere.
struct PatchEffect: CalendarLift {
    let multiplier: Double
    /// Days with a patch window.
    let days: [DayPattern]
    var kind: EffectKind { .patch }

    func weights(on range: DayRange, calendar: BusinessCalendar) -> [Double] { DayPattern.flags(days, on: range).map { $0 ? 1 : 0 } }
}
