/// The weekend dip: `weekendFactor` on Saturdays and Sundays, 1 on other days.
public struct WeeklyEffect: Effect {
    public let weekendFactor: Double
    public var kind: EffectKind { .weekly }

    /// - Parameter weekendFactor: The factor of Saturdays and Sundays, unitless.
    public init(weekendFactor: Double) { self.weekendFactor = weekendFactor }

    public func factors(on days: DayRange, calendar: BusinessCalendar) -> [Double] { days.map { $0.isWeekend ? weekendFactor : 1 } }
}
