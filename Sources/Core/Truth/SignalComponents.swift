/// The level of a class's servers, taken apart: each part is what its causes add to the parts before.
///
/// ```
/// level                                base_mean with the factors of the class
/// trend    = level * (G - 1)           G growth
/// season   = level * G * (S - 1)       S year, week and day
/// calendar = level * G * S * (C - 1)   C holidays, quarter ends, business calendar
/// sum      = level * G * S * C
/// ```
struct SignalComponents: Sendable {
    /// The same at every step, in the metric's unit.
    let level: Double
    /// Per step, in the metric's unit; the others too.
    let trend: [Double]
    let season: [Double]
    let calendar: [Double]

    /// - Parameter calendar: The one that the class's effects follow.
    /// - Complexity: O(steps * effects).
    init(_ own: ClassSignal, calendar business: BusinessCalendar) {
        let days = own.clock.days
        func product(of group: Group) -> [Double] {
            var product = [Double](repeating: 1, count: days.count)
            for effect in own.effects where Group(effect.kind) == group {
                for (index, factor) in effect.factors(on: days, calendar: business).enumerated() { product[index] *= factor }
            }
            return product
        }
        let (growth, season, calendar) = (product(of: .trend), product(of: .season), product(of: .calendar))
        let (level, count) = (own.mean, own.clock.steps.count)
        var parts = (
            trend: [Double](repeating: 0, count: count), season: [Double](repeating: 0, count: count),
            calendar: [Double](repeating: 0, count: count)
        )
        func set(_ step: Int, day: Int, hour: Double) {
            let grown = level * growth[day]
            let seasonal = grown * (season[day] * hour)
            parts.trend[step] = grown - level
            parts.season[step] = seasonal - grown
            parts.calendar[step] = seasonal * calendar[day] - seasonal
        }
        if own.clock.steps.granularity.isDaily {
            for step in 0..<count { set(step, day: step, hour: 1) }
        } else {
            let shape = own.metric.diurnalProfile
            own.clock.forEach { step, seconds in
                let hour = shape?.factor(middle: seconds, length: own.clock.steps.seconds) ?? 1
                set(step, day: own.clock.dayIndex(seconds), hour: hour)
            }
        }
        self.level = level
        (trend, self.season, self.calendar) = parts
    }

    /// Which part an effect belongs to.
    private enum Group {
        case trend, season, calendar

        init(_ kind: EffectKind) {
            switch kind {
            case .growth: self = .trend
            case .weekly, .annual: self = .season
            case .quarterEnd, .holiday, .monthEnd, .fiscalYearEnd, .payroll, .patch, .freeze, .bridgeDay, .quarterEndRamp, .holidayRamp:
                self = .calendar
            }
        }
    }
}
