import Core
import Testing

@Suite("Rows that come twice and late")
struct RowMessTests {
    private static let mess = "{ duplicate_rows: { rate: 0.03 }, late_rows: { rate: 0.2, delay: [1h, 3d], arrival_column: ingested_at } }"
    private static let lives =
        "{ commissioned: { share: 0.5, from: 2023-01-10, to: 2023-03-28 }, decommission: { per_year: 2, from: 2023-01-05 } }"

    private static func data(
        _ mess: String = mess, lifetime: String = "{}", servers: Int = 30, to: String = "2023-03-31", granularity: String = "6h",
        decimals: String = "2", more: String = ""
    ) -> DataSpec {
        Specs.dataset(
            """
            data_generation:
              num_servers: \(servers)
              granularity: \(granularity)
              start_date: 2023-01-01
              end_date: \(to)
              decimals: \(decimals)
              missing_rate: 0.02
              outlier_rate: 0.01
              mess: \(mess)
              lifetime: \(lifetime)
              \(more)
              metrics:
                - { name: cpu, base_mean: 40, base_std: 8, server_bias_std: 6 }
                - { name: mem, base_mean: 60, base_std: 5, max_clip: 200 }
            """
        ).data
    }

    @Test(
        "files do not depend on threads, tallies not on row groups, and both count the rows of the file",
        arguments: ["2", "3", "5", "null"],
        ["", "changes: { move: { kind: migration, per_year: 9, metrics: { cpu: [0.5, 1.5] } } }"])
    func files(decimals: String, more: String) async throws {
        for lifetime in ["{}", Self.lives] {
            let plan = try Specs.plan(Self.data(lifetime: lifetime, decimals: decimals, more: more))
            #expect(try await PanelTests.file(plan, threads: 1) == PanelTests.file(plan, threads: 3))
            let cells = PanelTests.cells(plan)
            var summaries: [[MetricSummary]] = []
            for rowsPerGroup in [1, 1000, PanelGenerator.rowsPerGroup] {
                let outcome = try await PanelWriter(PanelGenerator(plan, rowsPerGroup: rowsPerGroup), threads: 2)
                    .write(metadata: [], sink: { _ in })
                #expect(outcome.facts.rows == plan.rows && outcome.facts.servers == plan.presentServers)
                #expect(outcome.facts.incompleteServer == nil && outcome.facts.unsortedID == nil)
                for (metric, tally) in outcome.tallies.enumerated() {
                    let values = cells[metric].joined().compactMap(\.self)
                    let twice = tally.cells(of: .duplicateRow)
                    #expect(tally.fileCells == plan.rows && tally.fileCells == tally.cells + twice - tally.waiting)
                    #expect(twice > 50 && tally.waiting > 10 && tally.cells(of: .lateRow) > 5 * tally.waiting)
                    #expect(tally.counts.reduce(0, +) == tally.present && tally.present >= values.count)
                    #expect(tally.present - values.count <= twice)
                    #expect(tally.smallest == values.min() && tally.largest == values.max())
                }
                summaries.append(zip(outcome.tallies, plan.spec.data.metrics).map { MetricSummary($0, metric: $1) })
            }
            #expect(summaries[0] == summaries[2] && summaries[1] == summaries[2])
        }
    }

    @Test("parts of the time and of the fleet have together the rows of the whole", arguments: ["{}", lives])
    func slices(lifetime: String) throws {
        let whole = try Specs.plan(Self.data(lifetime: lifetime))
        let (before, after) = (Specs.day("2023-03-29"), Specs.day("2023-03-30"))
        let parts = try [
            whole.slice(from: nil, to: before, servers: 1...12), whole.slice(from: nil, to: before, servers: 13...30),
            whole.slice(from: after, to: nil, servers: 1...12), whole.slice(from: after, to: nil, servers: 13...30),
        ]
        #expect(parts.reduce(0) { $0 + $1.rows } == whole.rows)
        let (all, some) = (PanelTests.cells(whole), PanelTests.cells(parts[3]))
        for (metric, servers) in some.enumerated() {
            for (index, cells) in servers.enumerated() { #expect(cells == Array(all[metric][12 + index].suffix(cells.count))) }
        }
    }

    @Test("a window that moves on only adds", arguments: ["daily", "hourly", "15min"])
    func moves(granularity: String) throws {
        let plan = try Specs.plan(Self.data(servers: 12, to: "2023-01-20", granularity: granularity))
        let later = try Specs.plan(Self.data(servers: 12, to: "2023-01-22", granularity: granularity))
        let settled = try Specs.plan(
            Self.data("{ duplicate_rows: { rate: 0.03 } }", servers: 12, to: "2023-01-20", granularity: granularity))
        let (first, second, all) = (PanelTests.cells(plan), PanelTests.cells(later), PanelTests.cells(settled))
        var (added, open) = (0, 0)
        for metric in first.indices {
            for server in first[metric].indices {
                for (step, value) in first[metric][server].enumerated() {
                    let (now, final) = (second[metric][server][step], all[metric][server][step])
                    #expect(value == nil || value == now)
                    #expect(now == nil || now == final)
                    added += value == nil && now != nil ? 1 : 0
                    open += now == nil && final != nil ? 1 : 0
                }
            }
        }
        #expect(added > 0 && added > open)
    }

    @Test("cells and offsets of all other effects stay as they are")
    func otherCells() throws {
        let plain = PanelTests.cells(try Specs.plan(Self.data("{}")))
        let mixed = PanelTests.cells(try Specs.plan(Self.data()))
        var absent = 0
        for (left, right) in zip(plain.joined().joined(), mixed.joined().joined()) {
            if left != nil, right == nil { absent += 1 } else { #expect(left == right) }
        }
        #expect(absent > 0 && absent < 2 * 30 * 12)
    }

    @Test("the gate passes such panels over many seeds, and their parts", arguments: ["{}", lives])
    func gate(lifetime: String) async throws {
        for (seed, servers) in [(1, 5), (2, 30), (3, 30), (4, 200)] as [(UInt64, Int)] {
            for granularity in ["daily", "hourly"] {
                var data = Self.data(lifetime: lifetime, servers: servers, granularity: granularity)
                data.seed = seed
                let report = try await QualityGateTests.judge(made: data)
                #expect(report.failures.map(\.sentence) == [], "seed \(seed), \(servers) servers, \(granularity)")
            }
        }
    }

    @Test("the gate notices rates and delays that are not in the data")
    func gateFails() async throws {
        let asked = Self.data(servers: 200)
        for (check, change) in [
            ("duplicate_rows", { $0.duplicateRate = 0.04 }), ("late_rows", { $0.lateRate = 0.22 }),
            ("waiting_rows", { $0.delay = 2 * 86_400...3 * 86_400 }),
        ] as [(String, (inout RowMessSpec) -> Void)] {
            var made = asked
            change(&made.mess.rows)
            let report = try await QualityGateTests.judge(made: made, asked: asked)
            #expect(QualityGateTests.failed(report).isSuperset(of: [check, "row_count"]), "\(check)")
        }
        let passing = try await QualityGateTests.judge(made: asked)
        let own = passing.checks.filter { ["duplicate_rows", "late_rows", "waiting_rows"].contains($0.name) && $0.metric == "cpu" }
        #expect(own.count == 3 && own.allSatisfy { $0.verdict == .pass && $0.realised != $0.requested })
    }

    @Test("days of which no row has arrived are an error with a remedy")
    func nothing() throws {
        let plan = try Specs.plan(Self.data("{ late_rows: { rate: 0.95, delay: 30d } }", servers: 30, granularity: "daily"))
        let some = (1...30).first { (try? plan.slice(from: Specs.day("2023-03-31"), to: nil, servers: $0...$0)) == nil }
        let server = try #require(some)
        let error = #expect(throws: PlanError.self) {
            try plan.slice(from: Specs.day("2023-03-31"), to: nil, servers: server...server)
        }
        #expect(error?.description.contains("none has arrived") == true && error?.description.contains("mess.late_rows") == true)
    }
}
