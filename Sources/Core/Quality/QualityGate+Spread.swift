/// What the whole panel's histogram tells beside its means: how much noise there is, and how much of it the bounds cut off.
extension QualityGate {
    /// With fewer degrees of freedom the spread of the noise says nothing.
    private static let fewestDegrees = 100.0

    /// Why the histogram is not that of the plain signal; nil where it is. What is laid over the signal is published and not judged.
    private func strangeness(_ tally: MetricTally) -> String? {
        if tally.lives != nil { return "servers begin or end in the window" }
        if tally.cells(of: .duplicateRow) + tally.cells(of: .lateRow) > 0 { return "rows come twice or late, so they count otherwise" }
        let isTouched = tally.hidden > 0 || tally.publishedExcess != 0 || tally.causes.contains { $0 > 0 }
        return isTouched ? "incidents, lasting changes or mess change the cells" : nil
    }

    // MARK: Noise

    /// Whether the noise spreads as configured: what is left of the cells' squares when the means of slots and servers are taken out.
    ///
    /// ```
    /// sum (x - c)^2  -  sum n (slot mean - c)^2  -  sum steps (server mean - class mean)^2     two-way analysis of variance
    /// ```
    /// Effects and offsets that are wrong move means, not this, so it fails for noise alone.
    func noiseLevelCheck(_ signal: MetricSignal, _ tally: MetricTally, _ expectation: MetricExpectation) -> QualityCheck {
        let (metric, step) = (signal.metric, 1 / signal.grid.scale)
        func nothing(_ reason: String) -> QualityCheck {
            .notApplicable("noise_level", metric.name, requested: metric.baseStd, because: reason)
        }
        guard metric.baseStd > 0 else { return nothing("there is none") }
        if let reason = strangeness(tally) { return nothing(reason) }
        guard metric.decimals == nil || step <= 0.5 * metric.baseStd else { return nothing("values are rounded to steps of its size") }
        let width = Self.binWidth(tally)
        guard width <= 0.5 * metric.baseStd else { return nothing("values are counted in bins of its size") }
        guard tally.servers.allSatisfy({ $0.means.count == $0.bias.count }) else { return nothing("some servers have no values") }

        let center = tally.grid.value(expectation.meanWhole)
        var residual = tally.grid.squares(of: tally.counts, around: expectation.meanWhole) * step * step
        // Counting in bins adds to squares what rounding to their width would; rounding to steps is expected already.
        residual -= Double(tally.present) * (width * width - step * step) / 12
        var expected = NoiseSum()
        for (index, own) in expectation.classes.enumerated() {
            guard let own, own.noise.present > 0 else { continue }
            let servers = tally.servers[index].means
            residual -= own.noise.squares + own.noise.present * servers.variance * (step / 16) * (step / 16)
            let memory = signal.classes[index].noise?.law.squaredInflation(steps: signal.steps.count) ?? 1
            expected.add(
                own, means: Double(servers.count), rate: metric.outlierRate, missing: metric.missingRate, memory: memory,
                steps: Double(signal.steps.count))
        }
        guard expected.degrees >= Self.fewestDegrees else { return nothing("the panel is too small") }
        let sigmas = plan.spec.quality.tolerance(of: "noise_level")
        let scale = expected.visible
        let share = (expected.tolerance(sigmas: sigmas) + blur(tally, center)) / max(scale, .leastNormalMagnitude)
        guard share < 0.9 else { return nothing("it is small beside everything else") }
        let realised = metric.baseStd * max(0, 1 + (residual - expected.residual) / scale).squareRoot()
        return .within(
            "noise_level", metric.name, requested: metric.baseStd, realised: realised,
            tolerance: metric.baseStd * (1 - (1 - share).squareRoot()),
            what: "the noise's standard deviation", key: "base_std"
        ).against(0)
    }

    /// The width of a bin of the histogram, in the metric's unit.
    private static func binWidth(_ tally: MetricTally) -> Double { Double(1 << tally.grid.shift) / tally.grid.scale }

    /// How far cells at the bounds may be from the middle of their bins, in the sum of squares: they all lie to one side. 0 where every value has a bin.
    private func blur(_ tally: MetricTally, _ center: Double) -> Double {
        let grid = tally.grid
        guard grid.shift > 0, let first = tally.counts.first, let last = tally.counts.last else { return 0 }
        let (low, high) = (grid.value(Double(grid.range.lowerBound)), grid.value(Double(grid.range.upperBound)))
        return (Double(first) * (center - low).magnitude + Double(last) * (high - center).magnitude) * Self.binWidth(tally)
    }

    // MARK: Bounds

    /// Whether as many cells lie at each bound as the level, the offsets and the noise put there.
    func clipChecks(_ signal: MetricSignal, _ tally: MetricTally, _ expectation: MetricExpectation) -> [QualityCheck] {
        let metric = signal.metric
        var (low, high, lowChance, highChance, inflation) = (0.0, 0.0, 0.0, 0.0, 1.0)
        var reason = strangeness(tally)
        if tally.counts.count < 2 { reason = reason ?? "there is one value between the bounds" }
        if metric.baseStd < 0.1 * max(metric.serverBiasStd, Self.binWidth(tally)) || metric.baseStd == 0 {
            reason = reason ?? "there is too little noise to smooth it"
        }
        for (index, own) in expectation.classes.enumerated() {
            guard let own else { continue }
            guard let clip = own.clip else {
                reason = reason ?? "noise is not normal, or values saturate"
                break
            }
            low += own.weight * clip.low.share
            high += own.weight * clip.high.share
            lowChance += own.weight * clip.low.variance
            highChance += own.weight * clip.high.variance
            inflation = max(inflation, signal.classes[index].noise?.law.mostInflation(steps: signal.steps.count) ?? 1)
        }
        let present = Double(tally.present)
        // Which cells miss decides how often each step counts.
        let missing = 1 - present / Double(max(1, tally.fileCells))
        func check(_ name: String, _ share: Double, _ chance: Double, _ cells: UInt64, _ bound: String) -> QualityCheck {
            if let reason { return .notApplicable(name, metric.name, requested: nil, because: reason) }
            let (sigmas, requested) = (plan.spec.quality.tolerance(of: name), max(0, share))
            // Offsets are predicted in bins and levels between nodes: some parts in a hundred.
            let tolerance =
                sigmas * ((max(0, chance) * inflation + max(0, missing * requested * (1 - requested))) / present).squareRoot() + sigmas
                * sigmas / 6 * inflation / present + 0.03 * requested
                + 1e-7
            return .within(
                name, metric.name, requested: requested, realised: Double(cells) / present, tolerance: tolerance,
                what: "the share of cells at the \(bound) bound",
                key: "\(name == "clip_low" ? "min_clip" : "max_clip"), base_mean and base_std")
        }
        return [
            check("clip_low", low, lowChance, tally.counts.first ?? 0, "lower"),
            check("clip_high", high, highChance, tally.counts.last ?? 0, "upper"),
        ]
    }
}
