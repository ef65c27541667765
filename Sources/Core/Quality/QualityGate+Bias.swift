extension QualityGate {
    /// Whether the servers' offsets spread as configured: within each class, because classes have levels of their own.
    func biasCheck(_ signal: MetricSignal, _ tally: MetricTally, _ expectation: MetricExpectation) -> QualityCheck {
        let (name, requested) = (signal.metric.name, signal.metric.serverBiasStd)
        let count = Double(tally.servers.reduce(0) { $0 + $1.means.count })
        guard count >= 10 else {
            let which = tally.lives == nil ? "fewer than 10 servers" : "fewer than 10 servers live through the whole window"
            return .notApplicable("server_bias", name, requested: requested, because: which)
        }
        guard tally.lives != nil || tally.servers.allSatisfy({ $0.means.count == $0.bias.count }) else {
            return .notApplicable("server_bias", name, requested: requested, because: "some servers have no values")
        }
        let step = 1 / (16 * signal.grid.scale)
        let sigmas = plan.spec.quality.tolerance(of: "server_bias")
        var (realised, offset, drawn, error, largest, bend) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for (index, own) in expectation.classes.enumerated() {
            // Of servers that begin or end in the window none has a mean here.
            guard let own, tally.servers[index].means.count > 0 else { continue }
            let servers = Double(tally.servers[index].means.count)
            // Variance of a server's mean: its offset as far as clipping leaves it, the noise averaged over its steps, and the steps it misses.
            let expected = own.servers
            let present = own.noise.present
            let all = Double(signal.steps.count)
            let share = Double(tally.missing) / Double(max(1, tally.fileCells))
            let missing = max(0, tally.lives == nil ? 1 - present / (servers * all) : share)
            let steps = tally.lives == nil ? present / servers : all * (1 - missing)
            // Drawn without replacement: the rest of few steps is far from all of them.
            let gaps = all > 1 ? missing * expected.betweenSlots * all / (all - 1) / steps : 0
            let memory = own.memory(missing: signal.metric.missingRate)
            let noise = expected.noise * memory / steps + gaps
            // The variance around the mean of few servers is too small by one part in their number; one class alone has ten or more.
            let degrees = expectation.classes.count == 1 ? 1 : (servers - 1) / servers
            realised += servers * (tally.servers[index].means.variance * step * step - noise * degrees)
            // The offsets of a part of the servers vary less or more than those of all.
            let part = max(0, 1 / servers - 1 / Double(tally.servers[index].bias.count))
            error += servers * servers * 2 * part * expected.offset * expected.offset
            offset += servers * expected.offset
            drawn += servers * own.biasVariance
            // Noise averages differ between servers as a chi-square variable does; the offsets themselves are known exactly.
            let jump = own.jump / steps
            largest = max(largest, jump)
            let rare = signal.metric.outlierRate * steps * jump * jump * jump * jump
            // A missing step moves its server's mean by its distance from the others, and where most miss a step that is there does: rare and large,
            // not normal.
            let gap = all > 1 ? expected.reach / max(1, min(all - 1, steps)) : 0
            if missing > 0 { largest = max(largest, gap) }
            let rareGaps = missing * all * gap * gap * gap * gap
            let square = (2 + own.kurtosis / steps) * expected.noiseSquared * memory * memory / (steps * steps) + 2 * gaps * noise
            let product = 4 * (expected.noiseTimesDistance * memory / steps + gaps * expected.offset)
            error += servers * (square + product + rare + rareGaps)
            // What clipping leaves of a memory is known to a few hundredths.
            bend += servers * 0.05 * expected.noise * (memory - 1) / steps
        }
        (realised, offset, drawn) = (realised / count, offset / count, drawn / count)
        let skew = sigmas * sigmas / 6 * largest * largest / count
        let tolerance = sigmas * error.squareRoot() / count + skew + 0.05 * offset + bend / count + step * step * 256
        let passes = (realised - offset).magnitude <= tolerance
        let shown = requested == 0 ? 0 : (max(0, realised) / max(offset, .leastNormalMagnitude)).squareRoot() * drawn.squareRoot()
        var check = QualityCheck(
            name: "server_bias", metric: name, verdict: passes ? .pass : .fail, requested: requested, realised: shown, tolerance: nil,
            sentence: "\(name): the servers' offsets spread by \(shown.short), requested \(requested.short)"
                + (passes
                    ? "" : ", but their means show a variance of \(realised.short) where \(offset.short) belongs; check server_bias_std"))
        if passes, requested > 0 { check.conclusive = offset > tolerance }
        return check
    }
}
