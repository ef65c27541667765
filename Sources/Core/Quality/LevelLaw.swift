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
    private let nodes: FactorNodes
    private let bins: [OffsetBin]
    private var perBin: [ServerExpectation.Bin]
    private var covariances: [Double] = []

    /// Bins of offsets, in standard deviations of the noise, over which what a cell's mean is bent to is a parabola but for some
    /// hundred-thousandths.
    private static let smoothWidth = 0.35

    /// - Parameter unit: Of the offsets, in the metric's unit.
    init(_ own: ClassSignal, _ servers: ServerTally, _ law: CellLaw, unit: Double) {
        let whole = OffsetBin(servers.bias, unit: unit)
        self.whole = whole
        let range = FactorNodes.range(own.factor)
        let fine = unit == 0 ? [whole] : servers.biasBins.filter { $0.count > 0 }.map { OffsetBin($0, unit: unit) }
        let reach = fine.reduce(0) { max($0, $1.mean.magnitude) } + unit * ServerTally.binWidth
        jump = law.jump(reach: reach)
        let together = Self.smoothWidth * law.smoothSpread(own, factors: range) / max(unit * ServerTally.binWidth, .leastNormalMagnitude)
        let bins = unit == 0 || together < 2 ? fine : servers.merged(bins: Int(min(together, 128))).map { OffsetBin($0, unit: unit) }
        self.bins = bins
        let count = Double(max(1, servers.bias.count))
        nodes = FactorNodes(steps: own.factor, range: range, width: law.smoothStep(own, factors: range))
        perBin = [ServerExpectation.Bin](repeating: .init(), count: bins.count)
        var values: [SIMD4<Double>] = []
        values.reserveCapacity(nodes.factors.count)
        // Of the nodes at which nothing is bent.
        var straight = ServerExpectation.Bin()
        for (factor, weight) in zip(nodes.factors, nodes.totals(own.factor)) {
            let (level, spread) = (own.mean * factor, own.metric.noise.spread(own.std, factor: factor).magnitude)
            let isLinear = law.isLinear(level: level, spread: spread, reach: reach)
            if law.isNormal {
                let share = weight / (count * Double(own.factor.count))
                var shares = clip ?? ClipShares()
                for bin in isLinear ? [whole] : bins {
                    shares.add(law.beyond(level: level, spread: spread, bin), weight: share * bin.count)
                }
                clip = shares
            }
            if isLinear {
                // Where nothing is clipped a cell's mean is linear in the offset, and one bin for all is exact.
                let cell = law.unbent(level: level, spread: spread, whole)
                let (distance, moved) = (cell.mean - level, cell.slope * whole.variance)
                values.append(SIMD4(distance, distance * distance + cell.slope * moved, cell.variance, cell.slope))
                covariances.append(moved)
                straight.add(weight, mean: cell.mean, variance: cell.variance, slope: cell.slope)
                continue
            }
            var sums = SIMD4<Double>.zero
            var covariance = 0.0
            for (index, bin) in bins.enumerated() {
                let cell = law.cell(level: level, spread: spread, bin)
                let (distance, moved) = (cell.mean - level, cell.slope * bin.variance)
                sums += bin.count * SIMD4(distance, distance * distance + cell.slope * moved, cell.variance, cell.slope)
                covariance += bin.count * (distance * (bin.mean - whole.mean) + moved)
                perBin[index].add(weight, mean: cell.mean, variance: cell.variance, slope: cell.slope)
            }
            values.append(sums / count)
            covariances.append(covariance / count)
        }
        for (index, bin) in bins.enumerated() { perBin[index].add(straight, from: whole.mean, to: bin.mean) }
        course = nodes.course(values)
    }

    /// What the offsets' bins add up to over all steps.
    var sums: Zip2Sequence<[OffsetBin], [ServerExpectation.Bin]> { zip(bins, perBin) }

    /// How much a server's mean moves with its offset, times the variance of the offsets, by the line that fits all servers best.
    var covariance: FactorCourse { nodes.course(covariances) }
}
