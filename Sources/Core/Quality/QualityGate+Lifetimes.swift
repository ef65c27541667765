extension QualityGate {
    /// Whether as many servers begin and end as asked for; none where all exist always.
    func lifetimeChecks() -> [QualityCheck] {
        let (data, quality) = (plan.spec.data, plan.spec.quality)
        let lifetimes = ServerLifetimes(data)
        guard !lifetimes.isUnbounded else { return [] }
        let (first, end) = (plan.days.start.number, plan.days.end.number + 1)
        var (commissioned, ends, exposed) = (0, 0, 0.0)
        for server in plan.servers {
            let own = lifetimes.days(server: server)
            if let spec = data.lifetime.commissioned, (spec.from.number...spec.to.number).contains(own.lowerBound) { commissioned += 1 }
            guard let spec = data.lifetime.decommission else { continue }
            // Days of the window on which the server could end, and whether it did.
            let possible = max(first, spec.from.number, own.lowerBound + 1)
            guard possible < end, own.upperBound >= possible else { continue }
            // The day of an end counts half: a rate is per time, and ends are drawn by the day.
            let ended = own.upperBound < end
            exposed += Double(min(own.upperBound, end) - possible) + (ended ? 0.5 : 0)
            ends += ended ? 1 : 0
        }
        var checks: [QualityCheck] = []
        if let spec = data.lifetime.commissioned {
            let servers = Double(plan.servers.count)
            let (realised, chance) = (Double(commissioned) / servers, (spec.share * (1 - spec.share) / servers).squareRoot())
            checks.append(
                check(
                    "commissioned_share", requested: spec.share, realised: realised,
                    tolerance: quality.tolerance(of: "commissioned_share") * chance + 1 / servers,
                    "the share of servers that are commissioned", key: "commissioned.share"))
        }
        if let spec = data.lifetime.decommission, exposed > 0 {
            let years = exposed / 365.2425
            let sigmas = quality.tolerance(of: "decommission_rate")
            let tolerance = (sigmas * (spec.perYear * years).squareRoot() + sigmas * sigmas / 6 + 1) / years
            checks.append(
                check(
                    "decommission_rate", requested: spec.perYear, realised: Double(ends) / years, tolerance: tolerance,
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
                + (passes ? "" : ", which is farther than the tolerance of \(tolerance.short); check data_generation.lifetime.\(key)"))
    }
}
