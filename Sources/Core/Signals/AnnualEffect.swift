/// The yearly wave: `1 + amplitude * sin(2 pi * phase)`, phase 0 on 1 January and 1 a year later.
///
/// The phase counts days within their own year, so leap years neither jump nor drift.
public struct AnnualEffect: Effect {
    /// Relative swing around the level.
    public let amplitude: Double
    /// Always `annual`.
    public var kind: EffectKind { .annual }

    /// - Parameter amplitude: Relative to the level: 0.1 swings by ten per cent up and down.
    public init(amplitude: Double) { self.amplitude = amplitude }

    /// `1 + amplitude * sin(2 pi * phase)` per day.
    public func factors(on days: DayRange, calendar: BusinessCalendar) -> [Double] {
        days.map { 1 + amplitude * ExactMath.sinTurns(Self.phase(of: $0)) }
    }

    /// The share of its year that has passed when `day` begins, 0 ..< 1.
    public static func phase(of day: Day) -> Double { Double(day.dayOfYear - 1) / Double(day.daysInYear) }
}
