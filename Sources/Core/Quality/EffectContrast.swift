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
        /// Distance of the realised from the configured parameter, and how much of it chance explains.
        case measured(difference: Double, chance: Double)
        case impossible(String)
    }

    func measure(_ expectation: DayExpectation, tally: MetricTally, sigmas: Double) -> Outcome {
        var (inside, outside) = (Group(), Group())
        let means = tally.dayMeans
        for (day, group) in groups.enumerated() {
            guard let group, let mean = means[day] else { continue }
            let cells = Double(tally.dayCells[day])
            let (variance, jump) = (expectation.variances[day] / cells, expectation.jumps[day] / cells)
            if group {
                inside.add(mean, expected: expectation.means[day], variance: variance, jump: jump)
            } else {
                outside.add(mean, expected: expectation.means[day], variance: variance, jump: jump)
            }
        }
        guard inside.days > 0, outside.days > 0 else { return .impossible("the window has no days to compare") }
        guard sensitivity.magnitude > 1e-9 else { return .impossible("the window is too short to show it") }
        let relative = (inside.relativeVariance(expectation.lasting) + outside.relativeVariance(expectation.lasting)).squareRoot()
        // Bernstein's inequality: beside the normal part one for sums of few rare cells, which are skewed.
        let share = sigmas * relative + sigmas * sigmas / 6 * (inside.relativeJump + outside.relativeJump)
        guard inside.expectedMean > 0, outside.expectedMean > 0, share < 0.7 else {
            return .impossible("the level is too near 0, or the panel too small, for a ratio")
        }
        guard inside.mean > 0, outside.mean > 0 else { return .impossible("the realised level is not above 0") }
        let ratio = ExactMath.log(inside.mean / outside.mean) - ExactMath.log(inside.expectedMean / outside.expectedMean)
        return .measured(difference: ratio / sensitivity, chance: -ExactMath.log(1 - share) / sensitivity.magnitude)
    }

    private struct Group {
        var days = 0.0
        var sum = 0.0
        var expected = 0.0
        var variance = 0.0
        var jump = 0.0

        mutating func add(_ mean: Double, expected value: Double, variance v: Double, jump j: Double) {
            days += 1
            sum += mean
            expected += value
            variance += v
            jump = max(jump, j)
        }

        var mean: Double { sum / days }
        var expectedMean: Double { expected / days }
        /// Variance of the mean over its expected square.
        func relativeVariance(_ lasting: Double) -> Double {
            expected == 0 ? .infinity : (variance + lasting * days * days) / (expected * expected)
        }
        /// The largest weight of one cell over the expected mean.
        var relativeJump: Double { expected == 0 ? .infinity : jump / expected.magnitude }
    }
}
