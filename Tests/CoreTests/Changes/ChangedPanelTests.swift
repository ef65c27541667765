import Core
import Testing

/// Panels with incidents and mess, all of it switched on.
@Suite("Changed panels")
struct ChangedPanelTests {
    private static let incidents = """
            failover: { kind: failover, per_year: 20, scope: region, duration: 6h, lag: 3h, metrics: { cpu_p95: 0.1 } }
            leak: { kind: memory-leak, per_year: 6, scope: server, duration: 5d, magnitude: [0.5, 1], metrics: { mem_p95: { target: 95 } } }
            release: { kind: bad-release, at: [2022-02-10T23:59], scope: criticality, share: 0.5, duration: 2d, metrics: { cpu_p95: 1.4 } }
            surge: { kind: traffic-surge, per_year: 20, duration: 30h, metrics: { net_p95: 2 } }
            fill: { kind: disk-fill, per_year: 9, scope: archetype, labels: [web], share: 0.4, duration: 3d, metrics: { disk_p95: { target: 97 } } }
            overrun: { kind: batch-overrun, per_year: 30, scope: business_unit, duration: 5h, metrics: { cpu_p95: 1.3, net_p95: 1.2 } }
            dark: { kind: power-loss, per_year: 12, scope: region, share: 0.5, duration: 4h, metrics: { cpu_p95: 1.5 } }
            weather: { kind: shared-factor, scope: region, duration: 7h, share: 0.9, metrics: { cpu_p95: 0.1 } }
        """
    private static let mess = """
            missing_under_load: { above: { cpu_p95: 60, mem_p95: p90 }, rate: 0.3 }
            agent_outage: { per_year: 12, duration: 12h }
            collector_outage: { per_year: 12, duration: 5h }
            late_start: { share: 0.3, within: 60d }
            stuck_sensor: { per_year: 30, duration: 3d }
            unit_slip: { per_year: 12, duration: 1d, factor: 0.5 }
        """

    private static func text(incidents: String = incidents, mess: String = mess, servers: Int = 30, end: String = "2022-03-31") -> String {
        """
        data_generation:
          num_servers: \(servers)
          granularity: hourly
          start_date: 2022-01-01
          end_date: \(end)
          archetypes: { web: { share: 0.6 }, batch: { share: 0.4 } }
          incidents:
        \(incidents)
          mess:
        \(mess)
        """
    }

    private static func plan(_ text: String, _ change: (inout DataSpec) -> Void = { _ in }) throws -> PanelPlan {
        var dataset = Specs.dataset(text)
        change(&dataset.data)
        return try PanelPlan(dataset, today: Specs.day("2026-01-01"))
    }

    private static func grid(_ decimals: Int?) -> (inout DataSpec) -> Void {
        { data in for metric in data.metrics.indices { data.metrics[metric].decimals = decimals } }
    }

    /// Whether the cells of a part are those of the whole.
    private func expectPart(_ part: PanelPlan, of whole: PanelPlan, servers: Range<Int>) {
        let (small, large) = (PanelGenerator(part), PanelGenerator(whole))
        let first = part.steps.absolute.lowerBound - whole.steps.absolute.lowerBound
        for metric in part.spec.data.metrics.indices {
            for server in servers {
                let expected = large.values(metric: metric, server: server)[first..<first + part.steps.count]
                #expect(small.values(metric: metric, server: server) == Array(expected), "metric \(metric), server \(server)")
            }
        }
    }

    @Test("a slice is that part of the whole", arguments: [2, 4, nil] as [Int?])
    func slices(decimals: Int?) throws {
        let whole = try Self.plan(Self.text(), Self.grid(decimals))
        for (from, to) in [("2022-02-11", "2022-02-12"), ("2022-01-03", "2022-01-03"), ("2022-03-01", "2022-03-31")] {
            let part = try whole.slice(from: Specs.day(from), to: Specs.day(to), servers: nil)
            // What began before the part is what a slice could get wrong.
            let mess = MessPlan(part.spec.data, steps: part.steps)
            let reaching = (0..<30).flatMap { server in (0..<4).flatMap { mess.stuckSpells(metric: $0, server: server) } }
            #expect(reaching.contains { $0.lowerBound < part.steps.absolute.lowerBound - 24 })
            expectPart(part, of: whole, servers: 0..<30)
        }
    }

    @Test("a moved window keeps its history, and more servers and metrics move nothing")
    func moved() throws {
        let whole = try Self.plan(Self.text())
        let moved = try Self.plan(Self.text(end: "2022-06-30")) { $0.start = .fixed(Specs.day("2022-02-01")) }
        expectPart(try whole.slice(from: Specs.day("2022-02-01"), to: nil, servers: nil), of: moved, servers: 0..<30)
        let more = try Self.plan(Self.text(servers: 300)) { $0.metrics.append(Specs.metric("more")) }
        expectPart(whole, of: more, servers: 0..<30)
    }

    @Test("any number of threads and any row groups give the same file")
    func threads() async throws {
        let plan = try Self.plan(Self.text())
        func file(_ threads: Int) async throws -> [UInt8] {
            var bytes: [UInt8] = []
            _ = try await PanelWriter(PanelGenerator(plan, rowsPerGroup: 20_000), threads: threads)
                .write(metadata: [], sink: { bytes += $0 })
            return bytes
        }
        let one = try await file(1)
        #expect(try await file(3) == one)
    }

    @Test("everything switched on passes the gate, and each rate has its check", arguments: [2, 4, nil] as [Int?])
    func gate(decimals: Int?) async throws {
        var plan = try Self.plan(Self.text(servers: 100), Self.grid(decimals))
        var dataset = plan.spec
        dataset.quality.maxMissingShare = 0.5
        plan = try PanelPlan(dataset, today: Specs.day("2026-01-01"))
        let generator = PanelGenerator(plan)
        let outcome = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { _ in })
        let report = QualityGate(plan).judge(facts: outcome.facts, signals: generator.signals, tallies: outcome.tallies)
        #expect(report.passed, "\(report.failures.map(\.sentence))")
        let names = Set(report.checks.map(\.name))
        for name in ["agent_outage", "collector_outage", "late_start", "stuck_sensor", "unit_slip", "missing_under_load", "incident_count"]
        {
            #expect(names.contains(name))
        }
        // Cells that were made by other rates fail.
        for spoil: (inout MessSpec) -> Void in [
            { $0.agentOutage.perYear = 40 }, { $0.stuckSensor.perYear = 5 }, { $0.unitSlip.perYear = 60 }, { $0.underLoadRate = 0.2 },
            { $0.lateShare = 0.95 }, { $0.collectorOutage.perYear = 200 },
        ] {
            var other = dataset
            spoil(&other.data.mess)
            let wrong = QualityGate(try PanelPlan(other, today: Specs.day("2026-01-01")))
                .judge(facts: outcome.facts, signals: generator.signals, tallies: outcome.tallies)
            #expect(!wrong.passed)
        }
    }

    @Test("without an incident its cells are what they would have been, and no other cell moves")
    func removal() throws {
        let release =
            "    release: { kind: bad-release, at: [2022-02-10T12:00], scope: region, labels: [us-east-1], share: 0.5, duration: 2d, metrics: { cpu_p95: 1.4, mem_p95: { target: 90 } } }\n"
        let other = "    surge: { kind: traffic-surge, at: [2022-03-01], duration: 30h, metrics: { cpu_p95: 2 } }"
        let none = "    agent_outage: { per_year: 0 }"
        func with(_ incidents: String) throws -> PanelGenerator {
            PanelGenerator(
                try Self.plan(Self.text(incidents: incidents, mess: none)) { data in
                    for metric in data.metrics.indices { (data.metrics[metric].decimals, data.metrics[metric].outlierRate) = (nil, 0) }
                })
        }
        let (both, one) = (try with(release + other), try with(other))
        let truth = try #require(
            try IncidentPlan(both.plan.spec.data, steps: both.plan.steps).truth(both.plan.spec.data, both.directory).first)
        #expect(truth.kind == "bad-release")
        let servers = try #require(truth.servers.listed)
        let first = Int(truth.start / 3600) - both.plan.steps.absolute.lowerBound
        let length = Int(try #require(truth.end) - truth.start) / 3600
        #expect(length == 48 && servers.count > 3)
        let strengths = IncidentKind.badRelease.profile(steps: length).strengths
        var touched = 0
        for metric in 0..<4 {
            let spec = both.plan.spec.data.metrics[metric]
            for server in 0..<30 {
                let (changed, clean) = (both.values(metric: metric, server: server), one.values(metric: metric, server: server))
                for step in changed.indices {
                    guard metric < 2, servers.contains(server), (first..<first + length).contains(step), let old = clean[step] else {
                        #expect(changed[step] == clean[step])
                        continue
                    }
                    let strength = strengths[step - first]
                    let expected = metric == 0 ? old * (1 + 0.4 * strength) : (1 - strength) * old + strength * 90
                    touched += 1
                    // A clean value at the bound hides what it was before clipping.
                    if old == spec.minClip || old == spec.maxClip { continue }
                    #expect(abs((changed[step] ?? -1) - min(expected, spec.maxClip)) < 1e-9)
                }
            }
        }
        #expect(touched > 200)
    }

    @Test("a switched-off dataset takes the plain path, file for file")
    func off() async throws {
        func file(_ text: String) async throws -> [UInt8] {
            var bytes: [UInt8] = []
            _ = try await PanelWriter(PanelGenerator(try Self.plan(text)), threads: 2).write(metadata: [], sink: { bytes += $0 })
            return bytes
        }
        let plain = "data_generation: { num_servers: 20 }"
        let zero =
            "data_generation: { num_servers: 20, incidents: {}, mess: { agent_outage: { per_year: 0, duration: 5h }, late_start: { within: 3d } } }"
        #expect(try await file(plain) == (try await file(zero)))
    }
}
