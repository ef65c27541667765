/// Rates of rows that come twice and late: asked for against found in the file's rows.
extension QualityGate {
    /// One metric's checks: each column has the rows for itself.
    func rowChecks(_ signal: MetricSignal, _ tally: MetricTally) -> [QualityCheck] {
        let rows = plan.spec.data.mess.rows
        guard tally.cells > 0 else { return [] }
        var checks: [QualityCheck] = []
        if rows.duplicateRate > 0, tally.cells > tally.waiting {
            checks.append(
                rate(
                    "duplicate_rows", signal, rows.duplicateRate, tally.cells(of: .duplicateRow), of: tally.cells - tally.waiting,
                    "the share of rows that stand in the file twice"))
        }
        guard rows.lateRate > 0 else { return checks }
        let late = tally.cells(of: .lateRow)
        checks.append(rate("late_rows", signal, rows.lateRate, late, of: tally.cells, "the share of late rows"))
        checks.append(waiting(rows, signal, tally))
        return checks
    }

    private func rate(
        _ name: String, _ signal: MetricSignal, _ rate: Double, _ found: Int, of cells: Int, _ what: String
    ) -> QualityCheck {
        let n = Double(cells)
        return within(
            name, signal, requested: rate, realised: Double(found) / n, variance: rate * (1 - rate) / n, jump: 1 / n, what: what,
            key: "mess.\(name).rate")
    }

    /// How many late rows have not arrived at the end of the window, given where the run's steps lie.
    private func waiting(_ rows: RowMessSpec, _ signal: MetricSignal, _ tally: MetricTally) -> QualityCheck {
        let steps = plan.steps
        // A preview has some of the servers.
        let counted = tally.servers.reduce(0) { $0 + Int64($1.bias.count) }
        var there = [Int64](repeating: tally.lives == nil ? counted : 0, count: steps.slots)
        if let lives = tally.lives {
            for own in tally.servers.indices {
                for (slot, found) in lives.slots(of: own).enumerated() { there[slot] += found.servers }
            }
        }
        var (expected, variance) = (0.0, 0.0)
        for step in 0..<steps.count {
            let share = RowMess.waitingShare(rows, step: step, steps: steps, window: plan.window)
            let servers = Double(there[step / steps.stepsPerSlot])
            expected += servers * share
            variance += servers * share * (1 - share)
        }
        return within(
            "waiting_rows", signal, requested: expected, realised: Double(tally.waiting), variance: variance,
            jump: expected > 0 ? 1 : 0, what: "the number of late rows that have not arrived", key: "mess.late_rows.delay")
    }

    /// What to lower where too many cells are missing: the settings that this config has.
    func missingRemedy(_ metric: MetricSpec) -> String {
        let (data, mess) = (plan.spec.data, plan.spec.data.mess)
        let causes: [(String, Bool)] = [
            ("missing_rate", metric.missingRate > 0), ("mess.missing_under_load", mess.threshold(metric) != nil),
            ("mess.agent_outage", mess.agentOutage.perYear > 0), ("mess.collector_outage", mess.collectorOutage.perYear > 0),
            ("mess.late_start", mess.lateShare > 0),
        ]
        let names =
            causes.filter(\.1).map(\.0) + data.incidents.filter { $0.kind == .powerLoss }.map { "incidents.\($0.name)" }
        return names.isEmpty ? "raise that limit" : "lower \(ConfigKey.alternatives(names)), or raise that limit"
    }
}
