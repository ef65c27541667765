/// On which days the effects of the business calendar act, for the gate: their own checks compare days that are alike in everything else.
struct LiftDays: Sendable {
    /// The kinds that some metric of the dataset uses, in order.
    let kinds: [EffectKind]
    /// Per kind of `kinds` one weight per day.
    private let weights: [[Double]]

    /// All metrics count: one without an effect that another has is checked for its absence.
    init(_ data: DataSpec, days: DayRange, calendar: BusinessCalendar) {
        var (kinds, weights): ([EffectKind], [[Double]]) = ([], [])
        for kind in EffectKind.businessCalendar {
            // Months of a ramp are the metric's own; the days on which any metric has one are the ramp's.
            let lifts = data.metrics.compactMap { kind.lift(of: $0, in: data) }.filter { $0.multiplier != 1 }
            guard let first = lifts.first else { continue }
            kinds.append(kind)
            let isOne = kind != .quarterEndRamp
            let all = (isOne ? [first] : lifts).map { $0.weights(on: days, calendar: calendar) }
            weights.append(days.indices.map { day in all.reduce(0) { max($0, $1[day]) } })
        }
        (self.kinds, self.weights) = (kinds, weights)
    }

    /// The groups without the days that lifts touch, or as they are where a group would be left empty.
    func sparing(_ groups: [Bool?]) -> [Bool?] {
        guard !kinds.isEmpty else { return groups }
        let spared = groups.enumerated().map { day, group in weights.contains { $0[day] > 0 } ? nil : group }
        return spared.contains(true) && spared.contains(false) ? spared : groups
    }

    /// Days with a lift against days without it, alike in weekend, holiday, quarter end and the weights of all other lifts.
    ///
    /// - Parameters:
    ///   - others: For each day, what else is special about it, as bits.
    ///   - requested: The multiplier.
    func contrast(_ kind: EffectKind, others: [UInt32], requested: Double) -> (groups: [Bool?], sensitivity: Double) {
        guard let index = kinds.firstIndex(of: kind) else { return (others.map { _ in nil }, 0) }
        let own = weights[index]
        let rest = weights.enumerated().filter { $0.offset != index }.map(\.element)
        // Kinds of days, numbered as they come up.
        var numbers: [DayKind: Int] = [:]
        var counts: [(with: Int, without: Int)] = []
        let kindOfDay = others.indices.map { day in
            let kind = DayKind(marks: others[day], weights: rest.map { $0[day] })
            let number = numbers[kind] ?? counts.count
            if number == counts.count {
                numbers[kind] = number
                counts.append((0, 0))
            }
            if own[day] > 0 { counts[number].with += 1 } else { counts[number].without += 1 }
            return number
        }
        // The kind of day that has the most to compare; where none has both, all days.
        let worth = counts.map { min($0.with, $0.without) }
        let best = worth.indices.max { worth[$0] < worth[$1] }
        let groups = others.indices.map { day -> Bool? in
            guard let best, worth[best] > 0 else { return own[day] > 0 }
            return kindOfDay[day] == best ? own[day] > 0 : nil
        }
        var (lifted, factor) = (0.0, 0.0)
        for day in groups.indices where groups[day] == true {
            lifted += own[day] * requested
            factor += 1 + (requested - 1) * own[day]
        }
        return (groups, factor > 0 ? lifted / factor : 0)
    }

    /// What else is special about a day.
    private struct DayKind: Hashable {
        let marks: UInt32
        let weights: [Double]
    }
}
