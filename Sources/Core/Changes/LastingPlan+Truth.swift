extension LastingPlan {
    /// The events that begin within the steps and touch some server, by start and id; nil where there are more than `most`.
    ///
    /// A day of `at` without a spread is one event of many servers; all others are events of one server each.
    /// - Parameter inForce: Whether events that began before the steps and still hold in some of them are listed, too.
    /// - Complexity: O(servers * changes).
    package func truth(_ data: DataSpec, atMost most: Int, inForce: Bool = false) -> [TruthEvent]? {
        var found: [TruthEvent] = []
        for change in changes {
            let touched = (0..<data.servers).lazy.filter { touches(change, server: $0) }
            if case .dates(let days, spread: 0) = change.spec.timing {
                let starts = days.sorted().map { ($0, $0.number * steps.granularity.stepsPerDay) }
                let shown = told(starts.map(\.1), ramp: change.ramp, inForce: inForce).map { starts[$0] }
                guard !shown.isEmpty else { continue }
                var (count, listed) = (0, [Int]())
                for server in touched {
                    count += 1
                    if listed.count < TruthEvent.Servers.mostListed { listed.append(server) }
                }
                guard count > 0 else { continue }
                // One label of one column is a scope; what else chooses servers lists them.
                let scope = change.labels.count == 1 && change.spec.servers[0].labels.count == 1 ? change.spec.servers.first : nil
                let isWhole = change.spec.share == 1 && (change.labels.isEmpty || scope != nil)
                found += shown.map { day, start in
                    event(
                        change, Event(start: start, day: day, place: 0), data, column: scope?.column.rawValue, label: scope?.labels[0],
                        servers: TruthEvent.Servers(count: count, listed: isWhole ? nil : listed), isDrawn: false)
                }
            } else {
                for server in touched {
                    let events = events(change, server: server)
                    for own in told(events.map(\.start), ramp: change.ramp, inForce: inForce).lazy.map({ events[$0] }) {
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

    /// Places of the starts, which ascend, that are told: those within the steps, and with `inForce` those that hold at their beginning, at least as
    /// what the next one's ramp comes from.
    private func told(_ starts: [Int], ramp: Int, inForce: Bool) -> [Int] {
        let window = steps.absolute
        return starts.indices.filter { place in
            guard starts[place] < window.lowerBound else { return starts[place] < window.upperBound }
            return inForce && (place + 1 == starts.count || starts[place + 1] + ramp > window.lowerBound)
        }
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
