import Core
import Testing

/// Proof that the gate sees what it is there for: generators that are wrong in one effect are caught every time, and right ones pass.
///
/// The wrong generator is the right one under another spec: it makes what nobody asked for, and the gate judges it by what was asked.
@Suite("Quality gate, proved")
struct QualityProofTests {
    static func spec(
        metrics: String = "cpu: { base_mean: 45, base_std: 12, min_clip: 1, max_clip: 99, growth_per_year: 0.1, outlier_rate: 0.004 }",
        quality: String = "{}", more: String = ""
    ) -> DatasetSpec {
        Specs.dataset(
            """
            data_generation:
              num_servers: 120
              start_date: 2022-01-01
              end_date: 2024-12-31
            \(more)  metrics: { \(metrics) }
            quality: \(quality)
            """)
    }

    static let seeds = 0..<24 as Range<UInt64>

    @Test("a generator that is wrong in one effect by a moderate amount is caught, every time", arguments: WrongGenerator.all)
    func caught(wrong: WrongGenerator) async throws {
        for seed in Self.seeds {
            let report = try await wrong.report(seed: seed)
            #expect(
                report.failures.contains { $0.name == wrong.check },
                "seed \(seed): \(report.checks.filter { $0.name == wrong.check }.map(\.sentence))")
        }
    }

    @Test("there is a wrong generator for every check, and a right one that measures it")
    func every() async throws {
        let bounds: Set = ["row_count", "columns", "server_ids", "dates_complete", "missing_share", "range"]
        let all = bounds.union(QualitySpec.checks)
        #expect(Set(QualitySpec.checks).count == QualitySpec.checks.count)
        #expect(Set(WrongGenerator.all.map(\.check)) == all, "\(all.symmetricDifference(WrongGenerator.all.map(\.check)))")
        var measured: Set<String> = []
        for base in ProofBase.allCases {
            let report = try await Proof.judge(made: base.spec(servers: base == .fleet ? 300 : nil))
            #expect(report.passed, "\(report.failures.map(\.sentence))")
            measured.formUnion(report.checks.filter { $0.verdict == .pass }.map(\.name))
        }
        #expect(measured == all, "\(all.symmetricDifference(measured))")
    }

    @Test("a wrong amount of noise fails no check of an effect, and a wrong effect does not pass for noise")
    func apart() async throws {
        for (check, others) in [
            ("noise_level", ["weekly", "annual", "holiday", "server_bias"]), ("weekly", ["noise_level", "server_bias"]),
        ] {
            let wrong = try #require(WrongGenerator.all.first { $0.check == check })
            let failed = QualityGateTests.failed(try await wrong.report(seed: 42))
            #expect(failed.contains(check) && failed.isDisjoint(with: others), "\(failed)")
        }
    }

    // MARK: Tolerances

    @Test("a check with a tolerance of its own takes that and no other check does")
    func ownTolerance() async throws {
        let asked = Self.spec(quality: "{ tolerances: { weekly: 100, level: 100 } }")
        var made = asked
        made.data.metrics[0].weeklyPatternFactor -= 0.05
        made.data.metrics[0].holidayMultiplier += 0.1
        let report = try await Proof.judge(made: made, asked: asked)
        #expect(QualityGateTests.failed(report) == ["holiday"], "\(report.failures.map(\.sentence))")
        let usual = try await Proof.judge(made: made, asked: Self.spec())
        #expect(QualityGateTests.failed(usual).isSuperset(of: ["holiday", "weekly"]))
    }

    // MARK: What is not measured

    @Test("where the histogram is not that of the plain signal, noise and bounds are not measured, and say why")
    func notApplicable() async throws {
        func verdicts(_ metrics: String, _ more: String = "") async throws -> [String: String] {
            var spec = Self.spec(metrics: metrics, more: more)
            spec.data.servers = 40
            let report = try await Proof.judge(made: spec)
            #expect(report.passed, "\(report.failures.map(\.sentence))")
            return Dictionary(
                uniqueKeysWithValues: report.checks.filter { ["noise_level", "clip_low", "clip_high"].contains($0.name) }.map {
                    ($0.name, $0.verdict == .pass ? "pass" : $0.sentence)
                })
        }
        let plain = try await verdicts("m: { base_mean: 50, base_std: 8 }")
        #expect(plain.values.allSatisfy { $0 == "pass" } && plain.count == 3)
        let still = try await verdicts("m: { base_mean: 50, base_std: 0 }")
        #expect(still["noise_level"]?.contains("there is none") == true && still["clip_low"]?.contains("too little noise") == true)
        let coarse = try await verdicts("m: { base_mean: 50, base_std: 1, decimals: 0 }")
        #expect(coarse["noise_level"]?.contains("rounded to steps of its size") == true)
        let fine = try await verdicts("m: { base_mean: 50, base_std: 0.000001, server_bias_std: 0, decimals: null }")
        #expect(fine["noise_level"]?.contains("counted in bins") == true && fine["clip_low"]?.contains("too little noise") == true)
        let bent = try await verdicts("m: { base_mean: 50, base_std: 8, noise_kurtosis: 2 }")
        #expect(bent["noise_level"] == "pass" && bent["clip_high"]?.contains("not normal") == true)
        let mess = try await verdicts("m: { base_mean: 50, base_std: 8 }", "  mess: { stuck_sensor: { per_year: 3 } }\n")
        #expect(mess["noise_level"]?.contains("change the cells") == true && mess["clip_low"]?.contains("change the cells") == true)
        let lives = try await verdicts(
            "m: { base_mean: 50, base_std: 8 }", "  lifetime: { decommission: { per_year: 0.3, from: 2022-06-01 } }\n")
        #expect(lives["noise_level"]?.contains("begin or end") == true)
    }
}
