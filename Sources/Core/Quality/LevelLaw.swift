/// What a class's servers are expected to have at each step, given the offsets that they drew, and the sums of that over all steps.
struct LevelLaw {
    /// All offsets of the class together.
    let whole: OffsetBin
    private let nodes: FactorNodes
    private let bins: [OffsetBin]
    private let reach: Double
    private let law: CellLaw
    private let own: ClassSignal
    // Per node: the mean's distance from the level, and over the servers its square and the variance of a cell.
    private var distances: [Double] = []
    private var squares: [Double] = []
    private var variances: [Double] = []
    private var covariances: [Double] = []
    private var slopes: [Double] = []
    private var perBin: [ServerExpectation.Bin]
    /// Shares of the cells at the bounds, over all servers and steps; nil where the law does not tell.
    private(set) var clip: ClipShares?

    /// - Parameter unit: Of the offsets, in the metric's unit.
    init(_ own: ClassSignal, _ servers: ServerTally, _ law: CellLaw, unit: Double) {
        self.own = own
        self.law = law
        let whole = OffsetBin(servers.bias, unit: unit)
        self.whole = whole
        let bins = unit == 0 ? [whole] : servers.biasBins.filter { $0.count > 0 }.map { OffsetBin($0, unit: unit) }
        self.bins = bins
        let reach = bins.reduce(0) { max($0, $1.mean.magnitude) } + unit * 6554
        self.reach = reach
        let count = Double(max(1, servers.bias.count))
        nodes = FactorNodes(steps: own.factor, width: law.smoothStep(own))
        perBin = [ServerExpectation.Bin](repeating: .init(), count: bins.count)
        for (factor, weight) in zip(nodes.factors, nodes.totals) {
            let (level, spread) = (own.mean * factor, own.metric.noise.spread(own.std, factor: factor).magnitude)
            // Where nothing is clipped a cell's mean is linear in the offset, and one bin for all is exact.
            let single = law.isLinear(level: level, spread: spread, reach: reach) ? law.cell(level: level, spread: spread, whole) : nil
            var (mean, square, variance, slope, covariance) = (0.0, 0.0, 0.0, 0.0, 0.0)
            if law.isNormal {
                var shares = clip ?? ClipShares()
                for bin in single == nil ? bins : [whole] {
                    shares.add(
                        law.beyond(level: level, spread: spread, bin), weight: weight * bin.count / (count * Double(own.factor.count)))
                }
                clip = shares
            }
            for (index, bin) in bins.enumerated() {
                let cell = single ?? law.cell(level: level, spread: spread, bin)
                let center = cell.mean + (single == nil ? 0 : cell.slope * (bin.mean - whole.mean))
                let distance = center - level
                mean += bin.count * distance
                square += bin.count * (distance * distance + cell.slope * cell.slope * bin.variance)
                variance += bin.count * cell.variance
                covariance += bin.count * (distance * (bin.mean - whole.mean) + cell.slope * bin.variance)
                slope += bin.count * cell.slope
                perBin[index].add(weight, mean: center, variance: cell.variance, slope: cell.slope)
            }
            distances.append(mean / count)
            squares.append(square / count)
            variances.append(variance / count)
            covariances.append(covariance / count)
            slopes.append(slope / count)
        }
    }

    /// What the offsets' bins add up to over all steps.
    var sums: Zip2Sequence<[OffsetBin], [ServerExpectation.Bin]> { zip(bins, perBin) }

    /// Mean over the servers less the level.
    func distance(_ step: Int) -> Double { nodes.value(step: step, of: distances) }

    /// Mean square of the servers' distances from the level.
    func square(_ step: Int) -> Double { nodes.value(step: step, of: squares) }

    /// Mean variance of a cell around its server's mean.
    func variance(_ step: Int) -> Double { max(0, nodes.value(step: step, of: variances)) }

    /// How much a server's mean moves with its offset, by the line that fits all servers best.
    func slope(_ step: Int) -> Double { whole.variance > 0 ? nodes.value(step: step, of: covariances) / whole.variance : 0 }
    /// How many times greater the variance of a server's mean over all steps is than without memory.
    ///
    /// What clipping leaves of the noise itself remembers as the noise does, the rest as its square does; outliers remember nothing.
    func inflation(first: Int) -> Double {
        guard let noise = own.noise?.law, noise.memory != nil || noise.slow != nil else { return 1 }
        var (white, rest, rare) = (0.0, 0.0, 0.0)
        let weights = own.spread.indices.map { step in
            let (all, weight) = (variance(step), nodes.value(step: step, of: slopes) * own.spread[step])
            white += all
            let other = max(0, all - weight * weight)
            let outliers = min(other, own.metric.outlierRate * jump(step) * jump(step))
            (rest, rare) = (rest + other - outliers, rare + outliers)
            return weight
        }
        guard white > 0 else { return 1 }
        let steps = own.spread.count
        return (noise.varianceOfSum(weights, first: first) + rest * noise.squaredInflation(steps: steps) + rare) / white
    }

    /// How far a rare cell may lie from common ones.
    func jump(_ step: Int) -> Double { law.jump(level: own.level[step], spread: own.spread[step].magnitude, reach: reach) }
}
