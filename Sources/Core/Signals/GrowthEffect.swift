/// Growth over the years: compound, linear or logistic, with factor 1 on the day of `anchor`.
///
/// Years are counted in calendar years plus the share of the year that has passed, so compound growth makes the same date one year later exactly
/// `1 + rate` times as high, and the factor of a day never depends on the window.
public struct GrowthEffect: Effect {
    /// Growth per year: 0.1 is ten per cent.
    public let rate: Double
    /// The day on which the factor is 1.
    public let anchor: Day
    /// The curve.
    public let form: GrowthForm
    /// Always `growth`.
    public var kind: EffectKind { .growth }

    /// - Parameters:
    ///   - rate: Growth per year, above -1: 0.1 is ten per cent.
    ///   - anchor: The day on which the factor is 1.
    ///   - form: The curve.
    public init(rate: Double, anchor: Day, form: GrowthForm = .compound) {
        self.rate = rate
        self.anchor = anchor
        self.form = form
    }

    /// The form's factor per day, `(1 + rate) ^ years` for compound growth.
    public func factors(on days: DayRange, calendar: BusinessCalendar) -> [Double] {
        days.map { form.factor(rate: rate, years: years(to: $0)) }
    }

    /// Calendar years from the anchor to `day`, negative before it.
    public func years(to day: Day) -> Double {
        Double(day.year - anchor.year) + (AnnualEffect.phase(of: day) - AnnualEffect.phase(of: anchor))
    }
}
