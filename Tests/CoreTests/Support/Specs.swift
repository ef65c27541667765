import Core

/// Specs for tests, made by the loader and then changed where a test needs it.
enum Specs {
    /// The four default metrics.
    static var fourMetrics: [MetricSpec] { dataset().data.metrics }

    static func metric(_ name: String) -> MetricSpec {
        var metric = fourMetrics[0]
        metric.name = name
        return metric
    }

    static func data(servers: Int = 20, from: String = "2022-01-01", to: String = "2023-12-31", seed: UInt64 = 42) -> DataSpec {
        var data = dataset().data
        data.servers = servers
        data.start = .fixed(day(from))
        data.end = .fixed(day(to))
        data.seed = seed
        return data
    }

    /// The dataset of a config text, by default one without any setting.
    static func dataset(_ yaml: String = "data_generation: {}") -> DatasetSpec {
        do {
            return try ConfigLoader.load(bytes: Array(yaml.utf8), file: "fleet.yaml", today: day("2026-01-01")).spec
        } catch {
            preconditionFailure(error.text)
        }
    }

    static func plan(_ data: DataSpec = data()) throws -> PanelPlan {
        var dataset = dataset()
        dataset.data = data
        dataset.output.compression = .none
        return try PanelPlan(dataset, today: day("2026-01-01"))
    }

    static func day(_ iso: String) -> Day {
        guard let day = Day(iso: iso) else { preconditionFailure("\(iso) is a day") }
        return day
    }
}

extension DataSpec {
    /// A copy whose metrics are changed.
    func with(_ change: (inout MetricSpec) -> Void) -> DataSpec {
        var copy = self
        for index in copy.metrics.indices { change(&copy.metrics[index]) }
        return copy
    }
}
