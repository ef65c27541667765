import Core

/// All about one metric that the pictures show, worked out once.
struct MetricStudy: Sendable {
    let index: Int
    let metric: MetricSpec
    let summary: MetricSummary
    let published: PublishedTally
    let grid: ValueGrid
    let means: FleetMeans
    let bands: BinBands
    let spreads: [LabelSpread]

    init(_ index: Int, _ material: ReportMaterial, _ sample: FleetSample, _ bins: TimeBins) {
        self.index = index
        metric = material.generator.plan.spec.data.metrics[index]
        summary = material.metrics[index]
        let tally = material.tallies[index]
        (published, grid) = (tally.published, tally.grid)
        means = FleetMeans(tally)
        bands = BinBands(sample, metric: index, bins, range: [summary.min, summary.max].extent)
        spreads = LabelSpread.all(sample, metric: index, material.generator)
    }

    /// The name for ids of the page, which are letters and digits.
    var id: String { "m\(index)" }

    /// The unit, or what stands for it.
    var unit: String { metric.unit.isEmpty ? metric.name : metric.unit }

    /// A value with its unit.
    func words(_ value: Double?) -> String {
        guard let value else { return "none" }
        return Numbers.readable(value) + (metric.unit.isEmpty ? "" : " " + metric.unit)
    }

    /// Decimals of the numbers behind a chart: two more than people need.
    var places: Int { min(9, Numbers.decimals(for: max(summary.max?.magnitude ?? 1, summary.min?.magnitude ?? 1)) + 2) }

    /// A value as the tables of numbers have it.
    func plain(_ value: Double?) -> String { Numbers.plain(value, places) }
}

extension Sequence<Double?> {
    /// The smallest and the largest of those that are there; 0 to 1 where none is.
    var extent: ClosedRange<Double> {
        var (low, high) = (Double.infinity, -Double.infinity)
        for case let value? in self where value.isFinite { (low, high) = (Swift.min(low, value), Swift.max(high, value)) }
        return low <= high ? low...high : 0...1
    }
}
