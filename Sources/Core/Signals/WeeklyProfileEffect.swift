/// A factor for each day of the week, in place of one for the weekend.
public struct WeeklyProfileEffect: Effect {
    /// The factors of Monday to Sunday, unitless, above 0.
    public let weekdays: [Double]
    /// Always `weekly`.
    public var kind: EffectKind { .weekly }

    /// - Parameter weekdays: Seven factors, Monday first.
    public init(weekdays: [Double]) {
        precondition(weekdays.count == 7 && weekdays.allSatisfy { $0 > 0 }, "seven factors above 0")
        self.weekdays = weekdays
    }

    /// The factor of each day's weekday.
    public func factors(on days: DayRange, calendar: BusinessCalendar) -> [Double] { days.map { weekdays[$0.isoWeekday - 1] } }
}
