/// How many servers begin and end.
package struct LifetimeCount {
    /// Servers that begin between the days of `commissioned`.
    var commissioned = 0
    /// Servers that end in the window.
    var ends = 0
    /// Days of the window on which a server could end, over all servers.
    var exposed = 0.0
}

extension QualityGate {
    /// Whether as many servers begin and end as asked for; none where all exist always.
    func lifetimeChecks() -> [QualityCheck] { lifetimeCount().map(lifetimeChecks) ?? [] }

    /// What the plan's draws give; nil where all servers exist always.
    /// - Complexity: O(servers).
    package func lifetimeCount() -> LifetimeCount? {
        let data = plan.spec.data
        let lifetimes = ServerLifetimes(data)
        guard !lifetimes.isUnbounded else { return nil }
        let (first, end) = (plan.days.start.number, plan.days.end.number + 1)
        var count = LifetimeCount()
        for server in plan.servers {
            let own = lifetimes.days(server: server)
            if let spec = data.lifetime.commissioned, (spec.from.number...spec.to.number).contains(own.lowerBound) {
                count.commissioned += 1
            }
            guard let spec = data.lifetime.decommission else { continue }
            // Days of the window on which the server could end, and whether it did.
            let possible = max(first, spec.from.number, own.lowerBound + 1)
            guard possible < end, own.upperBound >= possible else { continue }
            // The day of an end counts half: a rate is per time, and ends are drawn by the day.
            let ended = own.upperBound < end
            count.exposed += Double(min(own.upperBound, end) - possible) + (ended ? 0.5 : 0)
            count.ends += ended ? 1 : 0
        }
        return count
    }

    package func lifetimeChecks(_ count: LifetimeCount) -> [QualityCheck] {
        let (data, quality) = (plan.spec.data, plan.spec.quality)
        var checks: [QualityCheck] = []
        if let spec = data.lifetime.commissioned {
            let servers = Double(plan.servers.count)
            let (realised, chance) = (Double(count.commissioned) / servers, (spec.share * (1 - spec.share) / servers).squareRoot())
            checks.append(
                check(
                    "commissioned_share", requested: spec.share, realised: realised,
                    tolerance: quality.tolerance(of: "commissioned_share") * chance + 1 / servers,
                    "the share of servers that are commissioned", key: "commissioned.share"))
        }
        if let spec = data.lifetime.decommission, count.exposed > 0 {
            let years = count.exposed / 365.2425
            let sigmas = quality.tolerance(of: "decommission_rate")
            let tolerance = (sigmas * (spec.perYear * years).squareRoot() + sigmas * sigmas / 6 + 1) / years
            checks.append(
                check(
                    "decommission_rate", requested: spec.perYear, realised: Double(count.ends) / years, tolerance: tolerance,
                    "the rate of ends per server and year", key: "decommission.per_year"))
        }
        return checks
    }

    private func check(_ name: String, requested: Double, realised: Double, tolerance: Double, _ what: String, key: String) -> QualityCheck
    {
        let passes = (realised - requested).magnitude <= tolerance
        return QualityCheck(
            name: name, metric: nil, verdict: passes ? .pass : .fail, requested: requested, realised: realised, tolerance: tolerance,
            sentence: "\(what) is \(realised.short), requested \(requested.short)"
                + (passes ? "" : ", which is farther than the tolerance of \(tolerance.short); check data_generation.lifetime.\(key)")
        ).against(0)
    }
}
