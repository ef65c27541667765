/// The factor of change freezes: `multiplier` on all days that the patterns name, weekends and holidays among them, 1 elsewhere.
struct FreezeEffect: CalendarLift {
    let multiplier: Double
    /// Days on which nothing is changed.
    let days: [DayPattern]
    var kind: EffectKind { .freeze }

    func weights(on range: DayRange, calendar: BusinessCalendar) -> [Double] { DayPattern.flags(days, on: range).map { $0 ? 1 : 0 } }
}
