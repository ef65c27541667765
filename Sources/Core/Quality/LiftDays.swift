/// What is special about the days of one business calendar, for contrasts: days are compared that are alike in everything else.
struct LiftDays: Sendable {
    /// The kinds of lifts that some metric of the dataset uses, in order.
    let kinds: [EffectKind]
    /// Per day, whether it is a day of the weekend, a holiday, or one of the quarter end's window.
    let marks: [DayMarks]
    /// Whether some lift touches a day.
    private let isTouched: [Bool]
    /// Per kind of `kinds` the days that show it.
    private let lifts: [Lift]

    struct DayMarks: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let weekend = DayMarks(rawValue: 1)
        static let holiday = DayMarks(rawValue: 2)
        static let quarterEnd = DayMarks(rawValue: 4)
    }

    private struct Lift {
        let groups: [Bool?]
        /// Days with the lift, and the sum of their weights.
        let days: Double
        let weights: Double
    }

    /// All metrics count: one without an effect that another has is checked for its absence.
    init(_ data: DataSpec, _ dates: ContrastDays, calendar: BusinessCalendar) {
        let days = dates.days
        let months = Set(data.metrics.flatMap(\.endOfQuarterMonths))
        marks = days.indices.map { index in
            let day = days[index]
            var marks: DayMarks = dates.weekdays[index] > 5 ? [.weekend] : []
            if calendar.isHoliday(day) { marks.insert(.holiday) }
            if calendar.isInQuarterEndWindow(day, businessDays: data.endOfQuarterWindow, months: months) { marks.insert(.quarterEnd) }
            return marks
        }
        var kinds: [EffectKind] = []
        var weights: [[Double]] = []
        for kind in EffectKind.businessCalendar {
            // Months of a ramp are the metric's own; the days on which any metric has one are the ramp's.
            let lifts = data.metrics.compactMap { kind.lift(of: $0, in: data) }.filter { $0.multiplier != 1 }
            guard let first = lifts.first else { continue }
            kinds.append(kind)
            var own = first.weights(on: days, calendar: calendar)
            if kind == .quarterEndRamp {
                let ramps = lifts.compactMap { $0 as? QuarterEndRampEffect }
                for (index, ramp) in ramps.enumerated() where index > 0 && !ramps[..<index].contains(where: { $0.months == ramp.months }) {
                    for (day, weight) in ramp.weights(on: days, calendar: calendar).enumerated() { own[day] = max(own[day], weight) }
                }
            }
            weights.append(own)
        }
        self.kinds = kinds
        isTouched = days.indices.map { day in weights.contains { $0[day] > 0 } }
        let marks = marks
        let levels = weights.map(DayLevels.init)
        lifts = weights.indices.map { index in
            var others = DayClasses(marks.map { Int($0.rawValue) }, count: 8)
            for other in weights.indices where other != index { others.divide(by: levels[other]) }
            let groups = others.best(showing: weights[index])
            var (lifted, count) = (0.0, 0.0)
            for (day, group) in groups.enumerated() where group == true { (lifted, count) = (lifted + weights[index][day], count + 1) }
            return Lift(groups: groups, days: count, weights: lifted)
        }
    }

    /// The groups without the days that lifts touch, or as they are where a group would be left empty.
    func sparing(_ groups: [Bool?]) -> [Bool?] {
        guard !kinds.isEmpty else { return groups }
        var (spared, isFull) = (groups, (false, false))
        for (day, group) in groups.enumerated() {
            if isTouched[day] {
                spared[day] = nil
            } else if let group {
                if group { isFull.0 = true } else { isFull.1 = true }
            }
        }
        return isFull == (true, true) ? spared : groups
    }

    /// Days with a lift against days without it, alike in weekend, holiday, quarter end and the weights of all other lifts.
    ///
    /// - Parameter requested: The multiplier.
    func contrast(_ kind: EffectKind, requested: Double) -> DayContrast {
        guard let index = kinds.firstIndex(of: kind) else { return DayContrast(groups: marks.map { _ in nil }, sensitivity: 0) }
        let lift = lifts[index]
        let factor = lift.days + (requested - 1) * lift.weights
        return DayContrast(groups: lift.groups, sensitivity: factor > 0 ? lift.weights * requested / factor : 0)
    }
}

/// The different weights of days, numbered from 0 for none: few, those of ramps.
private struct DayLevels {
    let places: [Int]
    let count: Int

    init(_ weights: [Double]) {
        var levels: [Double] = [0]
        places = weights.map { weight -> Int in
            if weight == 0 { return 0 }
            if let place = levels.firstIndex(of: weight) { return place }
            levels.append(weight)
            return levels.count - 1
        }
        count = levels.count
    }
}

/// Days by what is special about them, numbered.
private struct DayClasses {
    private var numbers: [Int]
    private var count: Int

    /// - Parameter numbers: Per day, 0 ..< count.
    init(_ numbers: [Int], count: Int) { (self.numbers, self.count) = (numbers, count) }

    /// Divides each class by the days' levels.
    mutating func divide(by levels: DayLevels) {
        guard levels.count > 1 else { return }
        // Numbered anew as they come up, so that their number stays below that of the days.
        var renumbered = [Int](repeating: -1, count: count * levels.count)
        count = 0
        for day in numbers.indices {
            let own = numbers[day] * levels.count + levels.places[day]
            if renumbered[own] < 0 {
                renumbered[own] = count
                count += 1
            }
            numbers[day] = renumbered[own]
        }
    }

    /// The days of the class that has the most to compare, with a weight against without; where none has both, all days.
    func best(showing weights: [Double]) -> [Bool?] {
        var counts = [(with: Int, without: Int)](repeating: (0, 0), count: count)
        for (day, number) in numbers.enumerated() {
            if weights[day] > 0 { counts[number].with += 1 } else { counts[number].without += 1 }
        }
        // The first that comes up among equals.
        var (best, most) = (-1, 0)
        var isSeen = [Bool](repeating: false, count: count)
        for number in numbers where !isSeen[number] {
            isSeen[number] = true
            let worth = min(counts[number].with, counts[number].without)
            if worth > most { (best, most) = (number, worth) }
        }
        return numbers.indices.map { best < 0 || numbers[$0] == best ? weights[$0] > 0 : nil }
    }
}
