/// The weekend dip: `weekendFactor` on Saturdays and Sundays, 1 on other days.
public struct WeeklyEffect: Effect {
    /// The factor of Saturdays and Sundays.
    public let weekendFactor: Double
    /// Always `weekly`.
    public var kind: EffectKind { .weekly }

    /// - Parameter weekendFactor: The factor of Saturdays and Sundays, unitless.
    public init(weekendFactor: Double) { self.weekendFactor = weekendFactor }

    /// `weekendFactor` on Saturdays and Sundays, 1 on other days.
    public func factors(on days: DayRange, calendar: BusinessCalendar) -> [Double] { days.map { $0.isWeekend ? weekendFactor : 1 } }
}
