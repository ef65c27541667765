/// Measures one effect as a contrast of two groups of days, free of all other effects because those are predicted for the same days.
///
/// With realised and expected ratios R and R0 of the groups' means, the effect's parameter on the log scale is its configured value plus
/// (ln R - ln R0) / d, where d is how much ln R moves with the parameter.
struct EffectContrast {
    /// The groups: true days are contrasted with false days, nil days are left out.
    let groups: [Bool?]
    /// Difference of the groups in d ln(level) / d parameter.
    let sensitivity: Double

    enum Outcome {
        /// Distance of the realised from the configured parameter, and one standard error of it.
        case measured(difference: Double, error: Double)
        case impossible(String)
    }

    func measure(_ expectation: DayExpectation, tally: MetricTally) -> Outcome {
        var (inside, outside) = (Group(), Group())
        let means = tally.dayMeans
        for (day, group) in groups.enumerated() {
            guard let group, let mean = means[day] else { continue }
            let variance = expectation.variances[day] / Double(tally.dayCells[day])
            if group {
                inside.add(mean, expected: expectation.means[day], variance: variance)
            } else {
                outside.add(mean, expected: expectation.means[day], variance: variance)
            }
        }
        guard inside.days > 0, outside.days > 0 else { return .impossible("the window has no days to compare") }
        guard sensitivity.magnitude > 1e-9 else { return .impossible("the window is too short to show it") }
        let relative = (inside.relativeVariance + outside.relativeVariance).squareRoot()
        guard inside.expectedMean > 0, outside.expectedMean > 0, relative < 0.2 else {
            return .impossible("the level is too near 0, or the panel too small, for a ratio")
        }
        guard inside.mean > 0, outside.mean > 0 else { return .measured(difference: -.greatestFiniteMagnitude, error: relative) }
        let ratio = ExactMath.log(inside.mean / outside.mean) - ExactMath.log(inside.expectedMean / outside.expectedMean)
        return .measured(difference: ratio / sensitivity, error: relative / sensitivity.magnitude)
    }

    private struct Group {
        var days = 0.0
        var sum = 0.0
        var expected = 0.0
        var variance = 0.0

        mutating func add(_ mean: Double, expected value: Double, variance v: Double) {
            days += 1
            sum += mean
            expected += value
            variance += v
        }

        var mean: Double { sum / days }
        var expectedMean: Double { expected / days }
        /// Variance of the mean over its expected square.
        var relativeVariance: Double { expected == 0 ? .infinity : variance / (expected * expected) }
    }
}
