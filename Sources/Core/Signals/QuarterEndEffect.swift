/// The quarter-end lift: `multiplier` inside the window, 1 elsewhere.
///
/// The window is the last `businessDays` business days of each month in `months`, counted back from the month's last business day, so June
/// (30 days) gets as many as December (31). Weekends and holidays in between are no business days and stay outside.
public struct QuarterEndEffect: Effect {
    /// The factor inside the window.
    public let multiplier: Double
    /// Months, 1...12, that end with a window.
    public let months: Set<Int>
    /// Length of the window in business days.
    public let businessDays: Int
    /// Always `quarterEnd`.
    public var kind: EffectKind { .quarterEnd }

    /// - Parameters:
    ///   - multiplier: The factor inside the window, unitless.
    ///   - months: Months, 1...12, that end with a window.
    ///   - businessDays: Length of the window in business days.
    public init(multiplier: Double, months: Set<Int>, businessDays: Int) {
        self.multiplier = multiplier
        self.months = months
        self.businessDays = businessDays
    }

    /// `multiplier` inside the window, 1 outside.
    public func factors(on days: DayRange, calendar: BusinessCalendar) -> [Double] {
        days.map { calendar.isInQuarterEndWindow($0, businessDays: businessDays, months: months) ? multiplier : 1 }
    }
}
