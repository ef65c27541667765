import Core
import Testing

@Suite("Incident plan")
struct IncidentPlanTests {
    private static let everything = """
        data_generation:
          num_servers: 40
          granularity: hourly
          start_date: 2022-01-01
          end_date: 2022-12-31
          incidents:
            failover: { kind: failover, per_year: 10, scope: region, duration: 6h, lag: 3h, metrics: { cpu_p95: 0.1 } }
            leak: { kind: memory-leak, per_year: 3, scope: server, duration: 5d, magnitude: [0.5, 1], metrics: { mem_p95: { target: 95 } } }
            release: { kind: bad-release, at: [2022-02-28T23:59, 2022-07-01], scope: criticality, share: 0.5, duration: 2d, metrics: { cpu_p95: 1.4 } }
            surge: { kind: traffic-surge, per_year: 6, duration: 30h, metrics: { net_p95: 2 } }
            dark: { kind: power-loss, per_year: 2, scope: business_unit, labels: [Retail], duration: 4h, metrics: { cpu_p95: 1.5 } }
        """

    private func data(_ text: String = everything) -> DataSpec { Specs.dataset(text).data }

    /// What happens to a server, told by absolute steps.
    private func hits(_ data: DataSpec, server: Int, _ from: String, _ to: String) -> [IncidentPlan.Hit] {
        let steps = StepRange(DayRange(start: Specs.day(from), end: Specs.day(to)), data.granularity)
        let directory = ServerDirectory(data)
        var hits: [IncidentPlan.Hit] = []
        IncidentPlan(data, steps: steps).forEachHit(server: server, label: { directory.index(of: $0, server: server) }) { hits.append($0) }
        return hits
    }

    @Test("a part of the window has exactly the events that touch it, as the whole has them", arguments: 0..<12)
    func slices(server: Int) {
        let data = data()
        let whole = hits(data, server: server, "2022-01-01", "2022-12-31")
        let plan = IncidentPlan(
            data, steps: StepRange(DayRange(start: Specs.day("2022-01-01"), end: Specs.day("2022-12-31")), data.granularity))
        #expect(!whole.isEmpty)
        for (from, to) in [
            ("2022-03-01", "2022-03-01"), ("2022-02-27", "2022-03-05"), ("2022-05-01", "2022-12-31"), ("2022-01-01", "2022-06-30"),
        ] {
            let steps = StepRange(DayRange(start: Specs.day(from), end: Specs.day(to)), data.granularity).absolute
            let expected = whole.filter {
                $0.start < steps.upperBound && $0.start + plan.incidents[$0.incident].strengths.count > steps.lowerBound
            }
            #expect(hits(data, server: server, from, to) == expected)
        }
    }

    @Test("another incident, more servers and one more label leave all events alone")
    func independence() {
        let small = data()
        var large = data(Self.everything + "\n    zzz: { kind: bad-release, per_year: 50, duration: 1d, metrics: { cpu_p95: 2 } }")
        large.servers = 400
        for server in 0..<20 {
            let more = hits(large, server: server, "2022-01-01", "2022-12-31").filter { $0.incident != 5 }
            #expect(hits(small, server: server, "2022-01-01", "2022-12-31") == more)
        }
    }

    @Test("random events are as many as asked for")
    func rates() {
        var data = data(
            "data_generation: { num_servers: 400, incidents: { x: { kind: bad-release, per_year: 5, scope: server, duration: 1d, metrics: { cpu_p95: 2 } } } }"
        )
        data.servers = 400
        let count = (0..<400).reduce(0) { $0 + hits(data, server: $1, "2022-01-01", "2025-12-31").count }
        // 4 years, 400 servers: 8,000 expected, Poisson.
        #expect(isNear(Double(count), 8000, error: 89.4))
    }

    @Test("a share of the servers is hit, each at most its lag later, all others not at all")
    func share() {
        let data = data(
            "data_generation: { num_servers: 2000, incidents: { x: { kind: bad-release, at: [2022-03-01], share: 0.3, lag: 5d, duration: 3d, metrics: { cpu_p95: 2 } } } }"
        )
        let starts = (0..<2000).compactMap { hits(data, server: $0, "2022-01-01", "2022-12-31").first?.start }
        #expect(isNear(Double(starts.count), 600, error: 20.5))
        let first = Specs.day("2022-03-01").number
        #expect(Set(starts) == Set(first...first + 5))
    }

    @Test("what a label loses in a failover, the other carries")
    func failover() throws {
        let data = data(
            "data_generation: { incidents: { x: { kind: failover, at: [2022-03-01], scope: region, labels: [eu-west-1], to: us-west-2, share: 0.5, duration: 1d, metrics: { cpu_p95: 0.1 } } } }"
        )
        let steps = StepRange(DayRange(start: Specs.day("2022-03-01"), end: Specs.day("2022-03-01")), data.granularity)
        let plan = IncidentPlan(data, steps: steps)
        let directory = ServerDirectory(data)
        var effects: [String: Set<IncidentMetric.Effect>] = [:]
        for server in 0..<120 {
            plan.forEachHit(server: server, label: { directory.index(of: $0, server: server) }) { hit in
                let region = directory.labels(.region)[directory.index(of: .region, server: server)]
                if let effect = plan.incidents[0].effect(0, of: hit) { effects[region, default: []].insert(effect) }
                #expect(plan.incidents[0].effect(1, of: hit) == nil)
            }
        }
        // 0.2 of the fleet loses 0.9 in half of its servers, and 0.3 of the fleet has it.
        #expect(effects == ["eu-west-1": [.factor(0.1)], "us-west-2": [.factor(1 + 0.9 * 0.5 * 0.2 / 0.3)]])
    }

    @Test("phases have their lengths and bounds", arguments: IncidentKind.allCases, [1, 2, 7, 100])
    func profiles(kind: IncidentKind, steps: Int) {
        let (gap, strengths) = kind.profile(steps: steps)
        guard kind.hasEvents else {
            #expect(strengths.isEmpty)
            return
        }
        let extra = kind == .memoryLeak ? (steps + 3) / 4 : kind == .powerLoss ? (steps + 1) / 2 : 0
        #expect(strengths.count == steps + extra && gap == (kind == .powerLoss ? steps : 0))
        #expect(strengths.allSatisfy { $0 >= -0.25 && $0 <= 1 })
        #expect(strengths.contains { $0 > 0.9 })
        #expect(strengths.contains { $0 < 0 } == (kind == .memoryLeak))
    }

    @Test("a target is reached and never passed, a factor never turns a value round")
    func effects() {
        #expect(IncidentMetric.Effect.target(95).affine(strength: 1) == (0, 95))
        #expect(IncidentMetric.Effect.target(95).affine(strength: 3) == (0, 95))
        #expect(IncidentMetric.Effect.target(80).affine(strength: 0.25) == (0.75, 20))
        #expect(IncidentMetric.Effect.factor(1.5).affine(strength: 0.5) == (1.25, 0))
        #expect(IncidentMetric.Effect.factor(0.5).affine(strength: 4) == (0, 0))
    }

    @Test("the truth tells the same of an event in every part of the window that it touches")
    func truth() throws {
        let data = data()
        let directory = ServerDirectory(data)
        func truth(_ from: String, _ to: String) throws -> [TruthEvent] {
            try IncidentPlan(data, steps: StepRange(DayRange(start: Specs.day(from), end: Specs.day(to)), data.granularity)).truth(
                data, directory)
        }
        let whole = try truth("2022-01-01", "2022-12-31")
        #expect(Set(whole.map(\.id)).count == whole.count)
        #expect(Set(whole.map(\.kind)) == ["failover", "failover-takeover", "memory-leak", "bad-release", "traffic-surge", "power-loss"])
        for part in [try truth("2022-03-01", "2022-03-31"), try truth("2022-06-20", "2022-12-31")] {
            #expect(!part.isEmpty)
            // With a delay, an event's late servers may be all that a part shows of it.
            for event in part where event.kind != "failover" && event.kind != "failover-takeover" { #expect(whole.contains(event)) }
            #expect(part.allSatisfy { own in whole.contains { $0.id == own.id && $0.start == own.start } })
        }
        let release = try #require(whole.first { $0.id == "release/2022-02-28T23:00:00Z/High" })
        #expect(release.end == release.start + 2 * 86_400 && release.metrics == ["cpu_p95"] && release.scopeColumn == "criticality")
        #expect(release.servers.count == release.servers.listed?.count && release.cause == "data_generation.incidents.release")
        let surge = try #require(whole.first { $0.kind == "traffic-surge" })
        #expect(surge.servers == TruthEvent.Servers(count: 40, listed: nil) && surge.scopeColumn == nil)
        for takeover in whole where takeover.kind == "failover-takeover" { #expect(whole.contains { $0.id == takeover.parent }) }
    }
}
