/// The local days of a run, as far as contrasts ask for them, each worked out once.
struct ContrastDays: Sendable {
    let days: DayRange
    /// 1 for Monday to 7 for Sunday, per day.
    let weekdays: [Int]
    /// The yearly wave, -1...1, per day.
    let waves: [Double]
    /// Years since the anchor of growth, per day.
    let years: [Double]

    /// - Parameter anchor: Of growth.
    init(_ days: DayRange, anchor: Day) {
        let growth = GrowthEffect(rate: 0, anchor: anchor)
        self.days = days
        weekdays = days.map(\.isoWeekday)
        waves = days.map { ExactMath.sinTurns(AnnualEffect.phase(of: $0)) }
        years = days.map(growth.years(to:))
    }
}

/// Days of two groups that show an effect, and how much the difference of their levels' logarithms moves with its parameter.
struct DayContrast: Sendable {
    /// True days are contrasted with false days, nil days are left out.
    let groups: [Bool?]
    /// 0 where the effect cannot be shown.
    let sensitivity: Double
}
