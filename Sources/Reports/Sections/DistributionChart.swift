import Core

/// How often which values occur: all cells of a metric, in columns of equal width.
struct DistributionChart {
    let study: MetricStudy

    private static let height = 120.0
    private static let mostColumns = 60

    func figure() -> Figure {
        let columns = Self.columns(study.published, study.grid)
        let cells = columns.cells.map { Double($0) }
        let total = Double(max(1, study.published.present))
        let scale = LinearScale(0...max(1e-9, 100 * (cells.max() ?? 0) / total), ticks: 4, from: Self.height, to: 0)
        let places = LinearScale(columns.from...max(columns.from + columns.width, columns.to), ticks: 6, isExact: true, from: 0, to: 1)
        var plot = Plot(
            id: study.id + "-distribution", title: "\(study.metric.name): distribution of all cells",
            description: "Nine tenths of the values lie between \(study.words(study.summary.p5)) and \(study.words(study.summary.p95)); "
                + "the median is \(study.words(study.summary.p50)), the smallest value \(study.words(study.summary.min)), the largest "
                + "\(study.words(study.summary.max)).",
            height: Self.height, xLabel: study.unit, yLabel: "% of cells")
        plot.values(scale)
        for (index, tick) in places.ticks.enumerated() {
            plot.tick(places.label(tick), at: places(tick), isMinor: index % 2 == 1)
        }
        let unit = (places(columns.from + columns.width) - places(columns.from)) * Plot.width
        plot.marks.columns(
            cells.map { Self.height - scale(100 * $0 / total) }, from: places(columns.from) * Plot.width, width: unit, base: Self.height,
            class: "columns")
        for (name, value) in [("P5", study.summary.p5), ("P50", study.summary.p50), ("P95", study.summary.p95)] {
            if let value { plot.rule(name, at: places(value)) }
        }
        var table = DataTable(["from", "below", "cells"])
        for (index, count) in columns.cells.enumerated() {
            let from = columns.from + columns.width * Double(index)
            table.add([study.plain(from), study.plain(from + columns.width), "\(count)"])
        }
        return Figure(
            kind: "distribution", metric: study.metric.name, caption: "Distribution of all cells", picture: plot.svg, table: table)
    }

    /// Columns of a whole number of grid steps, from the smallest value on.
    private static func columns(_ tally: PublishedTally, _ grid: ValueGrid) -> (from: Double, to: Double, width: Double, cells: [UInt64]) {
        guard let first = tally.counts.firstIndex(where: { $0 > 0 }), let last = tally.counts.lastIndex(where: { $0 > 0 }) else {
            return (0, 1, 1, [])
        }
        let bins = max(1, (last - first + mostColumns) / mostColumns)
        let lowest = Int(grid.range.lowerBound) + first << grid.shift
        var cells: [UInt64] = []
        for start in stride(from: first, through: last, by: bins) {
            cells.append(tally.counts[start..<min(start + bins, tally.counts.count)].reduce(0, +))
        }
        let width = Double(bins << grid.shift) / grid.scale
        let from = grid.value(Double(lowest))
        return (from, from + width * Double(cells.count), width, cells)
    }
}
