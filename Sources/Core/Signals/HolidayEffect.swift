/// The holiday dip: `multiplier` on the calendar's holidays and their observed days, 1 elsewhere.
public struct HolidayEffect: Effect {
    /// The factor of holidays.
    public let multiplier: Double
    /// Always `holiday`.
    public var kind: EffectKind { .holiday }

    /// - Parameter multiplier: The factor of holidays, unitless.
    public init(multiplier: Double) { self.multiplier = multiplier }

    /// `multiplier` on holidays, 1 on other days.
    public func factors(on days: DayRange, calendar: BusinessCalendar) -> [Double] { days.map { calendar.isHoliday($0) ? multiplier : 1 } }
}
