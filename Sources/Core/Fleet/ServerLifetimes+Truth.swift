extension ServerLifetimes {
    /// The absolute steps on which a server exists; far beyond all windows where it has always been or never ends.
    func absoluteSteps(server: Int, _ granularity: Granularity) -> Range<Int> {
        let days = days(server: server)
        return days.lowerBound * granularity.stepsPerDay..<days.upperBound * granularity.stepsPerDay
    }

    /// The beginnings and ends of servers within the steps, by start and id; none where all servers exist always.
    ///
    /// - Complexity: O(servers).
    /// - Throws: `PlanError.tooManyEvents`.
    func truth(_ data: DataSpec, _ directory: ServerDirectory, steps: StepRange) throws(PlanError) -> [TruthEvent] {
        guard !isUnbounded else { return [] }
        let window = steps.days.start.number..<steps.days.end.number + 1
        let beginning = data.lifetime.commissioned == nil ? "growth" : "commissioned"
        var events: [TruthEvent] = []
        for server in 0..<data.servers {
            let (own, id) = (days(server: server), directory.id(server))
            func add(_ kind: String, _ key: String, _ day: Int) {
                guard window.contains(day) else { return }
                events.append(
                    TruthEvent(
                        id: "\(kind)/\(Day(number: day).iso)/\(id)", kind: kind, cause: "\(ConfigTable.lifetimePath).\(key)",
                        scopeColumn: "server_id", scopeLabel: id, servers: TruthEvent.Servers(count: 1, listed: [server]), metrics: [],
                        start: Int64(day) * 86_400, end: nil, magnitude: nil))
            }
            add("commissioned", beginning, own.lowerBound)
            add("decommissioned", "decommission", own.upperBound)
            if events.count > IncidentPlan.mostListed { throw .tooManyEvents(events.count) }
        }
        return events.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    }
}
