/// Compound growth: `(1 + rate) ^ years`, where `years` is the calendar time since `anchor`.
///
/// Years are counted in calendar years plus the share of the year that has passed, so the same date one year later is exactly `1 + rate` times
/// as high, and the factor of a day never depends on the window.
public struct GrowthEffect: Effect {
    /// Growth per year: 0.1 is ten per cent.
    public let rate: Double
    /// The day on which the factor is 1.
    public let anchor: Day
    /// Always `growth`.
    public var kind: EffectKind { .growth }

    /// - Parameters:
    ///   - rate: Growth per year, above -1: 0.1 is ten per cent.
    ///   - anchor: The day on which the factor is 1.
    public init(rate: Double, anchor: Day) {
        self.rate = rate
        self.anchor = anchor
    }

    /// `(1 + rate) ^ years` per day.
    public func factors(on days: DayRange, calendar: BusinessCalendar) -> [Double] {
        days.map { ExactMath.power(1 + rate, years(to: $0)) }
    }

    /// Calendar years from the anchor to `day`, negative before it.
    public func years(to day: Day) -> Double {
        Double(day.year - anchor.year) + (AnnualEffect.phase(of: day) - AnnualEffect.phase(of: anchor))
    }
}
