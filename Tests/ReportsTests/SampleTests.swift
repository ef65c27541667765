import Core
import Reports
import Testing

@Suite("Samples and bins")
struct SampleTests {
    static func steps(_ from: String, _ to: String, _ granularity: String) throws -> StepRange {
        let days = DayRange(start: try #require(Day(iso: from)), end: try #require(Day(iso: to)))
        return StepRange(days, try #require(Granularity(granularity)))
    }

    @Test(
        "bins are natural, cover the window and are no more than asked for",
        arguments: [
            ("2024-01-01", "2024-12-31", "daily", "day", 366), ("2022-01-01", "2025-12-31", "daily", "7 days", 209),
            ("1975-01-01", "2024-12-31", "daily", "56 days", 327), ("2024-01-01", "2024-01-14", "hourly", "hour", 336),
            ("2024-01-01", "2024-03-31", "hourly", "day", 91), ("2024-01-01", "2024-01-31", "hourly", "2 hours", 372),
            ("2024-01-01", "2024-12-31", "5min", "day", 366),
            ("2024-01-01", "2024-01-02", "5min", "hour", 48), ("2024-01-01", "2024-01-01", "daily", "day", 1),
        ])
    func bins(from: String, to: String, granularity: String, name: String, count: Int) throws {
        let steps = try Self.steps(from, to, granularity)
        let bins = TimeBins(steps, atMost: 400)
        #expect(bins.name == name && bins.count == count)
        #expect((0..<bins.count).flatMap { Array(bins.steps(of: $0)) } == Array(0..<steps.count))
        #expect((0..<bins.count).map { bins.slots(of: $0).count }.reduce(0, +) == steps.slots)
        #expect(bins.label(of: 0) == steps.text(at: 0) && bins.middle(of: 0) > 0 && bins.middle(of: bins.count - 1) < 1)
    }

    @Test("percentiles are those of sorting", arguments: [1, 2, 3, 19, 20, 21, 100, 997])
    func percentiles(count: Int) {
        // A full cycle of a small generator, with repetitions.
        var state: UInt32 = 7
        var values = (0..<count).map { _ -> Double in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Double(state >> 24)
        }
        let sorted = values.sorted()
        let found = values.withUnsafeMutableBufferPointer { Selection.percentiles(0.05, 0.95, of: $0) }
        func rank(_ percent: Int) -> Int { max(1, (percent * count + 99) / 100) - 1 }
        #expect(found?.low == sorted[rank(5)] && found?.high == sorted[rank(95)])
        var none: [Double] = []
        #expect(none.withUnsafeMutableBufferPointer { Selection.percentiles(0.05, 0.95, of: $0) } == nil)
    }

    @Test("a sample is spread evenly, and never more than the cells allow")
    func spread() throws {
        #expect(FleetSample.spread(3, over: 0..<9) == [0, 3, 6] && FleetSample.spread(5, over: 2..<4) == [2, 3])
        for (servers, end, granularity) in [(120, "2025-12-31", "daily"), (1_000_000, "2022-12-31", "daily"), (50, "2022-12-31", "5min")] {
            let yaml = "data_generation: { num_servers: \(servers), end_date: \(end), granularity: \(granularity) }"
            let config = try ConfigLoader.load(bytes: Array(yaml.utf8), file: "a.yaml", today: try #require(Day(iso: "2026-01-01")))
            let plan = try PanelPlan(config.spec, today: try #require(Day(iso: "2026-01-01")))
            let chosen = FleetSample.servers(of: plan)
            #expect(chosen.count <= FleetSample.mostServers && chosen == chosen.sorted() && Set(chosen).count == chosen.count)
            #expect(chosen.count == 1 || chosen.count * plan.steps.count * 4 <= FleetSample.mostCells)
            #expect(servers > 120 || chosen.count == min(servers, max(1, FleetSample.mostCells / (4 * plan.steps.count))))
        }
    }
}
