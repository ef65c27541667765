/// The local times of a tally's cells, and day by day or hour by hour choices spread over them.
struct CellTimes: Sendable {
    /// The days that local days are counted in.
    let days: DayRange
    /// Seconds of a slot.
    let slotLength: Int64
    private let slots: Int
    private let zoneOfClass: [Int]
    /// Local seconds of the middle of each slot, by zone; empty where slots are days.
    private let middles: [[Int64]]

    init(_ classes: ServerClasses, steps: StepRange) {
        days = LocalClock.days(of: steps)
        slots = steps.slots
        slotLength = steps.seconds * Int64(steps.stepsPerSlot)
        zoneOfClass = (0..<classes.count).map { classes[$0].zone }
        middles = classes.zones.map { zone in
            if steps.granularity.isDaily { return [] }
            var middles: [Int64] = []
            middles.reserveCapacity(steps.slots)
            LocalClock(zone, steps: steps).forEach(stepsPerSpan: steps.stepsPerSlot) { _, seconds in middles.append(seconds) }
            return middles
        }
    }

    /// A choice for each local day as one for each cell; nil in other classes than `classes`.
    func cells(_ choice: [Bool?], classes: [Int]) -> [Bool?] {
        var cells = [Bool?](repeating: nil, count: slots * zoneOfClass.count)
        for own in classes {
            let zone = middles[zoneOfClass[own]]
            for slot in 0..<slots {
                cells[own * slots + slot] = choice[zone.isEmpty ? slot : floorDivide(Int(zone[slot]), 86_400) - days.start.number]
            }
        }
        return cells
    }

    /// The same for a choice of whole classes.
    func cells(_ choice: (_ own: Int) -> Bool?) -> [Bool?] {
        zoneOfClass.indices.flatMap { [Bool?](repeating: choice($0), count: slots) }
    }

    /// Calls `body` with each cell of some classes and the local time of its middle, seconds since some midnight. Not for days.
    func forEach(_ classes: [Int], _ body: (_ cell: Int, _ middle: Int64) -> Void) {
        for own in classes {
            let zone = middles[zoneOfClass[own]]
            for slot in 0..<slots { body(own * slots + slot, zone[slot]) }
        }
    }

    /// Cells of all classes.
    var count: Int { slots * zoneOfClass.count }
}
