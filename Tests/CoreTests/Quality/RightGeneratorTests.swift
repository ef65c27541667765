import Core
import Testing

/// Right data of many seeds: alarms are as rare as the tolerances say.
@Suite("Quality gate, false alarms")
struct RightGeneratorTests {
    /// Servers of each base: as many as 500 runs take a few seconds for.
    private static func servers(_ base: ProofBase) -> Int {
        switch base {
        case .plain: 60
        case .noisy: 30
        case .business: 30
        case .hours: 30
        case .mess: 40
        case .fleet: 100
        case .sparse: 60
        }
    }

    /// Checks whose chance is a normal one or is bounded as one: of the others the expected number of alarms is 0.
    @Test(
        "500 right generators of different seeds raise no alarm at the usual tolerance, and at three standard errors at most 27 in 10,000 checks",
        arguments: ProofBase.allCases)
    func alarms(base: ProofBase) async throws {
        var (checks, alarms, found, counts) = (0, [String](), [String: Int](), [String: Int]())
        for seed in 0..<500 as Range<UInt64> {
            let usual = base.spec(servers: Self.servers(base), seed: seed)
            var narrow = usual
            narrow.quality.effectTolerance = 3
            let reports = try await Proof.reports(made: usual, asked: [usual, narrow])
            checks += reports[0].passCount
            alarms += reports[0].failures.map { "seed \(seed): \($0.sentence)" }
            for check in reports[1].checks where check.verdict != .notApplicable && QualitySpec.checks.contains(check.name) {
                counts[check.name, default: 0] += 1
                if check.verdict == .fail { found[check.name, default: 0] += 1 }
            }
        }
        // One check in a million may be out by five standard errors or more.
        #expect(alarms == [] && checks > 5000, "\(checks) checks")
        let expected = 0.0027 * Double(counts.values.reduce(0, +))
        let all = Double(found.values.reduce(0, +))
        #expect(all <= expected + 4 * expected.squareRoot(), "\(all) of \(counts): \(found)")
        // No single check hides behind the others.
        for (name, count) in found {
            let own = 0.0027 * Double(counts[name] ?? 0)
            #expect(Double(count) <= own + 4 * own.squareRoot() + 2, "\(name): \(count) of \(counts[name] ?? 0)")
        }
    }

    @Test("where a tenth of an event is expected, three are chance")
    func fewEvents() async throws {
        let metrics = (0..<100).map { "m\($0): { base_mean: 40 }" }.joined(separator: ", ")
        let text = "data_generation: { num_servers: 1, start_date: 2024-01-01, end_date: 2024-04-09, metrics: { \(metrics) } }"
        var (checks, alarms) = (0, [String]())
        for seed in 0..<300 as Range<UInt64> {
            var spec = Specs.dataset(text)
            spec.data.seed = seed
            let report = try await Proof.reports(made: spec, asked: [spec])[0]
            checks += report.checks.filter { ["missing_rate", "outlier_rate"].contains($0.name) && $0.verdict != .notApplicable }.count
            alarms += report.failures.map { "seed \(seed): \($0.sentence)" }
        }
        #expect(alarms == [] && checks == 60000, "\(checks) checks")
    }
}
