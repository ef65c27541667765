import Core
import Testing

@Suite("Changes that last")
struct LastingChangesTests {
    /// Everything of lasting changes on, on two of three metrics; full precision and bounds far away unless said otherwise.
    static func yaml(
        granularity: String = "daily", servers: Int = 40, from: String = "2023-01-01", to: String = "2024-12-31", decimals: String = "null",
        changes: String? = nil
    ) -> String {
        let all = """
            { move: { kind: migration, at: [2023-06-01], spread: 200d, ramp: 30d, metrics: { cpu: 0.7, mem: [0.8, 1.2] } },
              shift: { kind: level-shift, per_year: 1.5, ramp: 10d, metrics: { cpu: [0.6, 1.5] } },
              size: { kind: right-sizing, at: [2024-02-01, 2023-03-15], share: 0.4, servers: { region: [us-east-1, eu-west-1] }, metrics: { cpu: 1.3 } } }
            """
        return """
            data_generation:
              num_servers: \(servers)
              granularity: \(granularity)
              start_date: \(from)
              end_date: \(to)
              decimals: \(decimals)
              changes: \((changes ?? all).replacing("\n", with: " "))
              metrics:
                - { name: cpu, base_mean: 40, base_std: 4, min_clip: -1000, max_clip: 1000, outlier_rate: 0.01 }
                - { name: mem, base_mean: 50, base_std: 5, min_clip: -1000, max_clip: 1000 }
                - { name: disk, base_mean: 50, base_std: 5, min_clip: -1000, max_clip: 1000 }
            """
    }

    private func plan(_ yaml: String) throws -> PanelPlan { try PanelPlan(Specs.dataset(yaml), today: Specs.day("2026-01-01")) }

    /// The factor of each present cell of a metric and server: published over what it is without changes.
    private func factors(_ changes: String, metric: Int = 0, server: Int = 3) throws -> [Double?] {
        let changed = PanelGenerator(try plan(Self.yaml(changes: changes))).values(metric: metric, server: server)
        let plain = PanelGenerator(try plan(Self.yaml(changes: "null"))).values(metric: metric, server: server)
        return zip(changed, plain).map { pair in
            guard let new = pair.0, let old = pair.1 else {
                #expect(pair.0 == nil && pair.1 == nil)
                return nil
            }
            return new / old
        }
    }

    private func day(_ iso: String) -> Int { Specs.day(iso) - Specs.day("2023-01-01") }

    @Test("from its day on a change multiplies the values, until the next of the same name; changes of two names multiply")
    func dates() throws {
        let found = try factors(
            """
            { a: { kind: migration, at: [2023-03-01], metrics: { cpu: 0.5 } },
              b: { kind: level-shift, at: [2022-05-01, 2023-07-01], metrics: { cpu: 3 } } }
            """)
        for (index, factor) in found.enumerated() {
            guard let factor else { continue }
            #expect((factor - (index < day("2023-03-01") ? 3 : 1.5)).magnitude < 1e-9, "day \(index)")
        }
        #expect(try factors("{ a: { kind: migration, at: 2023-03-01, metrics: { cpu: 0.5 } } }", metric: 1).allSatisfy { $0 ?? 1 == 1 })
    }

    @Test("a ramp moves in a line from the factor before, whether or not it began before the window")
    func ramp() throws {
        let found = try factors("{ a: { kind: migration, at: [2022-12-30, 2023-06-01], ramp: 9d, metrics: { cpu: [2, 2] } } }")
        for (index, factor) in found.enumerated() {
            guard let factor else { continue }
            let passed = index + 2
            let expected = passed < 9 ? 1 + Double(passed + 1) / 10 : 2
            #expect((factor - expected).magnitude < 1e-9, "day \(index)")
        }
    }

    @Test("only servers with the labels are touched, and only a share of them")
    func scope() throws {
        let changes =
            "{ a: { kind: migration, at: [2022-01-01], share: 0.5, servers: { region: [us-east-1], criticality: [Medium, Low] }, metrics: { cpu: 2 } } }"
        let generator = PanelGenerator(try plan(Self.yaml(servers: 400, changes: changes)))
        let plain = PanelGenerator(try plan(Self.yaml(servers: 400, changes: "null")))
        var (possible, touched) = (0, 0)
        for server in 0..<400 {
            let labels = [ServerDirectory.Label.region, .criticality].map {
                generator.directory.labels($0)[generator.directory.index(of: $0, server: server)]
            }
            let isChanged = generator.values(metric: 0, server: server) != plain.values(metric: 0, server: server)
            if labels[0] == "us-east-1", labels[1] != "High" {
                possible += 1
                touched += isChanged ? 1 : 0
            } else {
                #expect(!isChanged)
            }
        }
        #expect(possible > 100 && (Double(touched) - Double(possible) / 2).magnitude < 5 * (Double(possible) / 4).squareRoot())
    }

    @Test("random changes come as often as they are asked for, within their bounds and at any time")
    func random() throws {
        let data = Specs.dataset(
            Self.yaml(servers: 500, changes: "{ a: { kind: level-shift, per_year: 2, metrics: { cpu: [0.5, 2] } } }")
        ).data
        let steps = StepRange(DayRange(start: Specs.day("2020-01-01"), end: Specs.day("2024-12-31")), .daily)
        let lasting = try #require(LastingPlan(data, steps: steps, directory: ServerDirectory(data)))
        var (count, early) = (0, 0)
        for server in 0..<500 {
            let own = lasting.events(lasting.changes[0], server: server)
            #expect(own == own.sorted { $0.start < $1.start })
            let inside = own.filter { steps.absolute.contains($0.start) }
            count += inside.count
            early += own.count - inside.count
        }
        let expected = 500 * 2 * 1827 / 365.2425
        #expect((Double(count) - expected).magnitude < 5 * expected.squareRoot())
        // Two before the window, on the first day's step at the latest.
        #expect(early > 970 && early <= 1000)
    }

    @Test("a slice is that part of the whole, with everything on", arguments: ["2", "5", "null"], ["daily", "6h"])
    func slices(decimals: String, granularity: String) throws {
        let whole = try plan(Self.yaml(granularity: granularity, decimals: decimals))
        let all = PanelTests.cells(whole)
        for (from, to) in [("2023-06-05", "2023-06-20"), ("2024-03-01", "2024-03-01"), ("2023-01-01", "2023-12-31")] {
            let slice = try whole.slice(from: Specs.day(from), to: Specs.day(to), servers: 5...31)
            let offset = (slice.days.start - whole.days.start) * whole.spec.data.granularity.stepsPerDay
            for (metric, servers) in PanelTests.cells(slice).enumerated() {
                for (index, cells) in servers.enumerated() {
                    #expect(cells == Array(all[metric][4 + index][offset..<offset + slice.steps.count]))
                }
            }
        }
    }

    @Test("a window that moves keeps its history; more servers and threads change nothing", arguments: ["2", "null"])
    func moved(decimals: String) async throws {
        let before = PanelTests.cells(try plan(Self.yaml(decimals: decimals)))
        let later = try plan(Self.yaml(servers: 60, from: "2023-11-01", to: "2026-02-01", decimals: decimals))
        let after = PanelTests.cells(later)
        let offset = day("2023-11-01")
        for metric in before.indices {
            for server in before[metric].indices {
                let kept = before[metric][server].count - offset
                #expect(Array(before[metric][server][offset...]) == Array(after[metric][server][..<kept]))
            }
        }
        #expect(
            try await PanelTests.file(later, threads: 1) == PanelTests.file(later, threads: 3, rowsPerGroup: PanelGenerator.rowsPerGroup))
    }

    @Test("the quality gate passes them, because it judges the signal that they act on")
    func gate() async throws {
        for decimals in ["2", "null"] {
            var data = Specs.dataset(Self.yaml(servers: 120, decimals: decimals)).data
            data = data.with { ($0.minClip, $0.maxClip) = (0, 100) }
            #expect(try await QualityGateTests.judge(made: data).failures.map(\.sentence) == [])
        }
    }

    @Test("the truth tells each event once, in the same words from every window, and of the whole fleet")
    func truth() throws {
        let data = Specs.dataset(Self.yaml(servers: 200)).data
        func truth(_ from: String, _ to: String, inForce: Bool = false) throws -> [TruthEvent] {
            let steps = StepRange(DayRange(start: Specs.day(from), end: Specs.day(to)), .daily)
            let lasting = try #require(LastingPlan(data, steps: steps, directory: ServerDirectory(data)))
            #expect(lasting.truth(data, atMost: 3) == nil)
            return try #require(lasting.truth(data, atMost: 10_000, inForce: inForce))
        }
        let whole = try truth("2023-01-01", "2024-12-31")
        #expect(Set(whole.map(\.id)).count == whole.count)
        let parts = try truth("2023-01-01", "2023-09-30") + truth("2023-10-01", "2024-12-31")
        #expect(Set(parts) == Set(whole) && parts.count == whole.count)
        // What holds when a window begins is told there, too.
        let late = try truth("2023-10-01", "2024-12-31", inForce: true)
        let (begun, earlier) = try (truth("2023-10-01", "2024-12-31"), truth("2000-01-01", "2023-09-30"))
        let before = late.filter { $0.start < Int64(Specs.day("2023-10-01").number) * 86_400 }
        #expect(Set(late).isSuperset(of: begun) && Set(before).isSubset(of: earlier))
        #expect(before.count { $0.kind == "right-sizing" } == 1 && before.count { $0.kind == "migration" } > 100)
        let sizes = whole.filter { $0.kind == "right-sizing" }
        #expect(sizes.map(\.id) == ["size/2023-03-15", "size/2024-02-01"])
        #expect(sizes[0].servers.count == sizes[0].servers.listed?.count && sizes[0].end == nil && sizes[0].magnitude == 1.3)
        #expect(sizes[0].cause == "data_generation.changes.size" && sizes[0].metrics == ["cpu"])
        let moves = whole.filter { $0.kind == "migration" }
        #expect(moves.count == 200 && moves.allSatisfy { $0.servers.count == 1 && $0.metrics == ["cpu", "mem"] && $0.magnitude == nil })
        #expect(moves.allSatisfy { ($0.start - Int64(Specs.day("2023-06-01").number) * 86_400) / 86_400 <= 200 })
        let shifts = whole.filter { $0.kind == "level-shift" }
        #expect(shifts.count > 450 && shifts.allSatisfy { (0.6...1.5).contains($0.magnitude ?? 0) })
    }
}
