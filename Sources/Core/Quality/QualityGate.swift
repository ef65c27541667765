/// Decides whether a panel may be published: is it whole, and is it what the config asked for?
public struct QualityGate: Sendable {
    private let plan: PanelPlan
    private let calendar: BusinessCalendar
    private let lifts: LiftDays

    /// The part of a tolerance that no amount of data shrinks: offsets are predicted in bins, noise is drawn in single precision.
    private static let allowance = 0.003
    /// With fewer cells the limit of the missing share gets a margin for chance: one missing cell of one is 100 per cent.
    private static let cellsOfSureShare = 1000

    /// A gate for the panels of one plan.
    public init(_ plan: PanelPlan) {
        self.plan = plan
        calendar = BusinessCalendar(plan.spec.data.holidayCalendar, covering: plan.days)
        lifts = LiftDays(plan.spec.data, days: plan.days, calendar: calendar)
    }

    /// - Parameters:
    ///   - facts: What was written.
    ///   - signals: The metrics' signals over the run's days.
    ///   - tallies: Same order as `signals`.
    public func judge(facts: PanelFacts, signals: [MetricSignal], tallies: [MetricTally]) -> QualityReport {
        judge(facts: facts, metrics: zip(signals, tallies).map(checks))
    }

    /// - Parameter metrics: The checks of each metric, in order.
    func judge(facts: PanelFacts, metrics: [[QualityCheck]]) -> QualityReport {
        QualityReport(checks: facts.checks(plan) + metrics.flatMap { $0 })
    }

    /// The checks of each metric, metrics in parallel: the long part of a judgement.
    func checks(signals: [MetricSignal], tallies: [MetricTally]) async -> [[QualityCheck]] {
        await withTaskGroup(of: (Int, [QualityCheck]).self) { tasks in
            for (index, pair) in zip(signals, tallies).enumerated() {
                tasks.addTask { (index, checks(pair.0, pair.1)) }
            }
            var found = [[QualityCheck]](repeating: [], count: signals.count)
            for await (index, checks) in tasks { found[index] = checks }
            return found
        }
    }

    /// One metric's checks; those of its effects only where a cell is present.
    private func checks(_ signal: MetricSignal, _ tally: MetricTally) -> [QualityCheck] {
        let checks = cellChecks(signal, tally)
        guard tally.present > 0 else { return checks }
        let expectation = DayExpectation(signal, tally: tally)
        return checks + (EffectKind.plain + lifts.kinds).map { effectCheck($0, signal, tally, expectation) } + [
            levelCheck(signal, tally, expectation), biasCheck(signal, tally, expectation),
        ]
    }

    private func cellChecks(_ signal: MetricSignal, _ tally: MetricTally) -> [QualityCheck] {
        let metric = signal.metric
        let cells = Double(max(1, tally.cells))
        let share = Double(tally.missing) / cells
        var checks = [
            missingShareCheck(metric, share: share, cells: tally.cells),
            rateCheck("missing_rate", metric.name, rate: metric.missingRate, events: tally.missing, cells: tally.cells, "missing rate"),
            rateCheck("outlier_rate", metric.name, rate: metric.outlierRate, events: tally.outliers, cells: tally.cells, "outlier rate"),
        ]
        if let low = tally.smallest, let high = tally.largest {
            let inside = low >= metric.minClip && high <= metric.maxClip
            checks.append(
                .limit(
                    "range", metric.name, passes: inside, requested: nil, realised: nil,
                    "\(metric.name): values lie from \(low.short) to \(high.short), clip range \(metric.minClip.short) to \(metric.maxClip.short)"
                ))
        }
        return checks
    }

    private func missingShareCheck(_ metric: MetricSpec, share: Double, cells: Int) -> QualityCheck {
        let limit = plan.spec.quality.maxMissingShare
        let n = Double(max(1, cells))
        let margin = cells < Self.cellsOfSureShare ? plan.spec.quality.effectTolerance * (limit * (1 - limit) / n).squareRoot() : 0
        let passes = share <= limit + margin
        return .limit(
            "missing_share", metric.name, passes: passes, requested: limit, realised: share,
            "\(metric.name): the share of missing cells is \(share.short), at most \(limit.short) is allowed"
                + (passes ? "" : " (quality.max_missing_share); lower missing_rate or raise that limit"))
    }

    private func rateCheck(_ name: String, _ metric: String, rate: Double, events: Int, cells: Int, _ what: String) -> QualityCheck {
        let n = Double(max(1, cells))
        // One event more or less is always within tolerance: the binomial is skewed where few are expected.
        let tolerance = plan.spec.quality.effectTolerance * (rate * (1 - rate) / n).squareRoot() + (rate > 0 ? 1 / n : 0)
        return .within(name, metric, requested: rate, realised: Double(events) / n, tolerance: tolerance, what: what, key: name)
    }

    private func levelCheck(_ signal: MetricSignal, _ tally: MetricTally, _ expectation: DayExpectation) -> QualityCheck {
        var (sum, expected, variance, jump, days) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (day, mean) in tally.dayMeans.enumerated() {
            guard let mean else { continue }
            sum += mean
            expected += expectation.means[day]
            variance += expectation.variances[day] / Double(tally.dayCells[day])
            jump = max(jump, expectation.jumps[day] / Double(tally.dayCells[day]))
            days += 1
        }
        let sigmas = plan.spec.quality.effectTolerance
        let allowance = Self.allowance * (signal.metric.baseStd + signal.metric.serverBiasStd) + 0.5 / signal.grid.scale
        let chance = sigmas * (variance / (days * days) + expectation.lasting).squareRoot() + sigmas * sigmas / 6 * jump / days
        let tolerance = chance + allowance
        return .within(
            "level", signal.metric.name, requested: expected / days, realised: sum / days, tolerance: tolerance, what: "mean level",
            key: "base_mean")
    }

    private func biasCheck(_ signal: MetricSignal, _ tally: MetricTally, _ expectation: DayExpectation) -> QualityCheck {
        let (name, requested) = (signal.metric.name, signal.metric.serverBiasStd)
        let servers = Double(tally.serverMeans.count)
        guard servers >= 10 else { return .notApplicable("server_bias", name, requested: requested, because: "fewer than 10 servers") }
        guard tally.serverMeans.count == tally.serverBias.count else {
            return .notApplicable("server_bias", name, requested: requested, because: "some servers have no values")
        }
        // Variance of a server's mean: its offset as far as clipping leaves it, the noise averaged over its days, and the days it misses.
        let expected = expectation.servers
        let offset = expected.offset
        let days = Double(tally.present) / servers
        let gaps = Double(tally.missing) / Double(tally.cells) * expected.betweenDays / days
        let noise = expected.noise / days + gaps
        let step = 1 / (16 * signal.grid.scale)
        let realised = tally.serverMeans.variance * step * step - noise
        // Noise averages differ between servers as a chi-square variable does; the offsets themselves are known exactly.
        let jump = (expectation.jumps.max() ?? 0) / days
        let rare = signal.metric.outlierRate * days * jump * jump * jump * jump
        let square = 2 * expected.noiseSquared / (days * days) + 2 * gaps * noise
        let product = 4 * (expected.noiseTimesDistance / days + gaps * offset)
        let error = ((square + product + rare) / servers).squareRoot()
        let sigmas = plan.spec.quality.effectTolerance
        let skew = sigmas * sigmas / 6 * jump * jump / servers
        let tolerance = sigmas * error + skew + 0.05 * offset + step * step * 256
        let passes = (realised - offset).magnitude <= tolerance
        let drawn =
            requested == 0
            ? 0 : (max(0, realised) / max(offset, .leastNormalMagnitude)).squareRoot() * expectation.biasVariance.squareRoot()
        return QualityCheck(
            name: "server_bias", metric: name, verdict: passes ? .pass : .fail, requested: requested, realised: drawn, tolerance: nil,
            sentence: "\(name): the servers' offsets spread by \(drawn.short), requested \(requested.short)"
                + (passes
                    ? "" : ", but their means show a variance of \(realised.short) where \(offset.short) belongs; check server_bias_std"))
    }

    private func effectCheck(_ kind: EffectKind, _ signal: MetricSignal, _ tally: MetricTally, _ expectation: DayExpectation)
        -> QualityCheck
    {
        let requested = kind.requested(signal)
        let contrast = kind.contrast(days: plan.days, calendar: calendar, data: plan.spec.data, lifts: lifts, requested: requested)
        switch contrast.measure(expectation, tally: tally, sigmas: plan.spec.quality.effectTolerance) {
        case .impossible(let reason):
            return .notApplicable(kind.rawValue, signal.metric.name, requested: requested, because: reason)
        case .measured(let difference, let chance):
            let bound = chance + Self.allowance / contrast.sensitivity.magnitude
            let realised = kind.parameter(requested, moved: difference)
            let tolerance = (kind.parameter(requested, moved: bound) - requested).magnitude
            return .within(
                kind.rawValue, signal.metric.name, requested: requested, realised: realised, tolerance: tolerance, what: kind.phrase,
                key: kind.key)
        }
    }
}
