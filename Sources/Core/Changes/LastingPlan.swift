/// The lasting changes of a run: what depends on no server worked out once, the rest a pure function of the server.
///
/// ```
/// server   touched or not, drawn by (change, server)
/// days     declared; or drawn by (change, server, day), in absolute blocks of days
/// event    time of the day or delay, and place between the bounds of its factors, drawn by (change, server, day)
/// ```
/// Nothing depends on the window: the event that holds when it begins is found by looking back, at most to the year 1678.
package struct LastingPlan: Sendable {
    /// One event as one server has it.
    package struct Event: Equatable, Sendable {
        /// First absolute step that it touches.
        package let start: Int
        /// The day that addresses its draws.
        let day: Day
        /// Its place between the bounds of its factors, 0...1.
        let place: Double
    }

    /// One change of the config.
    package struct Change: Sendable {
        package let spec: LastingChange
        /// The factor of each metric of the dataset, in column order; nil where it is left alone.
        let factors: [LastingFactor?]
        /// For each column with a choice, whether a label counts.
        let labels: [(column: ServerDirectory.Label, isChosen: [Bool])]
        /// Steps over which the factor moves, and how much of the way it has come at each of them.
        let ramp: Int
        fileprivate let progress: [Double]
        fileprivate let isTouched: DrawStream
        fileprivate let days: RareEvents
        fileprivate let draws: DrawStream
    }

    package let changes: [Change]
    let steps: StepRange
    let directory: ServerDirectory

    /// 1678-01-01: blocks of days before this one have no events.
    private static let first = Day(number: -106_650)

    /// Nil where nothing changes for good.
    package init?(_ data: DataSpec, steps: StepRange, directory: ServerDirectory) {
        guard !data.changes.isEmpty else { return nil }
        self.steps = steps
        self.directory = directory
        changes = data.changes.map { spec in
            let factors = data.metrics.map { metric in spec.metrics.first { $0.metric == metric.name } }
            let labels = spec.servers.map { choice in
                (column: choice.column, isChosen: directory.labels(choice.column).map { choice.labels.contains($0) })
            }
            var rate = 0.0
            if case .perYear(let perYear) = spec.timing { rate = perYear / 365.2425 }
            func stream(_ purpose: DrawPurpose) -> DrawStream { DrawStream(seed: data.seed, purpose: purpose, metric: spec.name) }
            let ramp = Int((spec.ramp + steps.seconds - 1) / steps.seconds)
            return Change(
                spec: spec, factors: factors, labels: labels, ramp: ramp,
                progress: (0..<ramp).map { Double($0 + 1) / Double(ramp + 1) },
                isTouched: stream(.lastingServer), days: RareEvents(stream: stream(.lastingDay), rate: rate), draws: stream(.lastingEvent))
        }
    }

    /// Whether a server has the labels that a change asks for.
    func isEligible(_ change: Change, server: Int) -> Bool {
        for (column, isChosen) in change.labels where !isChosen[directory.index(of: column, server: server)] { return false }
        return true
    }

    /// The days of the run on which a drawn event comes to a server that the change touches.
    func daysOfEvents(_ change: Change, server: Int) -> [Day] {
        var offsets: [Int32] = []
        let days = steps.days
        change.days.append(to: &offsets, server: UInt32(server), steps: days.start.number..<days.end.number + 1)
        return offsets.map { days.start + Int($0) }
    }

    /// Whether a change ever comes to a server.
    package func touches(_ change: Change, server: Int) -> Bool {
        guard isEligible(change, server: server) else { return false }
        return change.spec.share == 1 || change.isTouched.uniform(server: UInt32(server)) < change.spec.share
    }

    /// The events of a change that are felt within the steps by a server that it touches: those that begin in them, and the last two before.
    package func events(_ change: Change, server: Int) -> [Event] {
        var events: [Event]
        switch change.spec.timing {
        case .dates(let days, let spread):
            events = days.map { event(change, day: $0, server: server, within: spread) }
            if spread > 0 { events.sort { ($0.start, $0.day) < ($1.start, $1.day) } }
        case .perYear: events = drawn(change, server: server)
        }
        events.removeAll { $0.start >= steps.absolute.upperBound }
        let before = events.prefix { $0.start <= steps.absolute.lowerBound }.count
        events.removeFirst(max(0, before - 2))
        return events
    }

    /// Drawn events from the second before the steps to their end.
    private func drawn(_ change: Change, server: Int) -> [Event] {
        let last = floorDivide(steps.days.end.number, RareEvents.block)
        let earliest = floorDivide(Self.first.number, RareEvents.block)
        var events: [Event] = []
        var offsets: [Int32] = []
        for block in (earliest...max(earliest, last)).reversed() {
            offsets.removeAll(keepingCapacity: true)
            let days = block * RareEvents.block..<(block + 1) * RareEvents.block
            change.days.append(to: &offsets, server: UInt32(server), steps: days)
            let found = offsets.map { event(change, day: Day(number: days.lowerBound + Int($0)), server: server, within: 86_400) }
            events.insert(contentsOf: found, at: 0)
            if events.prefix(while: { $0.start <= steps.absolute.lowerBound }).count >= 2 { break }
        }
        return events
    }

    /// An event of a day, at a time drawn from so many seconds.
    private func event(_ change: Change, day: Day, server: Int, within spread: Int64) -> Event {
        let words = change.draws.words(server: UInt32(server), block: UInt32(bitPattern: Int32(truncatingIfNeeded: day.number)))
        let delay = Int64(Double(spread) * DrawStream.uniform(words[0]))
        let seconds = Int64(day.number) * 86_400 + delay
        let start = floorDivide(Int(seconds + steps.seconds - 1), Int(steps.seconds))
        return Event(start: start, day: day, place: DrawStream.uniform(words[1]))
    }
}

extension LastingFactor {
    /// The factor at a place between the bounds: equal ratios for equal distances.
    func at(_ place: Double) -> Double { low == high ? low : low * ExactMath.exp(place * ExactMath.log(high / low)) }
}

extension LastingPlan: CellChangeSource {
    package func touches(metric: Int) -> Bool { changes.contains { $0.factors[metric] != nil } }

    package func add(to changed: inout CellChanges, metric: Int, server: Int) {
        let absolute = steps.absolute
        for change in changes {
            guard let factor = change.factors[metric], touches(change, server: server) else { continue }
            let events = events(change, server: server)
            var before = 1.0
            for (index, event) in events.enumerated() {
                let target = factor.at(event.place)
                let end = index + 1 < events.count ? events[index + 1].start : absolute.upperBound
                let (from, to) = (max(event.start, absolute.lowerBound), min(end, absolute.upperBound))
                if from < to {
                    let (old, begin, first, last) = (
                        before, event.start - absolute.lowerBound, from - absolute.lowerBound, to - absolute.lowerBound
                    )
                    let reached = min(max(begin + change.ramp, first), last)
                    if first < reached {
                        let moving = change.progress[first - begin..<reached - begin].map { old + (target - old) * $0 }
                        moving.withUnsafeBufferPointer { changed.multiply(first..<reached, .lastingChange, by: $0) }
                    }
                    changed.multiply(reached..<last, .lastingChange, by: target)
                }
                before = target
            }
        }
    }
}
