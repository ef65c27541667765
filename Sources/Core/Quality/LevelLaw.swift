/// What a class's servers are expected to have at each factor of its level, given the offsets that they drew, and the sums of that over all steps.
struct LevelLaw {
    /// All offsets of the class together.
    let whole: OffsetBin
    /// How far a rare cell may lie from common ones.
    let jump: RareJump
    /// By factor: the servers' mean less the level, and over the servers the square of that, the variance of a cell, and how much its mean moves
    /// with the offset.
    let course: FactorCourse
    /// Shares of the cells at the bounds, over all servers and steps; nil where the law does not tell.
    private(set) var clip: ClipShares?
    /// What the offsets' bins add up to over all steps.
    let sums: [(bin: OffsetBin, sums: ServerExpectation.Bin)]
    private let nodes: FactorNodes
    private var moved: [SIMD4<Double>] = []

    /// - Parameters:
    ///   - unit: Of the offsets, in the metric's unit.
    ///   - before: The nodes of the class before; becomes those of this one.
    init(_ own: ClassSignal, _ servers: ServerTally, _ law: CellLaw, unit: Double, after before: inout FactorNodes?) {
        let bins = OffsetBins(servers, unit: unit)
        let whole = bins.whole
        self.whole = whole
        jump = law.jump(reach: bins.reach)
        let range = FactorNodes.range(own.factor)
        let isParabola = law.isLinear(own, factors: range, reach: bins.reach)
        // Cubics through nodes an octave apart are exact then.
        let bits = isParabola ? 0 : law.smoothBits(own, factors: range)
        if let before, before.isFor(own.factor, bits: bits) {
            nodes = before
        } else {
            nodes = FactorNodes(steps: own.factor, range: range, bits: bits)
            before = nodes
        }
        var found = OffsetSums(bins)
        var values: [SIMD4<Double>] = []
        values.reserveCapacity(nodes.factors.count)
        let count = Double(max(1, servers.bias.count))
        for (factor, weight) in zip(nodes.factors, nodes.totals) {
            let (level, spread) = (own.mean * factor, own.metric.noise.spread(own.std, factor: factor).magnitude)
            let isLinear = isParabola || law.isLinear(level: level, spread: spread, reach: bins.reach)
            let rung = law.step <= 0.5 * spread ? bins.rung(spread: spread) : 0
            if law.isNormal, isParabola {
                clip = clip ?? ClipShares()
            } else if law.isNormal {
                let share = weight / (count * Double(own.factor.count))
                var shares = clip ?? ClipShares()
                if isLinear {
                    shares.add(law.beyond(level: level, spread: spread, whole), weight: share * whole.count)
                } else {
                    for (_, bin) in bins.rungs[rung] {
                        shares.add(law.beyond(level: level, spread: spread, bin), weight: share * bin.count)
                    }
                }
                clip = shares
            }
            if isLinear {
                // Where nothing is clipped a cell's mean is linear in the offset, and one bin for all is exact.
                let cell = law.unbent(level: level, spread: spread, whole)
                let (distance, shift) = (cell.mean - level, cell.slope * whole.variance)
                values.append(SIMD4(distance, distance * distance + cell.slope * shift, cell.variance, cell.slope))
                moved.append(SIMD4(shift, 0, 0, 0))
                found.straight.add(weight, mean: cell.mean, variance: cell.variance, slope: cell.slope)
                continue
            }
            var sums = SIMD4<Double>.zero
            var covariance = 0.0
            let rare = bins.rungs[rung].count > 1 ? law.rareOutlier(level: level, spread: spread, whole) : nil
            // By their addresses: hundreds of nodes, and some bins for each.
            bins.rungs[rung].withUnsafeBufferPointer { rungs in
                found.rungs[rung].withUnsafeMutableBufferPointer { found in
                    for index in rungs.indices {
                        let bin = rungs[index].bin
                        let cell = law.cell(level: level, spread: spread, bin, rare)
                        let (distance, shift) = (cell.mean - level, cell.slope * bin.variance)
                        sums += bin.count * SIMD4(distance, distance * distance + cell.slope * shift, cell.variance, cell.slope)
                        covariance += bin.count * (distance * (bin.mean - whole.mean) + shift)
                        found[index].add(weight, mean: cell.mean, variance: cell.variance, slope: cell.slope)
                    }
                }
            }
            values.append(sums / count)
            moved.append(SIMD4(covariance / count, 0, 0, 0))
        }
        course = nodes.course(values)
        sums = found.fine(bins)
    }

    /// How much a server's mean moves with its offset, times the variance of the offsets, by the line that fits all servers best: as those of `course`,
    /// one value instead of four.
    var covariances: [Double] { nodes.course(moved).cubics.map { $0[0] } }
}

/// Sums over the steps, for the bins of each rung.
private struct OffsetSums {
    var rungs: [[ServerExpectation.Bin]]
    /// Of the steps on which nothing is bent, for an offset of the mean.
    var straight = ServerExpectation.Bin()

    init(_ bins: OffsetBins) { rungs = bins.rungs.map { [ServerExpectation.Bin](repeating: .init(), count: $0.count) } }

    /// All of them for the narrowest bins: within a wider one a mean follows the line of its slope.
    func fine(_ bins: OffsetBins) -> [(bin: OffsetBin, sums: ServerExpectation.Bin)] {
        var indices = [Int](repeating: 0, count: rungs.count)
        return bins.rungs[0].map { place, bin in
            var sums = ServerExpectation.Bin()
            sums.add(straight, from: bins.whole.mean, to: bin.mean)
            for rung in rungs.indices {
                while bins.rungs[rung][indices[rung]].place < place >> rung { indices[rung] += 1 }
                sums.add(rungs[rung][indices[rung]], from: bins.rungs[rung][indices[rung]].bin.mean, to: bin.mean)
            }
            return (bin, sums)
        }
    }
}
