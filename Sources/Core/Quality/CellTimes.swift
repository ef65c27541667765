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
        /// How many slots have each of them.
        fileprivate(set) var counts: [Double] = []

        fileprivate mutating func add(day: Int, second: Int64) {
            dayOfSlot.append(Int32(day))
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

    /// The times of day at which a quantity is above 0 against those at which it is below, and the difference of its means there.
    ///
    /// - Parameters:
    ///   - members: The classes to look at.
    ///   - slope: The quantity at the middle of a slot, in seconds since midnight; what is smaller than a hundredth is left out.
    func contrast(_ members: [Int], _ slope: (_ middle: Int64) -> Double) -> (groups: SlotChoice, sensitivity: Double) {
        let slopes = zones.map { $0.middles.map(slope) }
        var (high, low) = ((sum: 0.0, count: 0.0), (sum: 0.0, count: 0.0))
        let groups = members.map { own in
            let zone = zoneOfClass[own]
            let groups = slopes[zone].map { $0.magnitude > 0.01 ? $0 > 0 : nil }
            for ((slope, count), group) in zip(zip(slopes[zone], zones[zone].counts), groups) {
                if group == true { high = (high.sum + slope * count, high.count + count) }
                if group == false { low = (low.sum + slope * count, low.count + count) }
            }
            return (own: own, groups: groups)
        }
        return (.times(groups), high.count > 0 && low.count > 0 ? high.sum / high.count - low.sum / low.count : 0)
    }
}

/// Which cells of a class belong to one group, which to the other, and which to none.
enum SlotChoice: Sendable {
    /// By local day, the same for some classes; nothing of the others.
    case days([Bool?], classes: [Int])
    /// By time of day, as `CellTimes.Zone` numbers them.
    case times([(own: Int, groups: [Bool?])])
    /// Whole classes, one choice each.
    case classes([Bool?])
}
