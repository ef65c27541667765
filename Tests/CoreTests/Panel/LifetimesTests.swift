import Core
import Testing

@Suite("Lifetimes of servers")
struct LifetimesTests {
    static let growth =
        "{ growth: [{ date: 2022-06-01, servers: 12 }, { date: 2023-03-01, servers: 20 }, { date: 2024-06-30, servers: 60 }] }"
    static let everything = """
        { commissioned: { share: 0.4, from: 2023-01-01, to: 2024-06-30 }, decommission: { per_year: 0.3, from: 2023-02-01 } }
        """

    static func data(
        _ lifetime: String = everything, servers: Int = 60, from: String = "2023-01-01", to: String = "2024-12-31",
        granularity: String = "daily",
        decimals: String = "2", more: String = ""
    ) -> DataSpec {
        Specs.dataset(
            """
            data_generation:
              num_servers: \(servers)
              granularity: \(granularity)
              start_date: \(from)
              end_date: \(to)
              decimals: \(decimals)
              missing_rate: 0.02
              outlier_rate: 0.01
              lifetime: \(lifetime)
              \(more)
              metrics:
                - { name: cpu, base_mean: 40, base_std: 8, growth_per_year: 0.1, server_bias_std: 6 }
                - { name: mem, base_mean: 60, base_std: 5 }
            """
        ).data
    }

    private func days(_ data: DataSpec, _ server: Int, _ from: String, _ to: String) -> Range<Int> {
        ServerLifetimes(data).steps(server: server, in: StepRange(DayRange(start: Specs.day(from), end: Specs.day(to)), .daily))
    }

    @Test("a fleet that grows has exactly the numbers of its days, and as many as a line says between them")
    func growth() {
        let data = Self.data(Self.growth)
        func count(on day: String) -> Int { (0..<60).filter { !days(data, $0, day, day).isEmpty }.count }
        let expected = [
            "2000-01-01": 12, "2022-05-31": 12, "2022-06-01": 12, "2023-03-01": 20, "2023-02-28": 19, "2024-06-29": 59, "2024-06-30": 60,
            "2030-01-01": 60,
        ]
        for (day, servers) in expected { #expect(count(on: day) == servers, "\(day)") }
        var before = 0
        for offset in stride(from: 0, through: 487, by: 9) {
            let day = Specs.day("2023-03-01") + offset
            let found = count(on: day.iso)
            #expect(found == 20 + 40 * offset / 487 && found >= before, "\(day)")
            before = found
        }
    }

    @Test("a sensor that got stuck before its server had rows repeats the same value in every part of the window")
    func stuckSince() throws {
        let data = Self.data(
            "{ commissioned: { share: 0.9, from: 2023-01-05, to: 2023-03-20 } }", servers: 80, to: "2023-03-31",
            more: """
                mess: { stuck_sensor: { per_year: 12, duration: 10d } }
                  changes: { up: { kind: level-shift, per_year: 4, metrics: { cpu: 1.3 } } }
                """)
        let whole = try Specs.plan(data)
        let all = PanelTests.cells(whole)
        var compared = 0
        for from in stride(from: 3, to: 85, by: 4) {
            let first = whole.days.start + from
            let slice = try whole.slice(from: first, to: first + 1, servers: nil)
            for (metric, servers) in PanelTests.cells(slice).enumerated() {
                for (server, days) in servers.enumerated() {
                    #expect(days == Array(all[metric][server][from..<from + 2]), "metric \(metric), server \(server), day \(from)")
                    compared += days.count { $0 != nil }
                }
            }
        }
        #expect(compared > 2000)
    }

    @Test("a share begins in its span, all days alike, and ends come at their rate")
    func draws() {
        let data = Self.data(Self.everything, servers: 20_000)
        let lifetimes = ServerLifetimes(data)
        let steps = StepRange(DayRange(start: Specs.day("2022-01-01"), end: Specs.day("2025-12-31")), .daily)
        let from = Specs.day("2023-02-01") - Specs.day("2022-01-01")
        var (begun, sum, ended, exposed) = (0, 0.0, 0, 0)
        for server in 0..<20_000 {
            let own = lifetimes.steps(server: server, in: steps)
            #expect(!own.isEmpty)
            if own.lowerBound > 0 {
                begun += 1
                sum += Double(own.lowerBound - 365)
                #expect((365...365 + 546).contains(own.lowerBound))
            }
            if own.upperBound < steps.count {
                ended += 1
                #expect(own.upperBound >= max(from, own.lowerBound + 1))
            }
            exposed += own.upperBound - max(from, own.lowerBound + 1)
        }
        #expect((Double(begun) - 8000).magnitude < 5 * (20_000 * 0.24).squareRoot())
        #expect((sum / Double(begun) - 273).magnitude < 5 * 158 / Double(begun).squareRoot())
        let expected = Double(exposed) / 365.2425 * 0.3
        #expect((Double(ended) - expected).magnitude < 5 * expected.squareRoot())
    }

    @Test(
        "cells of a server's life are those of a fleet that always exists, and there are no others", arguments: ["2", "5", "null"],
        ["daily", "6h", "15min"])
    func cells(decimals: String, granularity: String) throws {
        let span = granularity == "daily" ? ("2023-01-01", "2024-12-31") : ("2023-05-20", "2023-06-20")
        func plan(_ lifetime: String) throws -> PanelPlan {
            try Specs.plan(Self.data(lifetime, from: span.0, to: span.1, granularity: granularity, decimals: decimals))
        }
        let (always, ragged) = (try plan("{}"), try plan(Self.everything))
        let (all, found) = (PanelTests.cells(always), PanelTests.cells(ragged))
        let lifetimes = ServerLifetimes(ragged.spec.data)
        var rows = 0
        for server in ragged.servers {
            let own = lifetimes.steps(server: server, in: ragged.steps)
            rows += own.count
            for metric in all.indices {
                for step in 0..<ragged.steps.count {
                    #expect(found[metric][server][step] == (own.contains(step) ? all[metric][server][step] : nil))
                }
            }
        }
        #expect(ragged.rows == rows && rows < always.rows)
    }

    @Test("files do not depend on threads, tallies not on row groups, and both count what there is", arguments: ["2", "5", "null"])
    func files(decimals: String) async throws {
        for (lifetime, more) in [
            (Self.everything, ""), (Self.growth, "metadata: { calendars: { eu-west-1: ireland } }"),
            (Self.everything, "changes: { move: { kind: migration, per_year: 1, metrics: { cpu: [0.5, 1.5] } } }"),
        ] {
            let plan = try Specs.plan(Self.data(lifetime, decimals: decimals, more: more))
            #expect(try await PanelTests.file(plan, threads: 1) == PanelTests.file(plan, threads: 3))
            let cells = PanelTests.cells(plan)
            let lifetimes = ServerLifetimes(plan.spec.data)
            var counts: [Int] = []
            for rowsPerGroup in [1, 2000, PanelGenerator.rowsPerGroup] {
                let generator = PanelGenerator(plan, rowsPerGroup: rowsPerGroup)
                let outcome = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { _ in })
                #expect(outcome.facts.rows == plan.rows && outcome.facts.servers == plan.presentServers)
                #expect(outcome.facts.incompleteServer == nil && outcome.facts.unsortedID == nil)
                counts.append(generator.groups)
                for (metric, tally) in outcome.tallies.enumerated() {
                    let values = cells[metric].joined().compactMap(\.self)
                    #expect(tally.cells == plan.rows && tally.present == values.count)
                    #expect(tally.smallest == values.min() && tally.largest == values.max())
                    for slot in [0, 100, 500, plan.steps.count - 1] {
                        let there = plan.servers.filter {
                            lifetimes.steps(server: $0, in: plan.steps).contains(slot) && cells[metric][$0][slot] != nil
                        }
                        let own = stride(from: slot, to: tally.slotCells.count, by: tally.slots).reduce(0) { $0 + tally.slotCells[$1] }
                        #expect(own == Int64(there.count))
                    }
                }
            }
            #expect(counts[0] == plan.presentServers && counts[1] > counts[2] && counts[2] == 1)
        }
    }

    @Test("slices, moved windows and larger fleets have the same servers and cells")
    func slices() throws {
        let whole = try Specs.plan(Self.data())
        let all = PanelTests.cells(whole)
        let slice = try whole.slice(from: Specs.day("2023-05-05"), to: Specs.day("2023-07-20"), servers: 5...31)
        let offset = slice.days.start - whole.days.start
        for (metric, servers) in PanelTests.cells(slice).enumerated() {
            for (index, cells) in servers.enumerated() {
                #expect(cells == Array(all[metric][4 + index][offset..<offset + slice.steps.count]))
            }
        }
        let moved = try Specs.plan(Self.data(servers: 80, from: "2023-11-01", to: "2025-06-30"))
        let later = PanelTests.cells(moved)
        let start = Specs.day("2023-11-01") - Specs.day("2023-01-01")
        for metric in all.indices {
            for server in 0..<60 {
                #expect(Array(all[metric][server][start...]) == Array(later[metric][server][..<(all[metric][server].count - start)]))
            }
        }
        // More servers later on change nothing before.
        let grown = Self.growth.replacing("servers: 60 }", with: "servers: 60 }, { date: 2025-06-30, servers: 90 }")
        for server in 0..<60 {
            #expect(
                days(Self.data(Self.growth), server, "2022-01-01", "2025-12-31")
                    == days(Self.data(grown, servers: 90), server, "2022-01-01", "2025-12-31"))
        }
    }

    @Test("a part of the fleet that does not exist in the days is an error with a remedy")
    func nobody() throws {
        let plan = try Specs.plan(Self.data("{ commissioned: { share: 1, from: 2024-01-01, to: 2024-06-30 } }"))
        let error = #expect(throws: PlanError.self) { try plan.slice(from: nil, to: Specs.day("2023-12-31"), servers: nil) }
        #expect(error?.description.contains("none of the servers exists") == true && error?.description.contains("lifetime") == true)
        let problems = ConfigSupport.problems(
            "data_generation: { lifetime: { commissioned: { share: 1, from: 2027-01-01, to: 2027-06-30 } } }")
        #expect(problems.count == 1 && problems[0].text.contains("none of the servers exists"))
    }

    static let shapes: [(String, String, @Sendable (inout MetricSpec) -> Void)] = [
        (everything, "", { _ in }), (growth, "", { _ in }), (growth, "", { $0.maxClip = 42 }),
        (everything, "", { ($0.maxClip, $0.serverBiasStd) = (50, 15) }), (growth, "", { $0.decimals = nil }),
        (growth, "", { $0.decimals = 0 }),
        (growth, "", { $0.baseStd = 0 }), (everything, "", { $0.serverBiasStd = 0 }),
        (everything, "metadata: { calendars: { eu-west-1: ireland } }", { _ in }),
        (growth, "metadata_effects: { criticality: { High: { cpu: 1.3 } } }", { $0.outlierRate = 0.1 }),
        ("{ decommission: { per_year: 2, from: 2023-01-01 } }", "", { _ in }),
    ]

    @Test("the gate passes fleets that come and go, clipped or not, over many seeds", arguments: 0..<11)
    func gate(shape: Int) async throws {
        let (lifetime, more, change) = Self.shapes[shape]
        for (seed, servers) in [(1, 60), (2, 60), (3, 60), (4, 300), (5, 300)] as [(UInt64, Int)] {
            let scaled = lifetime.replacing("servers: 60 }", with: "servers: \(servers) }")
            var data = Self.data(scaled, servers: servers, more: more).with(change)
            data.seed = seed
            let report = try await QualityGateTests.judge(made: data)
            #expect(report.failures.map(\.sentence) == [], "seed \(seed), \(servers) servers")
        }
        let hours = Self.data(lifetime, from: "2023-02-20", to: "2023-04-10", granularity: "hourly", more: more).with(change)
        #expect(try await QualityGateTests.judge(made: hours).failures.map(\.sentence) == [])
    }

    @Test("the gate notices lifetimes that are not in the data, and effects that are missing from fleets that come and go")
    func gateFails() async throws {
        let asked = Self.data(Self.everything, servers: 300)
        for other in [
            "{}", Self.everything.replacing("0.4", with: "0.5"), Self.everything.replacing("per_year: 0.3", with: "per_year: 0.4"),
        ] {
            let report = try await QualityGateTests.judge(made: Self.data(other, servers: 300), asked: asked)
            #expect(QualityGateTests.failed(report).contains("row_count"))
        }
        for check in ["growth", "weekly", "level", "annual", "holiday"] {
            let made = asked.with { metric in
                switch check {
                case "growth": metric.growthPerYear += 0.1
                case "weekly": metric.weeklyPatternFactor = 0.85
                case "level": metric.baseMean *= 1.02
                case "annual": metric.seasonalityAmplitude = 0.05
                default: metric.holidayMultiplier = 1
                }
            }
            let report = try await QualityGateTests.judge(made: made, asked: asked)
            #expect(QualityGateTests.failed(report).contains(check), "\(check)")
        }
        let passing = try await QualityGateTests.judge(made: asked)
        let own = passing.checks.filter { ["commissioned_share", "decommission_rate"].contains($0.name) }
        #expect(own.map(\.requested) == [0.4, 0.3] && own.allSatisfy { $0.verdict == .pass && $0.realised != $0.requested })
    }
}
