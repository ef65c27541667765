/// Checks of noise that shows in single servers only.
extension QualityGate {
    /// Memory, skewness, kurtosis and correlations of the servers of one archetype; none where the noise is plain.
    ///
    /// - Parameters:
    ///   - signals: The metrics' signals over the run's steps.
    ///   - sample: Cells of a few servers.
    ///   - kind: The archetype, an index into the sample's rows.
    func noiseChecks(
        _ signals: [MetricSignal], _ sample: NoiseSample, kind: Int, _ fleet: FleetNoise, _ directory: ServerDirectory
    ) -> [QualityCheck] {
        let rows = sample.rows[kind]
        let scope = classes.archetypes.isEmpty ? nil : classes.archetypes[kind].name
        let metrics = Set(rows.map(\.metric)).sorted()
        var residuals: [Int: NoiseResiduals] = [:]
        for metric in metrics {
            let own = rows.filter { $0.metric == metric }
            residuals[metric] = NoiseResiduals(own, signals[metric]) { directory.classIndex(server: $0) }
        }
        let checks = metrics.flatMap { metric -> [QualityCheck] in
            guard let own = residuals[metric], own.law != .plain || own.isCorrelated else { return [] }
            return own.checks(scope, plan.spec.quality)
        }
        return checks + correlationChecks(fleet, kind, scope, signals, residuals)
    }

    private func correlationChecks(
        _ fleet: FleetNoise, _ kind: Int, _ scope: String?, _ signals: [MetricSignal], _ residuals: [Int: NoiseResiduals]
    ) -> [QualityCheck] {
        let archetype = classes.archetypes.isEmpty ? nil : classes.archetypes[kind]
        let asked = archetype?.noiseCorrelation ?? plan.spec.data.noiseCorrelation
        return fleet.correlations(kind: kind).map { pair in
            func residual(_ name: String) -> NoiseResiduals? {
                signals.firstIndex { $0.metric.name == name }.flatMap { residuals[$0] }
            }
            let wanted = asked.first { $0.first == pair.first && $0.second == pair.second }?.value ?? pair.value
            let what =
                "the correlation with the noise of \(pair.second)"
                + (wanted == pair.value ? "" : " (\(wanted.short) in the config, repaired to \(pair.value.short))")
            guard let a = residual(pair.first), let b = residual(pair.second),
                let (found, count) = a.correlation(b)
            else {
                return .notApplicable(
                    "noise_correlation", pair.first, scope: scope, requested: pair.value,
                    because: "too few cells are away from the bounds")
            }
            let requested = pair.value / ((1 + a.rounding) * (1 + b.rounding)).squareRoot()
            let r2 = requested * requested
            let memory = (a.squaredMemory * b.squaredMemory).squareRoot()
            let variance = ((1 - r2) * (1 - r2) + 0.1 * r2) * (1 + max(a.kurtosis, b.kurtosis) / 2) * memory / count
            let tolerance = plan.spec.quality.tolerance(of: "noise_correlation") * variance.squareRoot() + 0.01
            return .within(
                "noise_correlation", pair.first, scope: scope, requested: requested, realised: found, tolerance: tolerance, what: what,
                key: "noise_correlation"
            ).against(0)
        }
    }
}
