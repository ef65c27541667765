/// The local times of a tally's slots: which day each belongs to, and which time of day.
struct CellTimes: Sendable {
    /// The days that local days are counted in.
    let days: DayRange
    /// Seconds of a slot.
    let slotLength: Int64
    private let zoneOfClass: [Int]
    private let zones: [Zone]

    /// What the clocks of one zone show.
    struct Zone: Sendable {
        /// Index into `days`, per slot.
        fileprivate(set) var dayOfSlot: [Int32] = []
        /// Index into `middles`, per slot; empty where slots are days.
        fileprivate(set) var timeOfSlot: [Int32] = []
        /// The times of day at which slots have their middles, in seconds, in the order in which they come up.
        fileprivate(set) var middles: [Int64] = []
        /// The greatest of `dayOfSlot`.
        fileprivate(set) var lastDay: Int32 = 0
        /// How many slots have each of them.
        fileprivate(set) var counts: [Double] = []

        fileprivate mutating func add(day: Int, second: Int64) {
            dayOfSlot.append(Int32(day))
            lastDay = max(lastDay, Int32(day))
            // The times of day come round, but for changes of the clock.
            let next = timeOfSlot.last.map { (Int($0) + 1) % middles.count } ?? 0
            let time = next < middles.count && middles[next] == second ? next : middles.firstIndex(of: second) ?? middles.count
            if time == middles.count {
                middles.append(second)
                counts.append(0)
            }
            counts[time] += 1
            timeOfSlot.append(Int32(time))
        }
    }

    init(_ classes: ServerClasses, steps: StepRange) {
        days = LocalClock.days(of: steps)
        let first = days.start.number
        slotLength = steps.seconds * Int64(steps.stepsPerSlot)
        zoneOfClass = (0..<classes.count).map { classes[$0].zone }
        zones = classes.zones.map { zone in
            var found = Zone()
            guard !steps.granularity.isDaily else {
                found.dayOfSlot = (0..<Int32(steps.slots)).map { $0 }
                found.lastDay = Int32(steps.slots) - 1
                return found
            }
            LocalClock(zone, steps: steps).forEach(stepsPerSpan: steps.stepsPerSlot) { _, seconds in
                let day = floorDivide(Int(seconds), 86_400)
                found.add(day: day - first, second: seconds - Int64(day) * 86_400)
            }
            return found
        }
    }

    /// The clocks of a class.
    func zone(of own: Int) -> Zone { zones[zoneOfClass[own]] }

    /// The times of day at which a shape is high and low on a class's clocks; nil where slots are days.
    func shape(of own: Int, _ profile: DiurnalProfile) -> DayShape? {
        let zone = zones[zoneOfClass[own]]
        guard !zone.middles.isEmpty else { return nil }
        var shape = DayShape()
        for (middle, count) in zip(zone.middles, zone.counts) {
            shape.add(ExactMath.log(profile.factor(middle: middle, length: slotLength)), slots: count)
        }
        return shape
    }
}

/// At which times of day a shape of the day is high, and at which it is low.
struct DayShape: Sendable {
    /// 1 for low, 2 for high, 0 for neither, per time of day as `CellTimes.Zone` numbers them.
    private(set) var groups: [UInt8] = []
    /// Slots of both, and the sums of the factor's logarithm over them.
    private(set) var low = (sum: 0.0, slots: 0.0)
    private(set) var high = (sum: 0.0, slots: 0.0)

    /// - Parameter slope: The factor's logarithm; within a hundredth of 0 it is neither high nor low.
    fileprivate mutating func add(_ slope: Double, slots: Double) {
        if slope > 0.01 { high = (high.sum + slope * slots, high.slots + slots) }
        if slope < -0.01 { low = (low.sum + slope * slots, low.slots + slots) }
        groups.append(slope > 0.01 ? 2 : slope < -0.01 ? 1 : 0)
    }
}

/// Which cells of a class belong to one group, which to the other, and which to none.
enum SlotChoice: Sendable {
    /// By local day, the same for some classes; nothing of the others.
    case days([Bool?], classes: [Int])
    /// Times of day at which the class's shape is high against those at which it is low, in some classes.
    case shape(classes: [Int])
    /// Whole classes, one choice each.
    case classes([Bool?])
}
