import Core
import Testing

@Suite("Truth of cells")
struct CellTruthTests {
    static func plan(_ decimals: Int?, outliers: Double = 0.02, missing: Double = 0.02) throws -> PanelPlan {
        try Specs.plan(
            Specs.data(servers: 12).with {
                $0.decimals = decimals
                $0.outlierRate = outliers
                $0.missingRate = missing
            })
    }

    /// Checks the table's promises cell by cell and gives the flags that occur.
    private func flags(_ generator: PanelGenerator, twin: PanelGenerator) -> [[[CellFlags]]] {
        generator.signals.indices.map { metric in
            generator.plan.servers.map { server in
                let truth = generator.truth(metric: metric, server: server)
                let published = generator.values(metric: metric, server: server)
                let clean = twin.values(metric: metric, server: server)
                #expect(truth.map(\.published) == published)
                #expect(truth.map { Optional($0.clean) } == clean)
                for cell in truth {
                    let isOther = cell.published != cell.clean
                    #expect(cell.flags.isEmpty != isOther)
                    #expect((cell.published == nil) == !cell.flags.isDisjoint(with: .missing))
                    if cell.published == nil { #expect(CellFlags.missing.isSuperset(of: cell.flags)) }
                }
                return truth.map(\.flags)
            }
        }
    }

    @Test("the clean row is the twin's, and flags name every cell that differs and no other", arguments: [2, 4, nil] as [Int?])
    func plain(decimals: Int?) throws {
        let twin = PanelGenerator(try Self.plan(decimals, outliers: 0, missing: 0))
        let found = flags(PanelGenerator(try Self.plan(decimals)), twin: twin).joined().joined()
        let cells = Double(found.count)
        #expect(Set(found) == [[], .outlier, .missingAtRandom])
        for flag in [CellFlags.outlier, .missingAtRandom] {
            let count = Double(found.count { $0.contains(flag) })
            // Outliers that clipping undoes, and those that are missing, have no flag.
            #expect(count < 0.02 * cells + 5 * (0.02 * cells).squareRoot() && count > 0.015 * cells)
        }
        #expect(flags(twin, twin: twin).joined().joined().allSatisfy { $0.isEmpty })
    }

    @Test("with changes, gaps, stuck sensors and slips as well", arguments: [2, 4, nil] as [Int?])
    func rich(decimals: Int?) throws {
        let generator = PanelGenerator(try Self.plan(decimals), changes: [EverythingSource()])
        let found = flags(generator, twin: PanelGenerator(try Self.plan(decimals, outliers: 0, missing: 0)))
        func causes(_ steps: Range<Int>) -> CellFlags {
            steps.reduce(into: []) { $0.formUnion(found[0][1][$1].union(found[0][3][$1]).union(found[2][5][$1])) }
        }
        let always: CellFlags = [.outlier, .missingAtRandom, .missingUnderLoad]
        for (steps, flag) in [
            (10..<15, CellFlags.incident), (15..<20, [.incident, .lastingChange]), (20..<25, .lastingChange), (25..<30, []),
            (30..<33, .agentOutage), (33..<35, [.agentOutage, .collectorOutage]), (35..<40, .collectorOutage), (50..<51, []),
            (51..<62, .stuckSensor), (70..<75, .unitSlip), (80..<500, []),
        ] as [(Range<Int>, CellFlags)] {
            #expect(causes(steps).subtracting(always) == flag, "\(steps)")
        }
        #expect(causes(80..<500).contains(.missingUnderLoad))
        for server in generator.plan.servers where server % 2 == 0 {
            for metric in found.indices { #expect(found[metric][server].allSatisfy { $0.isSubset(of: [.outlier, .missingAtRandom]) }) }
        }
        #expect(found[1].joined().allSatisfy { $0.isSubset(of: [.outlier, .missingAtRandom]) })
    }

    @Test("a slice in time and servers is that part of the whole")
    func slices() throws {
        let whole = try Self.plan(2)
        let part = try whole.slice(from: Specs.day("2022-03-05"), to: Specs.day("2022-04-02"), servers: 4...9)
        let (all, some) = (PanelGenerator(whole), PanelGenerator(part))
        let offset = part.days.start - whole.days.start
        for metric in all.signals.indices {
            for server in part.servers {
                let expected = Array(all.truth(metric: metric, server: server)[offset..<offset + part.days.count])
                #expect(some.truth(metric: metric, server: server) == expected)
            }
        }
    }

    @Test("every flag has a name", arguments: 0..<32)
    func names(bit: Int) {
        let flag = CellFlags(rawValue: 1 << bit)
        let isKnown = ConfigReference.markdown.contains("\n| \(flag.rawValue) | `")
        #expect(isKnown == (bit <= 13))
    }

    @Test("every table has the same bytes for any number of threads", arguments: [Artifact.Role.truth, .events, .covariates])
    func threads(role: Artifact.Role) async throws {
        var plan = try Self.plan(2).spec
        plan.truth = TruthSpec(cells: true, components: true, events: true, horizon: 30, oracle: true)
        let generator = PanelGenerator(try PanelPlan(plan, today: Specs.day("2026-01-01")), changes: [EverythingSource()])
        func file(_ threads: Int) async throws -> [UInt8] {
            var bytes: [UInt8] = []
            let written = try await TruthTables(generator, threads: threads, rowsPerGroup: 3000)
                .write(role, metadata: [("dataset", "fleet")], sink: { bytes += $0 })
            #expect(written.rows == [.truth: 12 * 730, .events: 2, .covariates: 760][role])
            return bytes
        }
        let one = try await file(1)
        #expect(one.count > 1000)
        for threads in [2, 5] { #expect(try await file(threads) == one) }
    }
}
