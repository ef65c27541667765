extension MessPlan {
    /// Outages, late starts, stuck sensors and unit slips that touch the steps, by start and id.
    ///
    /// Missing cells under load are no events: each is drawn for itself. Neither is what would happen to a server that does not exist then.
    /// - Complexity: O(servers * metrics).
    /// - Throws: `PlanError.tooManyEvents`.
    public func truth(_ data: DataSpec, _ directory: ServerDirectory) throws(PlanError) -> [TruthEvent] {
        var events: [TruthEvent] = []
        let all = data.metrics.map(\.name)
        let outages = collectorOutages
        let lifetimes = ServerLifetimes(data)
        if outages.contains(where: { !$0.isEmpty }) {
            var lives = [[(server: Int, life: Range<Int>)]](repeating: [], count: outages.count)
            for server in 0..<data.servers {
                lives[directory.index(of: .region, server: server)].append(
                    (server, lifetimes.absoluteSteps(server: server, steps.granularity)))
            }
            for region in outages.indices {
                for spell in collectorSpells(region: region) {
                    guard let servers = servers(lives[region], of: spell) else { continue }
                    events.append(
                        event("collector-outage", "collector_outage", spell, "region", data.regions.labels[region], servers, all))
                }
            }
        }
        for server in 0..<data.servers {
            let (id, own) = (directory.id(server), TruthEvent.Servers(count: 1, listed: [server]))
            let shown = lifetimes.absoluteSteps(server: server, steps.granularity).clamped(to: steps.absolute)
            if shown.isEmpty { continue }
            for spell in agentSpells(server: server) where spell.overlaps(shown) {
                events.append(event("agent-outage", "agent_outage", spell, "server_id", id, own, all))
            }
            if let first = lateStart(server: server), first > shown.lowerBound {
                // Nothing comes before the first value, so neither in what a window has before `from`.
                let from = floorDivide(mess.lateFrom.number * 86_400, Int(steps.seconds))
                events.append(
                    event("late-start", "late_start", min(from, steps.absolute.lowerBound)..<first, "server_id", id, own, all, named: from))
            }
            for metric in data.metrics.indices {
                for spell in stuckSpells(metric: metric, server: server) where spell.overlaps(shown) {
                    events.append(event("stuck-sensor", "stuck_sensor", spell, "server_id", id, own, [all[metric]]))
                }
                for spell in slipSpells(metric: metric, server: server) where spell.overlaps(shown) {
                    events.append(event("unit-slip", "unit_slip", spell, "server_id", id, own, [all[metric]], magnitude: mess.unitFactor))
                }
            }
            if events.count > IncidentPlan.mostListed { throw .tooManyEvents(events.count) }
        }
        return events.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    }

    /// The servers that exist during a spell that all of them have; nil where none of them shows it in the steps.
    private func servers(_ lives: [(server: Int, life: Range<Int>)], of spell: Range<Int>) -> TruthEvent.Servers? {
        var (named, isShown) = (NamedServers(), false)
        for own in lives {
            guard own.life.overlaps(spell) else {
                named.leaveOut()
                continue
            }
            named.add(own.server)
            isShown = isShown || own.life.clamped(to: spell).overlaps(steps.absolute)
        }
        return isShown ? named.servers(isWhole: true) : nil
    }

    private func event(
        _ kind: String, _ key: String, _ spell: Range<Int>, _ column: String, _ label: String, _ servers: TruthEvent.Servers,
        _ metrics: [String], magnitude: Double? = nil, named step: Int? = nil
    ) -> TruthEvent {
        let start = Int64(spell.lowerBound) * steps.seconds
        let moment = TimestampText.full(Int64(step ?? spell.lowerBound) * steps.seconds)
        let place = metrics.count == 1 ? "\(label)/\(metrics[0])" : label
        return TruthEvent(
            id: "\(kind)/\(moment)/\(place)", kind: kind, cause: ConfigTable.messPath + "." + key, scopeColumn: column,
            scopeLabel: label, servers: servers, metrics: metrics, start: start, end: Int64(spell.upperBound) * steps.seconds,
            magnitude: magnitude)
    }
}
