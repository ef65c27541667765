extension LastingPlan {
    /// The events that begin within the steps and touch some server, by start and id; nil where there are more than `most`.
    ///
    /// A day of `at` without a spread is one event of many servers; all others are events of one server each.
    /// - Parameter inForce: Whether events that began before the steps and still hold in some of them are listed, too.
    /// - Complexity: O(servers * changes), times the days of `at` where servers begin and end.
    package func truth(_ data: DataSpec, atMost most: Int, inForce: Bool = false) -> [TruthEvent]? {
        var found: [TruthEvent] = []
        let lifetimes = ServerLifetimes(data)
        func life(_ server: Int) -> Range<Int> { lifetimes.absoluteSteps(server: server, steps.granularity) }
        for change in changes {
            let touched = (0..<data.servers).lazy.filter { touches(change, server: $0) }
            if case .dates(let days, spread: 0) = change.spec.timing {
                let sorted = days.sorted()
                let starts = sorted.map { $0.number * steps.granularity.stepsPerDay }
                let places = told(starts, ramp: change.ramp, inForce: inForce, within: steps.absolute)
                guard !places.isEmpty else { continue }
                // Where all servers exist always each event has the same ones.
                let lives = Array(touched.map { (server: $0, life: life($0)) })
                var named = NamedServers()
                if lifetimes.isUnbounded { for own in lives { named.add(own.server) } }
                // One label of one column is a scope; what else chooses servers lists them.
                let scope = change.labels.count == 1 && change.spec.servers[0].labels.count == 1 ? change.spec.servers.first : nil
                let isWhole = change.spec.share == 1 && (change.labels.isEmpty || scope != nil)
                for place in places {
                    var isShown = true
                    if !lifetimes.isUnbounded { (named, isShown) = self.named(lives, starts, place, ramp: change.ramp, inForce: inForce) }
                    guard named.count > 0, isShown else { continue }
                    found.append(
                        event(
                            change, Event(start: starts[place], day: sorted[place], place: 0), data, column: scope?.column.rawValue,
                            label: scope?.labels[0], servers: named.servers(isWhole: isWhole), isDrawn: false))
                }
            } else {
                for server in touched {
                    let events = events(change, server: server)
                    let own = lifetimes.isUnbounded ? steps.absolute : life(server).clamped(to: steps.absolute)
                    for own in told(events.map(\.start), ramp: change.ramp, inForce: inForce, within: own).lazy.map({ events[$0] }) {
                        found.append(
                            event(
                                change, own, data, column: "server_id", label: directory.id(server),
                                servers: TruthEvent.Servers(count: 1, listed: [server]), isDrawn: true))
                    }
                    if found.count > most { return nil }
                }
            }
        }
        return found.count > most ? nil : found.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    }

    /// Places of the starts, which ascend, that are told: those within the window, and with `inForce` those that hold at its beginning, at least as
    /// what the next one's ramp comes from.
    private func told(_ starts: [Int], ramp: Int, inForce: Bool, within window: Range<Int>) -> [Int] {
        guard !window.isEmpty else { return [] }
        return starts.indices.filter { place in
            guard starts[place] < window.lowerBound else { return starts[place] < window.upperBound }
            return inForce && (place + 1 == starts.count || starts[place + 1] + ramp > window.lowerBound)
        }
    }

    /// The servers that exist while an event of a day holds, whatever the run's steps are, and whether these show it on one of them.
    private func named(
        _ lives: [(server: Int, life: Range<Int>)], _ starts: [Int], _ place: Int, ramp: Int, inForce: Bool
    ) -> (NamedServers, isShown: Bool) {
        let holds = starts[place]..<(place + 1 < starts.count ? starts[place + 1] + max(1, ramp) : Int.max)
        var (named, isShown) = (NamedServers(), false)
        for own in lives {
            guard own.life.overlaps(holds) else {
                named.leaveOut()
                continue
            }
            named.add(own.server)
            let shown = own.life.clamped(to: steps.absolute)
            isShown = isShown || told(starts, ramp: ramp, inForce: inForce, within: shown).contains(place)
        }
        return (named, isShown)
    }

    /// - Parameter isDrawn: Whether the place between the bounds is the event's; the servers of a day have each their own.
    private func event(
        _ change: Change, _ own: Event, _ data: DataSpec, column: String?, label: String?, servers: TruthEvent.Servers, isDrawn: Bool
    ) -> TruthEvent {
        let factors = change.factors.compactMap { $0 }
        let (first, isOne) = (factors[0], factors.count == 1)
        let magnitude = isOne && (isDrawn || first.low == first.high) ? first.at(own.place) : nil
        let metrics = data.metrics.indices.filter { change.factors[$0] != nil }.map { data.metrics[$0].name }
        let id = [change.spec.name, own.day.iso] + (isDrawn ? [label ?? ""] : [])
        return TruthEvent(
            id: id.joined(separator: "/"), kind: change.spec.kind.rawValue, cause: ConfigTable.changesPath + "." + change.spec.name,
            scopeColumn: column, scopeLabel: label, servers: servers, metrics: metrics, start: Int64(own.start) * steps.seconds, end: nil,
            magnitude: magnitude)
    }
}
