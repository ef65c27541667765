import Core
import Testing

@Suite("Mess plan")
struct MessPlanTests {
    private static let everything = """
        data_generation:
          num_servers: 300
          granularity: hourly
          mess:
            missing_under_load: { above: { cpu_p95: 60, mem_p95: p90 }, rate: 0.3 }
            agent_outage: { per_year: 6, duration: 12h }
            collector_outage: { per_year: 4, duration: 20h }
            late_start: { share: 0.2, within: 60d }
            stuck_sensor: { per_year: 5, duration: 2d }
            unit_slip: { per_year: 3, duration: 1d, factor: 0.1 }
        """

    private let data = Specs.dataset(everything).data

    private func plan(_ from: String, _ to: String) -> MessPlan {
        MessPlan(data, steps: StepRange(DayRange(start: Specs.day(from), end: Specs.day(to)), data.granularity))
    }

    /// Absolute steps of runs.
    private func steps(_ runs: [Range<Int>], _ plan: MessPlan) -> Set<Int> {
        Set(runs.flatMap { $0.map { plan.steps.absolute.lowerBound + $0 } })
    }

    @Test("a part of the window has what the whole has", arguments: [("2022-02-01", "2022-02-03"), ("2022-05-17", "2022-12-31")])
    func slices(from: String, to: String) {
        let (whole, part) = (plan("2022-01-01", "2022-12-31"), plan(from, to))
        let window = part.steps.absolute
        func agree(_ left: Set<Int>, _ right: Set<Int>) -> Bool { left.filter(window.contains) == right }
        for region in whole.collectorOutages.indices {
            #expect(agree(steps(whole.collectorOutages[region], whole), steps(part.collectorOutages[region], part)))
        }
        for server in 0..<60 {
            #expect(agree(steps(whole.agentOutages(server: server), whole), steps(part.agentOutages(server: server), part)))
            #expect(agree(steps([0..<whole.lateSteps(server: server)], whole), steps([0..<part.lateSteps(server: server)], part)))
            for metric in 0..<4 {
                #expect(
                    agree(
                        steps(whole.slips(metric: metric, server: server), whole), steps(part.slips(metric: metric, server: server), part)))
                let spells = whole.stuckSpells(metric: metric, server: server).filter { $0.overlaps(window) }
                #expect(spells == part.stuckSpells(metric: metric, server: server).filter { $0.overlaps(window) })
            }
        }
    }

    @Test("shares of time are those that rates and lengths give")
    func shares() {
        let plan = plan("2022-01-01", "2022-12-31")
        let servers = 300
        let cells = Double(servers * plan.steps.count)
        let agent = (0..<servers).reduce(0) { $0 + plan.agentOutages(server: $1).reduce(0) { $0 + $1.count } }
        let expected = SpellRate(perYear: 6, duration: 12 * 3600, data.granularity).coveredShare
        // Spells of 12 steps: their number is what chance decides.
        #expect(isNear(Double(agent) / cells, expected, error: (expected * 12 / cells).squareRoot()))
        let late = (0..<servers).count { plan.lateSteps(server: $0) > 0 }
        #expect(isNear(Double(late), 60, error: 6.93))
        #expect((0..<servers).allSatisfy { plan.lateSteps(server: $0) <= 60 * 24 })
    }

    @Test("a stuck spell ends where the next begins")
    func stuck() {
        let plan = plan("2022-01-01", "2022-12-31")
        for server in 0..<100 {
            let spells = plan.stuckSpells(metric: 0, server: server)
            for (left, right) in zip(spells, spells.dropFirst()) { #expect(left.upperBound <= right.lowerBound) }
            #expect(spells.allSatisfy { 1...48 ~= $0.count })
        }
    }

    @Test("a percentile is that of the metric's own spread, and the other metrics have no threshold")
    func thresholds() throws {
        let thresholds = plan("2022-01-01", "2022-01-02").thresholds
        #expect(thresholds[0] == 60 && thresholds[2] == nil && thresholds[3] == nil)
        // 60 + 1.2815515655446004 * sqrt(10^2 + 5^2)
        let percentile = try #require(thresholds[1])
        #expect(isNear(percentile, 74.328181, error: 1e-6))
        var plain = data.mess
        plain.underLoad = nil
        #expect(data.metrics.allSatisfy { plain.threshold($0) != nil })
        plain.underLoadRate = 0
        #expect(data.metrics.allSatisfy { plain.threshold($0) == nil })
    }

    @Test("the truth lists spells with their own bounds")
    func truth() throws {
        let directory = ServerDirectory(data)
        let (whole, part) = (plan("2022-01-01", "2022-12-31"), plan("2022-06-01", "2022-06-07"))
        let (all, some) = (try whole.truth(data, directory), try part.truth(data, directory))
        #expect(Set(all.map(\.kind)) == ["agent-outage", "collector-outage", "late-start", "stuck-sensor", "unit-slip"])
        #expect(Set(all.map(\.id)).count == all.count)
        #expect(!some.isEmpty && some.allSatisfy(all.contains))
    }
}

@Suite("Shared factor")
struct SharedFactorTests {
    private let stream = DrawStream(seed: 7, purpose: .sharedFactor, metric: "x")

    @Test("a part of the wave is the wave")
    func slices() {
        let whole = SharedFactor.wave(stream, spacing: 24, steps: -1000..<3000)
        #expect(SharedFactor.wave(stream, spacing: 24, steps: 5..<2000) == Array(whole[1005..<3000]))
    }

    @Test("mean 0, variance 1 at and between nodes, half of it left after one spacing")
    func moments() {
        let wave = SharedFactor.wave(stream, spacing: 4, steps: 0..<400_000)
        let count = Double(wave.count)
        let mean = wave.reduce(0, +) / count
        // Nodes forget half each: some 3 nodes, 12 steps, make one independent value.
        let error = (12 / count).squareRoot()
        #expect(isNear(mean, 0, error: error))
        for phase in 0..<4 {
            let own = stride(from: phase, to: wave.count, by: 4).map { wave[$0] }
            let variance = own.reduce(0.0) { sum, value in sum + value * value } / Double(own.count)
            #expect(isNear(variance, 1, error: (3.4 / Double(own.count)).squareRoot()))
        }
        let nodes = stride(from: 0, to: wave.count, by: 4).map { wave[$0] }
        let products = zip(nodes, nodes.dropFirst()).map { left, right in left * right }
        #expect(isNear(products.reduce(0, +) / Double(products.count), 0.5, error: (1.5 / Double(nodes.count)).squareRoot()))
    }
}

/// Whether a value is another one but for chance: within five standard errors.
func isNear(_ value: Double, _ expected: Double, error: Double) -> Bool { abs(value - expected) <= 5 * error }
