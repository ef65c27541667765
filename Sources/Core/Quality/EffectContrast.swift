/// Measures one effect as a contrast of two groups of cells, free of all other effects because those are predicted for the same cells.
///
/// With realised and expected ratios R and R0 of the groups' means, the effect's parameter on the log scale is its configured value plus
/// (ln R - ln R0) / d, where d is how much ln R moves with the parameter. A cell is a class and slot of `MetricTally`; each counts as much as its
/// class has servers.
struct EffectContrast {
    /// The groups: true cells are contrasted with false cells, nil cells are left out.
    let groups: [Bool?]
    /// Difference of the groups in d ln(level) / d parameter.
    let sensitivity: Double

    enum Outcome {
        /// Distance of the realised from the configured parameter, and how much of it chance explains.
        case measured(difference: Double, chance: Double)
        case impossible(String)
    }

    func measure(_ expectation: SlotExpectation, tally: MetricTally, sigmas: Double) -> Outcome {
        var (inside, outside) = (Group(), Group())
        let means = expectation.realised
        for (index, own) in expectation.classes.enumerated() {
            guard let own else { continue }
            for cell in index * tally.slots..<(index + 1) * tally.slots {
                guard let group = groups[cell], let mean = means[cell] else { continue }
                let cells = Double(tally.slotCells[cell])
                let (variance, jump) = (expectation.variances[cell] / cells, expectation.jumps[cell] / cells)
                if group {
                    inside.add(
                        mean, expected: expectation.means[cell], variance: variance, jump: jump, parting: expectation.partings[cell],
                        weight: own.weight)
                } else {
                    outside.add(
                        mean, expected: expectation.means[cell], variance: variance, jump: jump, parting: expectation.partings[cell],
                        weight: own.weight)
                }
            }
            inside.endClass(lasting: own.lasting)
            outside.endClass(lasting: own.lasting)
        }
        guard inside.weight > 0, outside.weight > 0 else { return .impossible("the panel has nothing to compare") }
        guard sensitivity.magnitude > 1e-9 else { return .impossible("the window is too short to show it") }
        let relative = (inside.relativeVariance + outside.relativeVariance).squareRoot()
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
        /// Sum of the cells' weights.
        var weight = 0.0
        private var sum = 0.0
        private var expected = 0.0
        private var variance = 0.0
        private var lasting = 0.0
        private var jump = 0.0
        private var classWeight = 0.0
        private var parting = 0.0

        mutating func add(
            _ mean: Double, expected value: Double, variance v: Double, jump j: Double, parting p: Double, weight w: Double
        ) {
            weight += w
            classWeight += w
            sum += w * mean
            expected += w * value
            variance += w * w * v
            jump = max(jump, w * j)
            parting += w * p
        }

        /// What lasts in a class's servers adds up over its cells.
        mutating func endClass(lasting value: Double) {
            lasting += value * classWeight * classWeight + parting * parting
            (classWeight, parting) = (0, 0)
        }

        var mean: Double { sum / weight }
        var expectedMean: Double { expected / weight }
        /// Variance of the mean over its expected square.
        var relativeVariance: Double { expected == 0 ? .infinity : (variance + lasting) / (expected * expected) }
        /// The largest weight of one cell over the expected mean.
        var relativeJump: Double { expected == 0 ? .infinity : jump / expected.magnitude }
    }
}
