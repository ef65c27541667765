import Core
import Parquet
import Testing

@Suite("Panel")
struct PanelTests {
    /// Every cell of a plan, by metric and server.
    static func cells(_ plan: PanelPlan) -> [[[Double?]]] {
        let generator = PanelGenerator(plan)
        return generator.signals.indices.map { metric in plan.servers.map { generator.values(metric: metric, server: $0) } }
    }

    static func file(_ plan: PanelPlan, threads: Int = 2, rowsPerGroup: Int = PanelGenerator.rowsPerGroup) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try await PanelWriter(PanelGenerator(plan, rowsPerGroup: rowsPerGroup), threads: threads)
            .write(metadata: [("dataset", "fleet")], sink: { bytes += $0 })
        return bytes
    }

    @Test("a slice in time is that part of the whole", arguments: [nil, 2] as [Int?])
    func timeSlice(decimals: Int?) throws {
        let whole = try Specs.plan(Specs.data(from: "1969-11-20", to: "1971-03-02").with { $0.decimals = decimals })
        let all = Self.cells(whole)
        for (from, to) in [("1969-11-20", "1970-01-01"), ("1969-12-31", "1969-12-31"), ("1970-02-07", "1971-03-02")] {
            let slice = try whole.slice(from: Specs.day(from), to: Specs.day(to), servers: nil)
            let offset = slice.days.start - whole.days.start
            for (metric, servers) in Self.cells(slice).enumerated() {
                for (server, days) in servers.enumerated() {
                    #expect(days == Array(all[metric][server][offset..<offset + slice.days.count]))
                }
            }
        }
    }

    @Test("servers 8 to 13 of 20 are servers 8 to 13 of 200")
    func serverSlice() throws {
        let few = try Specs.plan(Specs.data(servers: 20)).slice(from: nil, to: nil, servers: 8...13)
        let many = try Specs.plan(Specs.data(servers: 200))
        let (part, all) = (Self.cells(few), Self.cells(many))
        for metric in part.indices { #expect(part[metric] == Array(all[metric][7..<13])) }
        let (a, b) = (ServerDirectory(few.spec.data), ServerDirectory(many.spec.data))
        for server in few.servers {
            #expect(a.id(server) == b.id(server))
            for label in ServerDirectory.Label.columns(few.spec.data) {
                #expect(a.index(of: label, server: server) == b.index(of: label, server: server))
            }
        }
    }

    @Test("a new metric changes no other, whatever its place")
    func newMetric() throws {
        var data = Specs.data()
        let before = Self.cells(try Specs.plan(data))
        data.metrics.insert(Specs.metric("gpu_p95"), at: 1)
        let after = Self.cells(try Specs.plan(data))
        #expect([after[0]] + after[2...] == before)
        #expect(after[1] != after[0])
    }

    @Test("switching one effect leaves the draws of all others: outliers and missing cells stay where they are")
    func switches() throws {
        let with = Self.cells(try Specs.plan())
        let without = Self.cells(try Specs.plan(Specs.data().with { $0.outlierRate = 0 }))
        var changed = 0
        for (a, b) in zip(with.joined().joined(), without.joined().joined()) {
            #expect((a == nil) == (b == nil))
            if a != b { changed += 1 }
        }
        let cells = Double(with.joined().joined().count)
        #expect(changed > 0 && Double(changed) < cells * 0.002)
    }

    @Test("any number of threads writes the same bytes", arguments: [1, 3, 8])
    func threads(threads: Int) async throws {
        let plan = try Specs.plan()
        let expected = try await Self.file(plan, threads: 2, rowsPerGroup: 3000)
        #expect(try await Self.file(plan, threads: threads, rowsPerGroup: 3000) == expected)
    }

    @Test("what the tallies count is what the cells hold", arguments: [2, nil] as [Int?])
    func tallies(decimals: Int?) async throws {
        let plan = try Specs.plan(Specs.data(servers: 30).with { $0.decimals = decimals })
        let generator = PanelGenerator(plan, rowsPerGroup: 5000)
        let outcome = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { _ in })
        #expect(generator.groups > 1 && outcome.facts.rows == plan.rows && outcome.facts.servers == 30)
        for (metric, servers) in Self.cells(plan).enumerated() {
            let summary = MetricSummary(outcome.tallies[metric], metric: plan.spec.data.metrics[metric])
            let values = servers.joined().compactMap { $0 }.sorted()
            let mean = values.reduce(0, +) / Double(values.count)
            let std = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
            #expect(summary.cells == plan.rows && summary.missing == plan.rows - values.count)
            #expect(summary.min == values.first && summary.max == values.last)
            // Full precision is counted in 32,769 bins or more over the clip range.
            let step = decimals == nil ? 98.0 / 32_768 : 1e-9
            for (realised, expected) in [
                (summary.mean, mean), (summary.std, std), (summary.p5, values[Int((0.05 * Double(values.count)).rounded(.up)) - 1]),
                (summary.p50, values[Int((0.5 * Double(values.count)).rounded(.up)) - 1]),
                (summary.p95, values[Int((0.95 * Double(values.count)).rounded(.up)) - 1]),
            ] { #expect(((realised ?? .nan) - expected).magnitude < step) }
            let firstDay = servers.compactMap(\.first).compactMap { $0 }
            #expect(((outcome.tallies[metric].slotMeans[0] ?? .nan) - firstDay.reduce(0, +) / Double(firstDay.count)).magnitude < 1e-6)
        }
    }

    @Test("the value of a cell is the documented formula of its draws")
    func formula() throws {
        let data = Specs.data().with {
            $0.outlierRate = 0
            $0.growthPerYear = 0.1
        }
        let plan = try Specs.plan(data)
        let calendar = BusinessCalendar(.usFederal)
        let metric = data.metrics[0]
        let noise = DrawStream(seed: 42, purpose: .noise, metric: metric.name)
        let words = DrawStream(seed: 42, purpose: .serverBias, metric: metric.name).words(server: 4, block: 0)
        let bias = Double(StandardNormal.pair(word: words[0], angle: UInt16(truncatingIfNeeded: words[1])).cosine)
        for (day, value) in zip(plan.days, PanelGenerator(plan).values(metric: 0, server: 4)) {
            let z = Double(StandardNormal.deviate(stream: noise, server: 4, step: day.number))
            let year = Double(day.year - 2022) + Double(day.dayOfYear - 1) / Double(day.daysInYear)
            var factor = day.isWeekend ? 0.8 : 1.0
            factor *= 1 + 0.1 * ExactMath.sinTurns(Double(day.dayOfYear - 1) / Double(day.daysInYear))
            if calendar.isInQuarterEndWindow(day, businessDays: 7, months: [3, 6, 9, 12]) { factor *= 1.25 }
            if calendar.isHoliday(day) { factor *= 0.85 }
            factor *= ExactMath.power(1.1, year)
            let x = min(max((45 + 12 * z) * factor + 6 * bias, 1), 99)
            if let value { #expect((value - x).magnitude <= 0.005 + 2e-5) }
        }
    }

    @Test("growth compounds to exactly its rate from one year to the next")
    func growth() {
        let effect = GrowthEffect(rate: 0.1, anchor: Specs.day("2022-01-01"))
        let calendar = BusinessCalendar(.usFederal)
        func factor(_ day: String) -> Double { effect.factors(on: DayRange(start: Specs.day(day), days: 1), calendar: calendar)[0] }
        #expect(factor("2022-01-01") == 1 && factor("2023-01-01") == 1.1 && factor("2024-01-01") == 1.1 * 1.1)
        for day in ["03-01", "06-17", "12-31"] { #expect((factor("2026-\(day)") / factor("2025-\(day)") - 1.1).magnitude < 1e-14) }
    }

    @Test("clip bounds that are no multiple of the last decimal are never exceeded, and exact ones are reached")
    func clipBounds() {
        var metric = Specs.metric("m")
        (metric.minClip, metric.maxClip, metric.decimals) = (0.07, 99.999, 2)
        let grid = ValueGrid(metric: metric)
        #expect(grid.range == 7...9999)
        #expect(grid.value(7) == 0.07 && grid.value(9999) == 99.99)
    }
}
