/// The curve that growth follows; all pass through factor 1 at the anchor with the slope of the rate.
///
/// | form | factor after `y` years at the rate `g` |
/// | --- | --- |
/// | compound | `(1 + g) ^ y` |
/// | linear | `1 + g * y`, and 0 where that is below 0 |
/// | logistic | `L / (1 + (L - 1) * exp(-k * y))` with `k = g * L / (L - 1)` |
public enum GrowthForm: Hashable, Sendable {
    /// The same share of the level every year. Only here the slope at the anchor is `ln(1 + g)`, and the rate that of a whole year.
    case compound
    /// The same amount every year.
    case linear
    /// Between nothing and the limit, a factor above 1: growth tends to it, decline comes from it.
    case logistic(limit: Double)

    /// The factor on a day.
    ///
    /// - Parameters:
    ///   - rate: Growth per year, above -1.
    ///   - years: Calendar years since the anchor.
    func factor(rate: Double, years: Double) -> Double {
        switch self {
        case .compound: ExactMath.power(1 + rate, years)
        case .linear: max(0, 1 + rate * years)
        case .logistic(let limit): limit / (1 + (limit - 1) * Self.decay(rate, limit, years))
        }
    }

    /// How much the factor's logarithm moves with the parameter: with `ln(1 + g)` for compound growth, with `g` for the other forms.
    ///
    /// nil where linear growth has left a hundredth or less of the level, and no ratio shows anything.
    func slope(rate: Double, years: Double) -> Double? {
        switch self {
        case .compound: return years
        case .linear:
            let factor = 1 + rate * years
            return factor > 0.01 ? years / factor : nil
        case .logistic(let limit):
            let reached = 1 / (1 + (limit - 1) * Self.decay(rate, limit, years))
            return years * (1 - reached) * limit / (limit - 1)
        }
    }

    /// `exp(-k * years)`, within the range of numbers: what lies beyond has long reached its limit.
    private static func decay(_ rate: Double, _ limit: Double, _ years: Double) -> Double {
        ExactMath.exp(min(max(-(rate * limit / (limit - 1)) * years, -600), 600))
    }
}

extension GrowthForm {
    /// How a config names the forms.
    public enum Name: String, CaseIterable, Sendable {
        case compound, linear, logistic
    }

    /// - Parameter limit: What logistic growth tends to, above 1; the others need none.
    init(_ name: Name, limit: Double?) {
        switch (name, limit) {
        case (.compound, _): self = .compound
        case (.linear, _): self = .linear
        case (.logistic, let limit?): self = .logistic(limit: limit)
        case (.logistic, nil): preconditionFailure("logistic growth has a limit")
        }
    }
}
