/// Measures one effect as a contrast of two groups of cells, free of all other effects because those are predicted for the same cells.
///
/// With realised and expected ratios R and R0 of the groups' means, the effect's parameter on the log scale is its configured value plus
/// (ln R - ln R0) / d, where d is how much ln R moves with the parameter. A cell is a class and slot of `MetricTally`; each counts as much as its
/// class has servers.
struct EffectContrast {
    /// The groups: true cells are contrasted with false cells, nil cells are left out.
    let groups: SlotChoice
    /// Difference of the groups in d ln(level) / d parameter.
    let sensitivity: Double

    enum Outcome {
        /// Distance of the realised from the configured parameter, and how much of it chance explains.
        case measured(difference: Double, chance: Double)
        case impossible(String)
    }

    func measure(_ expectation: MetricExpectation, sigmas: Double) -> Outcome {
        var (inside, outside) = (Group(), Group())
        switch groups {
        case .days(let days, let classes):
            for own in classes.compactMap({ expectation.classes[$0] }) {
                let found = Self.sums(own.days, days)
                inside.add(found.inside, of: own)
                outside.add(found.outside, of: own)
            }
        case .shape(let classes):
            for own in classes.compactMap({ expectation.classes[$0] }) {
                inside.add(own.high, of: own)
                outside.add(own.low, of: own)
            }
        case .classes(let classes):
            for (own, group) in zip(expectation.classes, classes) {
                guard let own, let group else { continue }
                if group { inside.add(own.whole, of: own) } else { outside.add(own.whole, of: own) }
            }
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

    /// The sums of the slots of each group.
    private static func sums(_ slots: [SlotSums], _ groups: [Bool?]) -> (inside: SlotSums, outside: SlotSums) {
        var (inside, outside) = (SlotSums(), SlotSums())
        slots.withUnsafeBufferPointer { slots in
            groups.withUnsafeBufferPointer { groups in
                for index in 0..<min(slots.count, groups.count) {
                    guard let group = groups[index] else { continue }
                    if group { inside.add(slots[index]) } else { outside.add(slots[index]) }
                }
            }
        }
        return (inside, outside)
    }

    private struct Group {
        /// Sum of the cells' weights.
        var weight = 0.0
        private var sum = 0.0
        private var expected = 0.0
        private var variance = 0.0
        private var jump = 0.0

        /// Adds cells of one class. What lasts in its servers adds up over them.
        mutating func add(_ sums: SlotSums, of own: ClassExpectation) {
            let w = own.weight
            weight += w * sums.count
            sum += w * sums.realised
            expected += w * sums.expected
            variance += w * w * (sums.variance + own.lasting * sums.count * sums.count + sums.parting * sums.parting)
            jump = max(jump, w * sums.jump)
        }

        var mean: Double { sum / weight }
        var expectedMean: Double { expected / weight }
        /// Variance of the mean over its expected square.
        var relativeVariance: Double { expected == 0 ? .infinity : variance / (expected * expected) }
        /// The largest weight of one cell over the expected mean.
        var relativeJump: Double { expected == 0 ? .infinity : jump / expected.magnitude }
    }
}
