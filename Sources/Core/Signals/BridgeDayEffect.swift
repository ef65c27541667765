/// The factor of bridge days: `multiplier` on business days between a holiday and a weekend, 1 elsewhere.
struct BridgeDayEffect: CalendarLift {
    let multiplier: Double
    var kind: EffectKind { .bridgeDay }

    func weights(on days: DayRange, calendar: BusinessCalendar) -> [Double] { days.map { calendar.isBridgeDay($0) ? 1 : 0 } }
}
