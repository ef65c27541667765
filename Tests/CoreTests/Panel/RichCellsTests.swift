import Core
import Testing

@Suite("Rich cells")
struct RichCellsTests {
    private func plan(_ decimals: Int?, outliers: Double = 0.01) throws -> PanelPlan {
        try Specs.plan(
            Specs.data(servers: 12).with {
                $0.decimals = decimals
                $0.outlierRate = outliers
            })
    }

    @Test("changes, stuck sensors, slips and gaps do what they say, and nothing else moves", arguments: [2, 4, nil] as [Int?])
    func everything(decimals: Int?) throws {
        let plan = try plan(decimals, outliers: 0)
        let (plain, rich) = (PanelGenerator(plan), PanelGenerator(plan, changes: [EverythingSource()]))
        let step = decimals.map { 1 / [2: 100.0, 4: 10_000][$0, default: 1] } ?? 1e-9
        var underLoad = 0
        for metric in plan.spec.data.metrics.indices {
            let spec = plan.spec.data.metrics[metric]
            for server in plan.servers {
                let before = plain.values(metric: metric, server: server)
                let after = rich.values(metric: metric, server: server)
                guard metric != 1, server % 2 == 1 else {
                    #expect(before == after)
                    continue
                }
                for index in before.indices {
                    guard let old = before[index] else {
                        #expect(after[index] == nil)
                        continue
                    }
                    if (30..<40).contains(index) {
                        #expect(after[index] == nil)
                        continue
                    }
                    guard let new = after[index] else {
                        underLoad += 1
                        #expect(old >= 60 - step)
                        continue
                    }
                    // What is clipped does not tell what it was.
                    if (10..<25).contains(index), old == spec.minClip || old == spec.maxClip { continue }
                    switch index {
                    case 10..<15: #expect(abs(new - min(spec.maxClip, 1.5 * old)) <= 1.5 * step)
                    case 15..<20: #expect(abs(new - (0.75 * old + 3)) <= 1.5 * step)
                    case 20..<25: #expect(abs(new - (0.5 * old + 3)) <= 1.5 * step)
                    case 50..<60: #expect(after[50] == nil || new == after[50])
                    case 60..<62: #expect(new == 20)
                    case 70..<75: #expect(abs(new - max(spec.minClip, 0.5 * old)) <= step)
                    default: #expect(new == old)
                    }
                }
            }
        }
        #expect(underLoad > 100)
    }

    @Test("tallies count published cells and sum judged ones", arguments: [2, 4, nil] as [Int?])
    func tallies(decimals: Int?) async throws {
        let plan = try plan(decimals)
        let rich = PanelGenerator(plan, changes: [EverythingSource()])
        let plain = PanelGenerator(plan)
        let outcome = try await PanelWriter(rich, threads: 2).write(metadata: [], sink: { _ in })
        for (metric, tally) in outcome.tallies.enumerated() {
            let published = plan.servers.flatMap { rich.values(metric: metric, server: $0) }
            let judged = plan.servers.flatMap { plain.values(metric: metric, server: $0) }
            let present = published.compactMap { $0 }
            #expect(tally.present == present.count && tally.counts.reduce(0, +) == present.count)
            #expect(tally.smallest == present.min() && tally.largest == present.max())
            let summary = MetricSummary(tally, metric: plan.spec.data.metrics[metric])
            #expect(abs((summary.mean ?? .nan) - present.reduce(0, +) / Double(present.count)) < 1e-6)
            #expect(tally.drawnMissing == judged.count { $0 == nil })
            // What is missing for other reasons than chance alone is judged all the same.
            let kept = judged.compactMap { $0 }
            let mean = tally.grid.value(Double(tally.slotSums.reduce(0, +)) / Double(kept.count))
            #expect(abs(mean - kept.reduce(0, +) / Double(kept.count)) < 1e-6)
            #expect(tally.slotCells.reduce(0, +) == Int64(kept.count) && kept.count == present.count + tally.hidden)
            #expect(
                tally.cells(of: .stuckSensor) == (metric == 1 ? 0 : 6 * 12) && tally.cells(of: .agentOutage) == (metric == 1 ? 0 : 6 * 5))
            #expect(tally.hidden <= tally.cells(of: .missingUnderLoad) + 6 * 10 && (metric == 1) == (tally.hidden == 0))
        }
    }

    @Test("any number of threads and any row groups give the same cells")
    func order() async throws {
        let plan = try plan(2)
        func file(_ threads: Int) async throws -> [UInt8] {
            var bytes: [UInt8] = []
            _ = try await PanelWriter(PanelGenerator(plan, rowsPerGroup: 3000, changes: [EverythingSource()]), threads: threads)
                .write(metadata: [], sink: { bytes += $0 })
            return bytes
        }
        let one = try await file(1)
        #expect(try await file(3) == one)
    }
}
