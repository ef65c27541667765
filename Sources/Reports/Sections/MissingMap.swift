import Core

/// Where cells are missing: time to the right, metrics and then single servers downwards.
struct MissingMap {
    let generator: PanelGenerator
    let sample: FleetSample
    let sampled: String
    let axis: TimeAxis

    private static let mostServers = 30
    private static let mostMetrics = 24
    private static let row = 12.0

    /// Shares from which each look begins, and its words.
    private static let levels: [(above: Double, key: String, words: String)] = [
        (0, "gap1", "up to 1 %"), (0.01, "gap2", "to 5 %"), (0.05, "gap3", "to 25 %"), (0.25, "gap4", "to less than all"),
        (0.9999, "gap5", "all"),
    ]

    /// One line of the map.
    private struct Row {
        let label: String
        /// Missing cells and cells that there should be, by bin.
        var missing: [Int]
        var cells: [Int]
    }

    func figure() -> Figure {
        let bins = TimeBins(generator.plan.rowSteps, atMost: 120)
        let rows = rows(bins)
        let height = Self.row * Double(rows.count)
        let metrics = min(Self.mostMetrics, generator.signals.count)
        let missing = rows.prefix(metrics).reduce(0) { $0 + $1.missing.reduce(0, +) }
        let cells = rows.prefix(metrics).reduce(0) { $0 + $1.cells.reduce(0, +) }
        var plot = Plot(
            id: "missing", title: "Missing values by metric and by server, over time",
            description: "Share of missing cells in each \(bins.name): first one line for each metric over \(sampled), then one line "
                + "for each of \(rows.count - metrics) servers over all metrics. "
                + "Of the sampled cells \(Numbers.percent(cells == 0 ? 0 : Double(missing) / Double(cells))) are missing.",
            height: height, xLabel: "day (UTC)", yLabel: "")
        plot.time(axis)
        let width = Plot.width * Double(bins.steps) / Double(generator.plan.rowSteps.count)
        var boxes = [[(x: Double, y: Double, width: Double, height: Double)]](repeating: [], count: Self.levels.count + 1)
        var table = DataTable(["row", "missing cells by part of the time", "cells by part of the time"])
        for (index, row) in rows.enumerated() {
            let y = Self.row * Double(index)
            plot.row(row.label, at: y + Self.row / 2 + 3.5)
            for bin in 0..<bins.count {
                let box = (Double(bin) * width, y + 1, min(width, Plot.width - Double(bin) * width), Self.row - 2)
                if row.cells[bin] == 0 {
                    boxes[Self.levels.count].append(box)
                } else if row.missing[bin] > 0 {
                    let share = Double(row.missing[bin]) / Double(row.cells[bin])
                    boxes[(Self.levels.lastIndex { share > $0.above }) ?? 0].append(box)
                }
            }
            table.add([row.label, Self.list(row.missing), Self.list(row.cells)])
        }
        for (level, own) in zip(Self.levels.map(\.key) + ["absent"], boxes) { plot.marks.boxes(own, class: level) }
        var legend = Self.levels.map { (key: $0.key, words: $0.words) }
        if !boxes[Self.levels.count].isEmpty { legend.append(("absent", "no rows: the server does not exist")) }
        return Figure(
            kind: "missing", caption: "Missing cells, share of each \(bins.name):", legend: legend, picture: plot.svg, table: table)
    }

    private static func list(_ numbers: [Int]) -> String { numbers.map { "\($0)" }.joined(separator: " ") }

    private func rows(_ bins: TimeBins) -> [Row] {
        let shown = FleetSample.spread(Self.mostServers, over: sample.servers.indices)
        let metrics = sample.values.count
        let empty = [Int](repeating: 0, count: bins.count)
        var byMetric = generator.signals.map { Row(label: $0.metric.name, missing: empty, cells: empty) }
        var byServer = shown.map { Row(label: generator.directory.id(sample.servers[$0]), missing: empty, cells: empty) }
        var line = 0
        for place in sample.servers.indices {
            let isShown = line < shown.count && shown[line] == place
            var waiting = sample.waiting[place][...]
            for bin in 0..<bins.count {
                let own = bins.steps(of: bin).clamped(to: sample.spans[place])
                // Rows that have not come yet have no cells that could be missing.
                let late = waiting.prefix { $0 < own.upperBound }.count
                waiting = waiting.dropFirst(late)
                let cells = own.count - late
                for metric in 0..<metrics {
                    var missing = -late
                    sample.values[metric].withUnsafeBufferPointer { values in
                        for index in place * sample.steps + own.lowerBound..<place * sample.steps + own.upperBound {
                            missing += values[index].isNaN ? 1 : 0
                        }
                    }
                    byMetric[metric].missing[bin] += missing
                    byMetric[metric].cells[bin] += cells
                    guard isShown else { continue }
                    byServer[line].missing[bin] += missing
                    byServer[line].cells[bin] += cells
                }
            }
            line += isShown ? 1 : 0
        }
        return Array(byMetric.prefix(Self.mostMetrics)) + byServer
    }
}
