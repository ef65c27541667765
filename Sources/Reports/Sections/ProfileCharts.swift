import Core

/// Week, month and day profile of a metric: means over all cells, on one scale.
struct ProfileCharts {
    let study: MetricStudy
    let steps: StepRange

    private static let height = 120.0

    func figures() -> [Figure] {
        let week = study.means.weekdays(steps)
        let months = study.means.months(steps)
        let day = steps.granularity.isDaily ? [] : study.means.partsOfDay(steps)
        let scale = LinearScale((week + months + day).extent, ticks: 4, from: Self.height, to: 0)
        let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        var figures = [
            figure("week", "By weekday", "weekday (UTC)", Array(zip(names, week)), scale, words: { _ in true }),
            figure("month", "By month", "month", (0..<12).map { (TimeAxis.month($0 + 1), months[$0]) }, scale, words: { $0 % 3 == 0 }),
        ]
        if !day.isEmpty {
            let minutes = 1440 / day.count
            let parts = day.enumerated().map { index, mean in
                (name: "\(index * minutes / 60):\(index * minutes % 60 < 10 ? "0" : "")\(index * minutes % 60)", mean: mean)
            }
            let every = max(1, day.count / 4)
            figures.append(
                figure("day", "By time of day", "hour (UTC)", parts.map { ($0.name, $0.mean) }, scale, words: { $0 % every == 0 }))
        }
        return figures
    }

    private func figure(
        _ kind: String, _ caption: String, _ xLabel: String, _ means: [(name: String, mean: Double?)], _ scale: LinearScale,
        words: (Int) -> Bool
    ) -> Figure {
        let known = means.filter { $0.mean != nil }
        let low = known.min { $0.mean ?? 0 < $1.mean ?? 0 }
        let high = known.max { $0.mean ?? 0 < $1.mean ?? 0 }
        var plot = Plot(
            id: "\(study.id)-\(kind)", title: "\(study.metric.name) \(caption.lowercased()): fleet mean",
            description: low.map {
                "Lowest \($0.name) with \(study.words($0.mean)), highest \(high?.name ?? "") with \(study.words(high?.mean ?? nil))."
            } ?? "There are no values.",
            height: Self.height, xLabel: xLabel, yLabel: study.unit)
        plot.values(scale)
        let places = means.indices.map { (Double($0) + 0.5) / Double(means.count) }
        for (index, own) in means.enumerated() { plot.tick(words(index) ? own.name : nil, at: places[index]) }
        plot.marks.line(means.indices.map { (places[$0] * Plot.width, means[$0].mean.map { scale($0) }) }, class: "line")
        for (place, own) in zip(places, means) { if let mean = own.mean { plot.dot(at: place, y: scale(mean)) } }
        var table = DataTable([kind, "mean"])
        for own in means { table.add([own.name, study.plain(own.mean)]) }
        return Figure(kind: kind, metric: study.metric.name, caption: caption, picture: plot.svg, table: table)
    }
}
