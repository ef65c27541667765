/// Rates of what goes wrong with the measuring, and of random incidents: asked for against found in the published cells.
extension QualityGate {
    /// Servers whose own incidents are counted at most: so many show a rate that is wrong.
    private static let mostCountedServers = 10_000

    /// One metric's checks.
    func messChecks(_ signal: MetricSignal, _ tally: MetricTally) -> [QualityCheck] {
        let mess = plan.spec.data.mess
        guard !mess.isOff, tally.cells > 0 else { return [] }
        var checks = [
            spells(mess.agentOutage, .agentOutage, "agent_outage", "agent outages", signal, tally),
            spells(mess.stuckSensor, .stuckSensor, "stuck_sensor", "stuck sensors", signal, tally),
            spells(mess.unitSlip, .unitSlip, "unit_slip", "unit slips", signal, tally),
            spells(
                mess.collectorOutage, .collectorOutage, "collector_outage", "collector outages", signal, tally,
                shares: plan.spec.data.regions.weights),
        ].compactMap(\.self)
        if mess.lateShare > 0 { checks.append(lateStart(mess, signal, tally)) }
        if mess.threshold(signal.metric) != nil { checks.append(underLoad(mess, signal, tally)) }
        return checks
    }

    /// The share of the cells that lie in spells.
    ///
    /// - Parameter shares: Parts of the fleet that have each spell together; empty for single servers.
    private func spells(
        _ spells: MessSpec.Spells, _ cause: CellFlags, _ name: String, _ what: String, _ signal: MetricSignal, _ tally: MetricTally,
        shares: [Double] = []
    ) -> QualityCheck? {
        guard spells.perYear > 0 else { return nil }
        if !shares.isEmpty, tally.lives != nil {
            return .notApplicable(
                name, signal.metric.name, requested: nil, because: "servers begin or end in the window, so outages are of other sizes")
        }
        let rate = SpellRate(perYear: spells.perYear, duration: spells.duration, plan.spec.data.granularity)
        let cells = Double(tally.cells)
        // A spell is this part of all cells, and spells are Poisson: so many independent ones of that size.
        let times = Double(plan.steps.count)
        let sizes = shares.isEmpty ? [Double(rate.steps) / cells] : shares.map { $0 * Double(rate.steps) / times }
        let variance =
            shares.isEmpty ? sizes[0] * sizes[0] * rate.rate * cells : sizes.reduce(0) { $0 + $1 * $1 * rate.rate * times }
        return within(
            name, signal, requested: rate.coveredShare, realised: Double(tally.cells(of: cause)) / cells, variance: variance,
            jump: sizes.max() ?? 0, what: "the share of cells in \(what)", key: "mess.\(name)")
    }

    /// The share of the cells before a server's late start, given where the window lies.
    private func lateStart(_ mess: MessSpec, _ signal: MetricSignal, _ tally: MetricTally) -> QualityCheck {
        if tally.lives != nil {
            return .notApplicable(
                "late_start", signal.metric.name, requested: nil, because: "servers begin or end in the window, some before they start")
        }
        let points = 4096
        let (start, seconds) = (Double(plan.days.start.number) * 86_400, Double(plan.steps.seconds))
        var (first, second, largest) = (0.0, 0.0, 0.0)
        for point in 0..<points {
            let from = Double(mess.lateFrom.number) * 86_400 + (Double(point) + 0.5) / Double(points) * Double(mess.lateWithin)
            let steps = max(0, Double(floorDivide(Int(from - start), Int(seconds))))
            let share = min(1, steps / Double(plan.steps.count))
            (first, second, largest) = (first + share, second + share * share, max(largest, share))
        }
        let (mean, square) = (mess.lateShare * first / Double(points), mess.lateShare * second / Double(points))
        let servers = Double(max(1, tally.cells / plan.steps.count))
        return within(
            "late_start", signal, requested: mean, realised: Double(tally.cells(of: .lateStart)) / Double(tally.cells),
            variance: max(0, square - mean * mean) / servers, jump: largest / servers, what: "the share of cells before late starts",
            key: "mess.late_start")
    }

    /// The share of the cells under load that is missing.
    private func underLoad(_ mess: MessSpec, _ signal: MetricSignal, _ tally: MetricTally) -> QualityCheck {
        let rate = mess.underLoadRate
        guard tally.heavy > 0 else {
            return .notApplicable(
                "missing_under_load", signal.metric.name, requested: rate, because: "no cell of the panel is above the threshold")
        }
        let heavy = Double(tally.heavy)
        return within(
            "missing_under_load", signal, requested: rate, realised: Double(tally.cells(of: .missingUnderLoad)) / heavy,
            variance: rate * (1 - rate) / heavy, jump: 1 / heavy, what: "the share of missing cells under load",
            key: "mess.missing_under_load")
    }

    func within(
        _ name: String, _ signal: MetricSignal, requested: Double, realised: Double, variance: Double, jump: Double, what: String,
        key: String
    ) -> QualityCheck {
        let sigmas = plan.spec.quality.tolerance(of: name)
        // Bernstein's inequality, as for contrasts: few large spells are skewed.
        let tolerance = sigmas * variance.squareRoot() + sigmas * sigmas / 6 * jump + 1e-12
        return .within(
            name, signal.metric.name, requested: requested, realised: realised, tolerance: tolerance, what: what, key: key
        ).against(0)
    }

    // MARK: Incidents

    /// How often each random incident begins in the window, and how much more often for labels with a factor of the rate.
    func incidentChecks() -> [QualityCheck] {
        let data = plan.spec.data
        guard !data.incidents.isEmpty else { return [] }
        let servers = plan.servers.prefix(Self.mostCountedServers)
        return IncidentPlan(data, steps: plan.steps).startCounts(servers: servers, ServerDirectory(data)).map(startCheck)
    }

    package func startCheck(_ count: StartCount) -> QualityCheck {
        let sigmas = plan.spec.quality.tolerance(of: count.factor == nil ? "incident_count" : "incident_rate")
        let tolerance = sigmas * count.variance.squareRoot() + sigmas * sigmas / 6
        let found = Double(count.found)
        func check(_ name: String, _ requested: Double, _ realised: Double, _ tolerance: Double, _ sentence: String, _ key: String)
            -> QualityCheck
        {
            let passes = (realised - requested).magnitude <= tolerance
            let scope = [count.name, count.scope].compactMap(\.self).joined(separator: ", ")
            return QualityCheck(
                name: name, metric: nil, scope: scope, verdict: passes ? .pass : .fail, requested: requested, realised: realised,
                tolerance: tolerance,
                sentence: "incident \(scope): \(sentence)"
                    + (passes ? "" : ", which is farther than the tolerance of \(tolerance.short); check incidents.\(count.name).\(key)")
            ).against(name == "incident_rate" ? 1 : 0)
        }
        guard let factor = count.factor else {
            return check(
                "incident_count", count.expected, found, tolerance,
                "begins \(count.found) times, \(count.expected.short) are expected", "per_year")
        }
        let realised = found / count.expected
        return check(
            "incident_rate", factor, realised, tolerance / count.expected,
            "the factor of the rate is \(realised.short), requested \(factor.short)", "rate_factors")
    }
}
