import Core
import Testing

/// Rows made of finer cells, beside a plain reckoning of the fine panel.
@Suite("Rows made of finer cells")
struct RollUpTests {
    /// Everything that can happen to a cell, on at once. Some days are missing altogether.
    static func text(
        aggregation: String?, granularity: String, decimals: String = "2", from: String = "2024-03-25", to: String = "2024-04-14",
        servers: Int = 24, seed: Int = 42
    ) -> String {
        """
        data_generation:
          num_servers: \(servers)
          granularity: \(granularity)
          aggregation: \(aggregation ?? "{}")
          start_date: \(from)
          end_date: \(to)
          random_seed: \(seed)
          decimals: \(decimals)
          missing_rate: 0.08
          outlier_rate: 0.01
          archetypes: { web: { share: 0.6, metrics: { cpu: { diurnal_profile: office } } }, batch: { share: 0.4 } }
          lifetime: { commissioned: { share: 0.3, from: 2024-03-20, to: 2024-04-10 }, decommission: { per_year: 2, from: 2024-03-01 } }
          changes: { shifts: { kind: level-shift, per_year: 6, metrics: { cpu: [0.8, 1.2] } } }
          incidents:
            surge: { kind: traffic-surge, per_year: 60, scope: server, duration: 7h, metrics: { cpu: 0.4 } }
            power: { kind: power-loss, per_year: 20, scope: server, duration: 30h }
          mess:
            missing_under_load: { above: { cpu: 55 }, rate: 0.3 }
            agent_outage: { per_year: 40, duration: 2d }
            stuck_sensor: { per_year: 40, duration: 8h }
            unit_slip: { per_year: 20, duration: 5h, factor: 0.5 }
          metrics:
            - { name: cpu, base_mean: 45, base_std: 9, noise_half_life: 6h, min_clip: 1, max_clip: 99 }
            - { name: mem, base_mean: 60, base_std: 6, noise_skewness: 0.4, min_clip: -5, max_clip: 98 }
            - { name: plain, base_mean: 30, base_std: 8, min_clip: 0, max_clip: 100 }
        """
    }

    private static func plan(_ text: String) throws -> PanelPlan { try PanelPlan(Specs.dataset(text), today: Specs.day("2026-01-01")) }

    /// The documented value of some cells, each given as a multiple of the grid's step; for full precision as it is.
    private static func row(_ cells: [Double], _ statistic: String, isReal: Bool) -> Double? {
        guard !cells.isEmpty else { return nil }
        let sorted = cells.sorted()
        switch statistic {
        case "p95": return sorted.first { low in 100 * cells.count { $0 <= low } >= 95 * cells.count }
        case "max": return sorted.last
        default:
            let sum = cells.reduce(0, +)
            return isReal ? sum / Double(cells.count) : (sum / Double(cells.count)).rounded(.toNearestOrEven)
        }
    }

    @Test(
        "each row is the statistic of its present cells, whatever the grid, and missing where it has none",
        arguments: ["2", "3", "4", "null"],
        [("p95", "daily", "hourly"), ("mean", "12h", "2h"), ("max", "6h", "hourly"), ("p95", "hourly", "5min")])
    func rows(decimals: String, way: (statistic: String, rows: String, cells: String)) throws {
        let (from, to) = way.cells == "5min" ? ("2024-04-01", "2024-04-03") : ("2024-03-25", "2024-04-14")
        let fine = try Self.plan(Self.text(aggregation: nil, granularity: way.cells, decimals: decimals, from: from, to: to))
        let coarse = try Self.plan(
            Self.text(
                aggregation: "{ of: \(way.cells), statistic: \(way.statistic) }", granularity: way.rows, decimals: decimals, from: from,
                to: to))
        let perRow = fine.steps.count / coarse.rowSteps.count
        #expect(coarse.steps == fine.steps && perRow > 1 && coarse.presentServers == fine.presentServers)
        let generator = PanelGenerator(coarse)
        let isReal = decimals == "null"
        let scale = (0..<(Int(decimals) ?? 0)).reduce(1.0) { scale, _ in scale * 10 }
        var (missing, seen) = (0, 0)
        for (metric, servers) in PanelTests.cells(fine).enumerated() {
            for (server, cells) in servers.enumerated() {
                let found = generator.values(metric: metric, server: server)
                #expect(found.count == coarse.rowSteps.count)
                for (row, value) in found.enumerated() {
                    let own = cells[row * perRow..<(row + 1) * perRow].compactMap(\.self).map { isReal ? $0 : ($0 * scale).rounded() }
                    guard let expected = Self.row(own, way.statistic, isReal: isReal), let value else {
                        #expect(value == nil && own.isEmpty)
                        missing += 1
                        continue
                    }
                    seen += 1
                    if isReal, way.statistic == "mean" {
                        #expect((value - expected).magnitude < 1e-12)
                    } else {
                        #expect(value == (isReal ? expected : expected / scale), "metric \(metric), server \(server), row \(row)")
                    }
                }
            }
        }
        #expect(missing > 0 && seen > 10 * missing / 9)
    }

    @Test("what is written and tallied is what the values say", arguments: ["2", "3", "4", "null"], ["p95", "mean"])
    func tallies(decimals: String, statistic: String) async throws {
        let plan = try Self.plan(
            Self.text(aggregation: "{ of: hourly, statistic: \(statistic) }", granularity: "daily", decimals: decimals))
        let fine = try Self.plan(Self.text(aggregation: nil, granularity: "hourly", decimals: decimals))
        let generator = PanelGenerator(plan, rowsPerGroup: 100)
        let outcome = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { _ in })
        let cells = try await PanelWriter(PanelGenerator(fine), threads: 2).write(metadata: [], sink: { _ in })
        #expect(outcome.facts.rows == plan.rows && outcome.facts.incompleteServer == nil && plan.rows * 24 == fine.rows)
        for (metric, tally) in outcome.tallies.enumerated() {
            let values = plan.servers.flatMap { generator.values(metric: metric, server: $0) }.compactMap(\.self)
            let rows = try #require(tally.rows)
            #expect(rows.rows == plan.rows && rows.present == values.count && values.count < plan.rows)
            let summary = MetricSummary(tally, metric: plan.spec.data.metrics[metric])
            #expect(summary.cells == plan.rows && summary.missing == rows.missing)
            let mean = values.reduce(0, +) / Double(values.count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            #expect(((summary.mean ?? 0) - mean).magnitude < 1e-6)
            #expect(((summary.std ?? 0) - (squares / Double(values.count - 1)).squareRoot()).magnitude < 1e-3)
            #expect(summary.min == values.min() && summary.max == values.max())
            // The gate sees the cells, as if they were the panel.
            let own = cells.tallies[metric]
            #expect(tally.cells == own.cells && tally.missing == own.missing && tally.counts == own.counts)
            #expect(tally.slotSums == own.slotSums && tally.slotCells == own.slotCells && tally.publishedExcess == own.publishedExcess)
            #expect(tally.smallest == own.smallest && tally.largest == own.largest && tally.outliers == own.outliers)
        }
    }

    @Test("a slice, a moved window and a larger fleet have the same rows", arguments: ["2", "null"])
    func positions(decimals: String) throws {
        let rollUp = "{ of: hourly }"
        let whole = try Self.plan(Self.text(aggregation: rollUp, granularity: "6h", decimals: decimals))
        let all = PanelTests.cells(whole)
        let slice = try whole.slice(from: Specs.day("2024-04-02"), to: Specs.day("2024-04-05"), servers: 5...17)
        let moved = try Self.plan(
            Self.text(aggregation: rollUp, granularity: "6h", decimals: decimals, from: "2024-04-02", to: "2024-04-20", servers: 60))
        for (metric, servers) in PanelTests.cells(slice).enumerated() {
            for (index, rows) in servers.enumerated() { #expect(rows == Array(all[metric][4 + index][32..<48])) }
        }
        for (metric, servers) in PanelTests.cells(moved).enumerated() {
            for server in 0..<24 { #expect(Array(servers[server][..<52]) == Array(all[metric][server][32...])) }
        }
    }

    @Test("threads and row groups change no byte and no value")
    func threads() async throws {
        let plan = try Self.plan(Self.text(aggregation: "{ of: hourly }", granularity: "daily", servers: 60))
        let expected = try await PanelTests.file(plan, threads: 1, rowsPerGroup: 150)
        for threads in [2, 5] { #expect(try await PanelTests.file(plan, threads: threads, rowsPerGroup: 150) == expected) }
        let few = try await PanelWriter(PanelGenerator(plan, rowsPerGroup: 150), threads: 2).write(metadata: [], sink: { _ in })
        let many = try await PanelWriter(PanelGenerator(plan), threads: 2).write(metadata: [], sink: { _ in })
        for (metric, (left, right)) in zip(few.tallies, many.tallies).enumerated() {
            let own = plan.spec.data.metrics[metric]
            #expect(MetricSummary(left, metric: own) == MetricSummary(right, metric: own))
        }
    }

    @Test("the gate passes rows that leave out every missing cell, and refuses what its limit does not allow")
    func missingShare() async throws {
        func report(rate: Double, perRow: String) async throws -> QualityReport {
            let plan = try Self.plan(
                """
                data_generation:
                  { num_servers: 40, granularity: daily, aggregation: { of: \(perRow) }, start_date: 2024-01-01, end_date: 2024-02-29, missing_rate: \(rate) }
                """)
            let generator = PanelGenerator(plan)
            let outcome = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { _ in })
            return QualityGate(plan).judge(facts: outcome.facts, signals: generator.signals, tallies: outcome.tallies)
        }
        let many = try await report(rate: 0.5, perRow: "hourly")
        #expect(many.passed, "\(many.failures.map(\.sentence))")
        let share = try #require(many.checks.first { $0.name == "missing_share" })
        #expect(share.realised == 0)
        let few = try await report(rate: 0.5, perRow: "12h")
        #expect(Set(few.failures.map(\.name)) == ["missing_share"])
        #expect(try #require(few.failures.first).realised.map { ($0 - 0.25).magnitude < 0.03 } == true)
    }
}
