/// Checks of noise that shows in single servers only.
extension QualityGate {
    /// Memory, skewness, kurtosis and correlations, by archetype; none where the noise is plain.
    ///
    /// - Parameters:
    ///   - signals: The metrics' signals over the run's steps.
    ///   - sample: Cells of a few servers.
    func noiseChecks(_ signals: [MetricSignal], _ sample: NoiseSample?) -> [QualityCheck] {
        guard let sample else { return [] }
        let fleet = FleetNoise(plan.spec.data)
        let directory = ServerDirectory(plan.spec.data)
        var checks: [QualityCheck] = []
        for (kind, rows) in sample.rows.enumerated() {
            let scope = classes.archetypes.isEmpty ? nil : classes.archetypes[kind].name
            let metrics = Set(rows.map(\.metric)).sorted()
            var residuals: [Int: NoiseResiduals] = [:]
            for metric in metrics {
                let own = rows.filter { $0.metric == metric }
                residuals[metric] = NoiseResiduals(own, signals[metric]) { directory.classIndex(server: $0) }
            }
            for metric in metrics {
                guard let own = residuals[metric], own.law != .plain || own.isCorrelated else { continue }
                checks += own.checks(scope, plan.spec.quality)
            }
            checks += correlationChecks(fleet, kind, scope, signals, residuals)
        }
        return checks
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
                key: "noise_correlation")
        }
    }
}

/// One metric's noise in a sample: cells less level and offset, over the spread, where neither bound is near.
struct NoiseResiduals {
    let law: NoiseLaw
    let isCorrelated: Bool
    let skewness: Double
    let kurtosis: Double
    /// Variance of rounding, in that of the noise.
    let rounding: Double
    /// Sum of the squared autocorrelations.
    let squaredMemory: Double
    private let metric: MetricSpec
    /// Per server and step; not a number where a cell is missing, or near a bound.
    private let values: [[Float]]
    /// How much of the moments lies beyond what was left out.
    private let lost: (skewness: Double, kurtosis: Double)
    private let shape: NoiseShape
    private let steps: Int

    private static let fewestCells = 1000

    init(_ rows: [NoiseSample.Row], _ signal: MetricSignal, classOf: (Int) -> Int) {
        let first = signal.classes[rows.first.map { classOf($0.server) } ?? 0]
        law = first.noise?.law ?? .plain
        isCorrelated = first.noise != nil
        (skewness, kurtosis) = (first.skewness, first.kurtosis)
        metric = first.metric
        shape = BentLaw.shape(first)
        steps = rows.first?.values.count ?? 0
        squaredMemory = law.squaredInflation(steps: max(1, steps))
        // Four standard deviations where the bounds leave room for them, else three.
        let (far, near) = (max(shape(4), -shape(-4)), max(shape(3), -shape(-3)))
        var found = Self.residuals(rows, signal, classOf, reach: far)
        let isNear = found.count < Self.fewestCells
        if isNear { found = Self.residuals(rows, signal, classOf, reach: near) }
        lost = Self.lost(shape, reach: isNear ? 3 : 4)
        (values, rounding) = (found.values, found.rounding)
    }

    private static func residuals(
        _ rows: [NoiseSample.Row], _ signal: MetricSignal, _ classOf: (Int) -> Int, reach: Double
    ) -> (values: [[Float]], rounding: Double, count: Int) {
        let step = 1 / signal.grid.scale
        var (count, rounding) = (0, 0.0)
        let values = rows.map { row in
            let own = signal.classes[classOf(row.server)]
            let (low, high) = (own.saturation?.lower ?? own.metric.minClip, own.saturation?.upper ?? own.metric.maxClip)
            let bias = signal.bias(server: UInt32(row.server))
            return row.values.enumerated().map { index, value in
                let (mean, spread) = (own.level[index] + bias, own.spread[index].magnitude)
                guard !value.isNaN, step <= 0.5 * spread, mean - reach * spread >= low, mean + reach * spread <= high else {
                    return Float.nan
                }
                count += 1
                rounding += signal.metric.decimals == nil ? 0 : step * step / 12 / (spread * spread)
                return Float((Double(value) - mean) / own.spread[index])
            }
        }
        return (values, rounding / Double(max(1, count)), count)
    }

    /// What clipping the noise at its values for deviates of `reach` takes from its third and fourth moment.
    private static func lost(_ shape: NoiseShape, reach: Double) -> (skewness: Double, kurtosis: Double) {
        let bound = max(shape(reach), -shape(-reach))
        var (third, fourth) = (0.0, 0.0)
        for (z, weight) in zip(BentLaw.deviates, BentLaw.weights) {
            let x = shape(z)
            let y = min(max(x, -bound), bound)
            third += weight * (x * x * x - y * y * y)
            fourth += weight * (x * x * x * x - y * y * y * y)
        }
        return (third.magnitude, fourth)
    }

    // MARK: Checks

    func checks(_ scope: String?, _ quality: QualitySpec) -> [QualityCheck] {
        [memoryCheck(scope, quality.tolerance(of: "noise_memory"))] + tailChecks(scope, quality)
    }

    private func memoryCheck(_ scope: String?, _ sigmas: Double) -> QualityCheck {
        let requested = law.autocorrelation(1)
        var (products, squares, count) = (0.0, 0.0, 0.0)
        for row in values {
            for index in row.indices.dropFirst() {
                let (x, y) = (Double(row[index - 1]), Double(row[index]))
                guard !x.isNaN, !y.isNaN else { continue }
                products += x * y
                squares += 0.5 * (x * x + y * y)
                count += 1
            }
        }
        guard count >= Double(Self.fewestCells), squares > 0 else {
            return .notApplicable(
                "noise_memory", metric.name, scope: scope, requested: requested, because: "too few cells are away from the bounds")
        }
        // Bartlett's formula, which holds whatever the innovations' distribution.
        let fast = law.memory.map { $0.lead } ?? 0
        let slow = law.slow.map { $0.memory.lead << $0.shift } ?? 0
        let most = max(1, min(steps, 4 + fast + slow))
        let known = law.autocorrelations(upTo: most + 1)
        var sum = 0.0
        for lag in 1...most {
            let term: Double = known[lag + 1] + known[lag - 1] - 2 * requested * known[lag]
            sum += term * term
        }
        let expected = requested / (1 + rounding)
        return .within(
            "noise_memory", metric.name, scope: scope, requested: expected, realised: products / squares,
            tolerance: sigmas * (max(sum, 1e-6) / count).squareRoot() + 0.01, what: "the noise's correlation from step to step",
            key: "noise_half_life and noise_slow_share")
    }

    private func tailChecks(_ scope: String?, _ quality: QualitySpec) -> [QualityCheck] {
        var (count, mean) = (0.0, 0.0)
        for row in values { for x in row where !x.isNaN { (count, mean) = (count + 1, mean + Double(x)) } }
        let enough = count / squaredMemory
        guard enough >= 100 else {
            return [("noise_skewness", skewness), ("noise_kurtosis", kurtosis)].map {
                .notApplicable($0, metric.name, scope: scope, requested: $1, because: "too few independent cells are away from the bounds")
            }
        }
        mean /= count
        var (second, third, fourth) = (0.0, 0.0, 0.0)
        for row in values {
            for x in row where !x.isNaN {
                let d = Double(x) - mean
                second += d * d
                third += d * d * d
                fourth += d * d * d * d
            }
        }
        second /= count
        let (foundSkewness, foundKurtosis) = (third / count / (second * second.squareRoot()), fourth / count / (second * second) - 3)
        // Variance and reach of the estimators' influence functions.
        var (bySkewness, byKurtosis) = (0.0, 0.0)
        let k = kurtosis + 3
        func influence(_ x: Double) -> (Double, Double) {
            let square = x * x - 1
            let third = x * x * x - 3 * x - skewness - 1.5 * skewness * square
            let fourth = x * x * x * x - k - 4 * skewness * x - 2 * k * square
            return (third, fourth)
        }
        for (z, weight) in zip(BentLaw.deviates, BentLaw.weights) {
            let (a, b) = influence(shape(z))
            bySkewness += weight * a * a
            byKurtosis += weight * b * b
        }
        let far = influence(max(shape(4.5), -shape(-4.5)))
        func tolerance(_ name: String, _ variance: Double, _ far: Double, _ lost: Double, _ value: Double) -> Double {
            let sigmas = quality.tolerance(of: name)
            let chance: Double = sigmas * (variance / enough).squareRoot()
            let rare: Double = sigmas * sigmas / 6 * far.magnitude / enough
            return chance + rare + lost + 0.03 * value.magnitude + 0.02
        }
        return [
            tail(
                "noise_skewness", scope, skewness, foundSkewness, tolerance("noise_skewness", bySkewness, far.0, lost.skewness, skewness),
                "the noise's skewness"),
            tail(
                "noise_kurtosis", scope, kurtosis, foundKurtosis,
                tolerance("noise_kurtosis", byKurtosis, far.1, lost.kurtosis, kurtosis + 1),
                "the noise's excess kurtosis"),
        ]
    }

    private func tail(
        _ name: String, _ scope: String?, _ requested: Double, _ found: Double, _ tolerance: Double, _ what: String
    ) -> QualityCheck {
        guard tolerance < 1 + requested.magnitude else {
            return .notApplicable(name, metric.name, scope: scope, requested: requested, because: "too few cells show their tails")
        }
        return .within(
            name, metric.name, scope: scope, requested: requested, realised: found, tolerance: tolerance,
            what: what + (law.memory == nil && law.slow == nil ? "" : " with its memory"), key: name)
    }

    /// The correlation of the same cells of two metrics, and how many there were.
    func correlation(_ other: NoiseResiduals) -> (value: Double, count: Double)? {
        var (product, left, right, count) = (0.0, 0.0, 0.0, 0.0)
        for (row, partner) in zip(values, other.values) {
            for (a, b) in zip(row, partner) {
                let (x, y) = (Double(a), Double(b))
                guard !x.isNaN, !y.isNaN else { continue }
                product += x * y
                left += x * x
                right += y * y
                count += 1
            }
        }
        guard count >= Double(Self.fewestCells), left > 0, right > 0 else { return nil }
        return (product / (left * right).squareRoot(), count)
    }
}
