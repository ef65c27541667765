/// Lasting changes and shared factors: asked for against found.
extension QualityGate {
    /// Servers that are looked at, at most: so many show a rate or a share that is wrong.
    private static let mostChangedServers = 10_000

    /// How many servers each lasting change comes to, and how often it comes at random.
    package func changeChecks() -> [QualityCheck] {
        let data = plan.spec.data
        guard let lasting = LastingPlan(data, steps: plan.steps, directory: ServerDirectory(data)) else { return [] }
        return lasting.counts(servers: plan.servers.prefix(Self.mostChangedServers)).flatMap(changeChecks)
    }

    package func changeChecks(_ count: ChangeCount) -> [QualityCheck] {
        var checks: [QualityCheck] = []
        if count.share < 1, count.eligible > 0 {
            let (all, sigmas) = (Double(count.eligible), plan.spec.quality.tolerance(of: "change_share"))
            let tolerance = (sigmas * (count.share * (1 - count.share) * all).squareRoot() + sigmas * sigmas / 6) / all
            checks.append(
                check(
                    "change_share", count.name, requested: count.share, realised: Double(count.touched) / all, tolerance: tolerance,
                    "the share of servers that it comes to", key: "share"))
        }
        if let rate = count.rate, count.touched > 0 {
            let sigmas = plan.spec.quality.tolerance(of: "change_rate")
            let expected = rate * Double(count.touched) * Double(plan.days.count)
            let tolerance = sigmas * (expected * (1 - rate)).squareRoot() + sigmas * sigmas / 6
            let years = Double(count.touched) * Double(plan.days.count) / 365.2425
            checks.append(
                check(
                    "change_rate", count.name, requested: expected / years, realised: Double(count.found) / years,
                    tolerance: tolerance / years, "how often it comes to a server in a year", key: "per_year"))
        }
        return checks
    }

    private func check(
        _ name: String, _ change: String, requested: Double, realised: Double, tolerance: Double, _ what: String, key: String
    ) -> QualityCheck {
        let passes = (realised - requested).magnitude <= tolerance
        return QualityCheck(
            name: name, metric: nil, scope: change, verdict: passes ? .pass : .fail, requested: requested, realised: realised,
            tolerance: tolerance,
            sentence: "change \(change): \(what) is \(realised.short), requested \(requested.short)"
                + (passes ? "" : ", which is farther than the tolerance of \(tolerance.short); check changes.\(change).\(key)")
        ).against(0)
    }

    // MARK: Shared factors

    /// The standard deviation of each shared factor in each metric, over all its labels and the run's steps.
    package func factorChecks() -> [QualityCheck] {
        SharedFactors(plan.spec.data, steps: plan.steps).spreads(plan.spec.data).map(factorCheck)
    }

    package func factorCheck(_ own: FactorSpread) -> QualityCheck {
        let (name, sigmas) = ("shared_factor", plan.spec.quality.tolerance(of: "shared_factor"))
        guard own.independent >= 20 else {
            return .notApplicable(
                name, own.metric, scope: own.name, requested: own.expected, because: "the window holds too few of the factor's waves")
        }
        // Squares of normal deviates have twice the square of their variance; clipping at 0 takes from the tail.
        let square = own.expected * own.expected
        let chance = sigmas * (2 / own.independent).squareRoot() + sigmas * sigmas / 6 * 10 / own.independent
        let tolerance = (square * (1 + chance)).squareRoot() - own.expected + 0.01 * own.expected
        return .within(
            name, own.metric, scope: own.name, requested: own.expected, realised: own.found, tolerance: tolerance,
            what: "the shared factor's standard deviation", key: "incidents.\(own.name).metrics"
        ).against(0)
    }
}
