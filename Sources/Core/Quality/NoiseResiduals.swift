import Kernels

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
    /// Server after server, step after step; not a number where a cell is missing, or near a bound.
    private let values: [Float]
    private let sums: ResidualSums
    /// How much of the moments lies beyond what was left out.
    private let lost: (skewness: Double, kurtosis: Double)
    private let shape: NoiseShape
    private let steps: Int

    private static let fewestCells = 1000.0

    init(_ rows: [NoiseSample.Row], _ signal: MetricSignal, classOf: (Int) -> Int) {
        let first = signal.classes[rows.first.map { classOf($0.server) } ?? 0]
        law = first.noise?.law ?? .plain
        isCorrelated = first.noise != nil
        (skewness, kurtosis) = (first.skewness, first.kurtosis)
        metric = first.metric
        shape = BentLaw.shape(first)
        steps = rows.first?.cells.count ?? 0
        squaredMemory = law.squaredInflation(steps: max(1, steps))
        // Four standard deviations where the bounds leave room for them, else three.
        let (far, near) = (max(shape(4), -shape(-4)), max(shape(3), -shape(-3)))
        var found = Self.residuals(rows, signal, classOf, reach: far)
        let isNear = found.sums.count < Self.fewestCells
        if isNear { found = Self.residuals(rows, signal, classOf, reach: near) }
        lost = Self.lost(shape, reach: isNear ? 3 : 4)
        (values, sums) = found
        let step = signal.metric.decimals == nil ? 0 : 1 / signal.grid.scale
        rounding = step * step / 12 * found.sums.inverseVariances / max(1, found.sums.count)
    }

    private static func residuals(
        _ rows: [NoiseSample.Row], _ signal: MetricSignal, _ classOf: (Int) -> Int, reach: Double
    ) -> (values: [Float], sums: ResidualSums) {
        var sums = ResidualSums()
        let count = rows.reduce(0) { $0 + $1.cells.count }
        let values = [Float](unsafeUninitializedCapacity: count) { out, filled in
            for row in rows {
                let own = signal.classes[classOf(row.server)]
                let window = fleetsynth_window(
                    bias: signal.bias(server: UInt32(row.server)), low: own.saturation?.lower ?? own.metric.minClip,
                    high: own.saturation?.upper ?? own.metric.maxClip, reach: reach, least_spread: 2 / signal.grid.scale)
                let residuals = UnsafeMutableBufferPointer(rebasing: out[filled..<filled + row.cells.count])
                // Cells first, where their residuals go.
                row.cells.fill(residuals, signal.grid)
                sums.add(residuals, own.level, own.spread, window)
                filled += residuals.count
            }
        }
        return (values, sums)
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
        let (products, squares, count) = (sums.products, sums.pairSquares, sums.pairs)
        guard count >= Self.fewestCells, squares > 0 else {
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
            key: "noise_half_life and noise_slow_share"
        ).against(0)
    }

    private func tailChecks(_ scope: String?, _ quality: QualitySpec) -> [QualityCheck] {
        let count = sums.count
        let enough = count / squaredMemory
        guard enough >= 100 else {
            return [("noise_skewness", skewness), ("noise_kurtosis", kurtosis)].map {
                .notApplicable($0, metric.name, scope: scope, requested: $1, because: "too few independent cells are away from the bounds")
            }
        }
        let (second, third, fourth) = sums.centralMoments
        let (foundSkewness, foundKurtosis) = (third / (second * second.squareRoot()), fourth / (second * second) - 3)
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
            what: what + (law.memory == nil && law.slow == nil ? "" : " with its memory"), key: name
        ).against(0)
    }

    /// The correlation of the same cells of two metrics, and how many there were.
    func correlation(_ other: NoiseResiduals) -> (value: Double, count: Double)? {
        var sums = [0.0, 0, 0, 0]
        fleetsynth_products(values, other.values, Int32(min(values.count, other.values.count)), &sums)
        let (product, left, right, count) = (sums[0], sums[1], sums[2], sums[3])
        guard count >= Self.fewestCells, left > 0, right > 0 else { return nil }
        return (product / (left * right).squareRoot(), count)
    }
}
