import Core
import Testing

@Suite("Quality gate on lasting changes and shared factors")
struct QualityChangesTests {
    private func data(share: String = "0.4", perYear: String = "0.5", deviation: String = "0.1") -> DataSpec {
        Specs.dataset(
            """
            data_generation:
              num_servers: 2000
              changes:
                moves: { kind: migration, at: [2023-03-01], share: \(share), servers: { region: [us-east-1, us-west-2] }, metrics: { cpu_p95: 0.8 } }
                shifts: { kind: level-shift, per_year: \(perYear), metrics: { cpu_p95: [0.8, 1.3] } }
              incidents:
                weather: { kind: shared-factor, scope: region, duration: 3d, metrics: { cpu_p95: \(deviation), mem_p95: 0.9 } }
            """
        ).data
    }

    private func checks(of made: DataSpec, judgedBy asked: DataSpec) throws -> [QualityCheck] {
        let plan = try Specs.plan(asked)
        let gate = QualityGate(plan)
        func counts(_ data: DataSpec) throws -> [ChangeCount] {
            let lasting = try #require(LastingPlan(data, steps: plan.steps, directory: ServerDirectory(data)))
            return lasting.counts(servers: 0..<data.servers)
        }
        let changes = zip(try counts(asked), try counts(made)).flatMap { wanted, found in
            var count = wanted
            (count.touched, count.found) = (found.touched, found.found)
            return gate.changeChecks(count)
        }
        func spreads(_ data: DataSpec) -> [FactorSpread] { SharedFactors(data, steps: plan.steps).spreads(data) }
        let factors = zip(spreads(asked), spreads(made)).map { wanted, found in
            var own = wanted
            own.found = found.found
            return gate.factorCheck(own)
        }
        return changes + factors
    }

    @Test("shares, rates and standard deviations pass where they are as asked for")
    func right() throws {
        let found = try checks(of: data(), judgedBy: data())
        #expect(found.map(\.name) == ["change_share", "change_rate", "shared_factor", "shared_factor"])
        #expect(found.map(\.scope) == ["moves", "shifts", "weather", "weather"])
        #expect(found.allSatisfy { $0.verdict == .pass }, "\(found.map(\.sentence))")
        #expect(abs((found[0].requested ?? 0) - 0.4) < 1e-12 && abs((found[1].requested ?? 0) - 0.5) < 1e-9)
        #expect(abs((found[2].requested ?? 0) - 0.1) < 1e-3 && (found[3].requested ?? 1) < 0.9)
        for check in found { #expect((check.tolerance ?? 1) < 0.4 * (check.requested ?? 0), "\(check.sentence)") }
    }

    @Test("others fail, with the key to look at")
    func wrong() throws {
        let found = try checks(of: data(share: "0.8", perYear: "0.8", deviation: "0.2"), judgedBy: data())
        #expect(found.prefix(3).allSatisfy { $0.verdict == .fail }, "\(found.map(\.sentence))")
        for (check, key) in zip(found, ["changes.moves.share", "changes.shifts.per_year", "incidents.weather.metrics"]) {
            #expect(check.sentence.contains(key))
        }
    }

    @Test("a window too short for a factor's waves is said to be, and without changes there are no checks")
    func short() throws {
        var own = data()
        (own.start, own.end) = (.fixed(Specs.day("2023-01-01")), .fixed(Specs.day("2023-01-10")))
        let gate = QualityGate(try Specs.plan(own))
        #expect(gate.factorChecks().allSatisfy { $0.verdict == .notApplicable })
        let plain = QualityGate(try Specs.plan(Specs.data()))
        #expect(plain.factorChecks().isEmpty && plain.changeChecks().isEmpty)
    }
}
