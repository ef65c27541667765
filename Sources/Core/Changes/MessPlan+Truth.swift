extension MessPlan {
    /// Outages, late starts, stuck sensors and unit slips that touch the steps, by start and id.
    ///
    /// Missing cells under load are no events: each is drawn for itself.
    /// - Complexity: O(servers * metrics).
    /// - Throws: `PlanError.tooManyEvents`.
    public func truth(_ data: DataSpec, _ directory: ServerDirectory) throws(PlanError) -> [TruthEvent] {
        var events: [TruthEvent] = []
        let all = data.metrics.map(\.name)
        let outages = collectorOutages
        if outages.contains(where: { !$0.isEmpty }) {
            var counts = [Int](repeating: 0, count: outages.count)
            for server in 0..<data.servers { counts[directory.index(of: .region, server: server)] += 1 }
            for region in outages.indices where counts[region] > 0 {
                for spell in collectorSpells(region: region) {
                    events.append(
                        event(
                            "collector-outage", "collector_outage", spell, "region", data.regions.labels[region],
                            TruthEvent.Servers(count: counts[region], listed: nil), all))
                }
            }
        }
        for server in 0..<data.servers {
            let (id, own) = (directory.id(server), TruthEvent.Servers(count: 1, listed: [server]))
            for spell in agentSpells(server: server) {
                events.append(event("agent-outage", "agent_outage", spell, "server_id", id, own, all))
            }
            if let first = lateStart(server: server), first > steps.absolute.lowerBound {
                // Nothing comes before the first value, so neither in what a window has before `from`.
                let from = floorDivide(mess.lateFrom.number * 86_400, Int(steps.seconds))
                events.append(
                    event("late-start", "late_start", min(from, steps.absolute.lowerBound)..<first, "server_id", id, own, all, named: from))
            }
            for metric in data.metrics.indices {
                for spell in stuckSpells(metric: metric, server: server) {
                    events.append(event("stuck-sensor", "stuck_sensor", spell, "server_id", id, own, [all[metric]]))
                }
                for spell in slipSpells(metric: metric, server: server) {
                    events.append(event("unit-slip", "unit_slip", spell, "server_id", id, own, [all[metric]], magnitude: mess.unitFactor))
                }
            }
            if events.count > IncidentPlan.mostListed { throw .tooManyEvents(events.count) }
        }
        return events.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
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
