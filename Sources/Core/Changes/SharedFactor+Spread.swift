/// The standard deviation of a shared factor in one metric, over its labels and the steps of a run.
package struct FactorSpread {
    /// The incident.
    package let name: String
    /// The metric's name.
    package let metric: String
    /// What is asked for, less what the bound at 0 takes.
    package let expected: Double
    /// What the waves have.
    package var found: Double
    /// Independent values among the steps of all labels.
    package let independent: Double
}

extension SharedFactors {
    /// Sum of the squared correlations of a wave's nodes, (1 + m^2) / (1 - m^2), times what the lines between them add.
    private static let squaredMemory = 2.5

    /// - Complexity: O(labels * metrics * steps).
    package func spreads(_ data: DataSpec) -> [FactorSpread] {
        waves.flatMap { own in
            data.metrics.indices.compactMap { metric in
                guard case .factor(let deviation)? = own.spec.metrics.first(where: { $0.metric == data.metrics[metric].name })?.effect
                else {
                    return nil
                }
                let (mean, variance) = Self.moments(deviation)
                var (sum, count) = (0.0, 0)
                for wave in own.byLabel.compactMap({ $0.isEmpty ? nil : $0[metric] }) {
                    for factor in wave { sum += (factor - mean) * (factor - mean) }
                    count += wave.count
                }
                guard count > 0 else { return nil }
                let spacing = Double(SpellRate.steps(own.spec.duration, data.granularity))
                return FactorSpread(
                    name: own.spec.name, metric: data.metrics[metric].name, expected: variance.squareRoot(),
                    found: (sum / Double(count)).squareRoot(), independent: Double(count) / (spacing * Self.squaredMemory))
            }
        }
    }

    /// Mean and variance of 1 + deviation * g with g standard normal, at least 0.
    static func moments(_ deviation: Double) -> (mean: Double, variance: Double) {
        let bound = 1 / deviation
        let (inside, density) = (ExactMath.normalCDF(bound), deviation * ExactMath.normalDensity(bound))
        let mean = inside + density
        return (mean, (1 + deviation * deviation) * inside + density - mean * mean)
    }
}
