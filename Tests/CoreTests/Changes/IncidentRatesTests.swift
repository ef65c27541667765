import Core
import Testing

@Suite("Rates of incidents by label")
struct IncidentRatesTests {
    private static let factors = "criticality: { High: 0.25, Low: 3 }, region: { eu-west-1: 2 }"

    /// 600 servers over four years of days; with factors or without.
    private func data(_ factors: String?, scope: String = "server", perYear: String = "5") -> DataSpec {
        let rates = factors.map { ", rate_factors: { \($0) }" } ?? ""
        return Specs.dataset(
            """
            data_generation:
              num_servers: 600
              incidents:
                x: { kind: bad-release, per_year: \(perYear), scope: \(scope)\(rates), duration: 1d, metrics: { cpu_p95: 2 } }
            """
        ).data
    }

    private func steps(_ from: String = "2022-01-01", _ to: String = "2025-12-31") -> StepRange {
        StepRange(DayRange(start: Specs.day(from), end: Specs.day(to)), .daily)
    }

    /// Absolute steps at which events begin, by server.
    private func starts(_ data: DataSpec, _ steps: StepRange) -> [[Int]] {
        let directory = ServerDirectory(data)
        let plan = IncidentPlan(data, steps: steps)
        return (0..<data.servers).map { server in
            var found: [Int] = []
            plan.forEachHit(server: server, label: { directory.index(of: $0, server: server) }) { found.append($0.start) }
            return found.filter(steps.absolute.contains)
        }
    }

    @Test("a factor below 1 leaves some events, one above 1 adds others, and where it is 1 nothing moves; rates are as asked for")
    func factors() {
        let (plain, data) = (starts(data(nil), steps()), data(Self.factors))
        let directory = ServerDirectory(data)
        var counts: [Double: (servers: Int, found: Int)] = [:]
        for (server, (own, before)) in zip(starts(data, steps()), plain).enumerated() {
            func label(_ column: ServerDirectory.Label) -> String { directory.labels(column)[directory.index(of: column, server: server)] }
            let factor = ["High": 0.25, "Low": 3][label(.criticality), default: 1] * (label(.region) == "eu-west-1" ? 2 : 1)
            if factor == 1 { #expect(own == before) }
            if factor < 1 { #expect(Set(own).isSubset(of: before) && own.count <= before.count) }
            if factor > 1 { #expect(Set(own).isSuperset(of: before)) }
            #expect(own == own.sorted() && Set(own).count == own.count)
            counts[factor, default: (0, 0)].servers += 1
            counts[factor, default: (0, 0)].found += own.count
        }
        #expect(counts.count == 6)
        for (factor, count) in counts {
            // 5 a year, four years.
            let expected = 20 * factor * Double(count.servers)
            #expect(isNear(Double(count.found), expected, error: expected.squareRoot()), "\(factor)")
        }
    }

    @Test("a part of the window has the events of the whole")
    func slices() {
        let data = data(Self.factors)
        let whole = starts(data, steps())
        let part = steps("2024-03-01", "2024-09-30")
        #expect(starts(data, part) == whole.map { $0.filter(part.absolute.contains) })
    }

    @Test("a label of the scope has its own rate, and a factor of 0 means never")
    func scope() {
        let data = data("region: { eu-west-1: 8, us-west-2: 0 }", scope: "region", perYear: "20")
        let directory = ServerDirectory(data)
        var found: [String: Set<[Int]>] = [:]
        for (server, own) in starts(data, steps()).enumerated() {
            found[directory.labels(.region)[directory.index(of: .region, server: server)], default: []].insert(own)
        }
        // All servers of a region have its events.
        #expect(found.values.allSatisfy { $0.count == 1 })
        for (region, factor) in ["eu-west-1": 8.0, "us-west-2": 0, "us-east-1": 1, "ap-southeast-1": 1] {
            #expect(isNear(Double(found[region]?.first?.count ?? -1), 80 * factor, error: (80 * factor).squareRoot() + 1e-9), "\(region)")
        }
    }

    @Test("the gate measures every factor, and notices one that is not there")
    func gate() throws {
        func checks(of data: DataSpec, judgedBy other: DataSpec) throws -> [QualityCheck] {
            let directory = ServerDirectory(data)
            let counts = IncidentPlan(data, steps: steps()).startCounts(servers: 0..<data.servers, directory)
            let wanted = IncidentPlan(other, steps: steps()).startCounts(servers: 0..<data.servers, directory)
            let gate = QualityGate(try Specs.plan(other))
            return wanted.map { wanted in
                var count = wanted
                count.found = counts.first { $0.scope == wanted.scope }?.found ?? counts[0].found
                return gate.startCheck(count)
            }
        }
        let right = try checks(of: data(Self.factors), judgedBy: data(Self.factors))
        #expect(right.map(\.scope) == ["x", "x, region eu-west-1", "x, criticality High", "x, criticality Low"])
        #expect(right.allSatisfy { $0.verdict == .pass })
        #expect(right.dropFirst().map(\.requested) == [2, 0.25, 3])
        let wrong = try checks(of: data("criticality: { High: 0.5, Low: 2.5 }, region: { eu-west-1: 2.5 }"), judgedBy: data(Self.factors))
        #expect(wrong.dropFirst().allSatisfy { $0.verdict == .fail }, "\(wrong.map(\.sentence))")
        #expect(wrong[2].sentence.contains("check incidents.x.rate_factors"))
    }
}
