import Core
import Testing

/// Proof that the gate sees what it is there for: generators that are wrong in one effect are caught every time, and right ones pass.
///
/// The wrong generator is the right one under another spec: it makes what nobody asked for, and the gate judges it by what was asked.
@Suite("Quality gate, proved")
struct QualityProofTests {
    /// Generates what `made` says and judges it by what `asked` says.
    static func judge(made: DatasetSpec, asked: DatasetSpec? = nil) async throws -> QualityReport {
        func plan(_ spec: DatasetSpec) throws -> PanelPlan {
            var spec = spec
            spec.output.compression = .none
            return try PanelPlan(spec, today: Specs.day("2026-01-01"))
        }
        let generator = PanelGenerator(try plan(made))
        let outcome = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { _ in })
        let own = try plan(asked ?? made)
        return QualityGate(own).judge(
            facts: outcome.facts, signals: PanelGenerator(own).signals, tallies: outcome.tallies, noise: generator.noiseSample())
    }

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

    static let noisy = """
        cpu: { base_mean: 40, base_std: 6, noise_half_life: 3d }, \
        disk: { base_mean: 45, base_std: 3, noise_skewness: 1.5, noise_kurtosis: 5, decimals: null }, \
        net: { base_mean: 300, base_std: 30, max_clip: 2000, noise_kurtosis: 1.5, decimals: 4 }
        """
    static func correlated(_ value: Double = 0.4) -> String { "  noise_correlation: { cpu: { net: \(value) } }\n" }
    static let business =
        "  business_calendar: { eoq_ramp_days: 3, holiday_ramp_days: 2, fiscal_year_end_month: 6, freeze_days: [02-01..02-20] }\n"

    /// One way to be wrong, by a moderate amount.
    struct Bias: Sendable, CustomTestStringConvertible {
        let check: String
        var isNoise = false
        let change: @Sendable (inout DataSpec) -> Void
        var testDescription: String { check }

        init(_ check: String, isNoise: Bool = false, _ change: @escaping @Sendable (inout DataSpec) -> Void) {
            self.check = check
            self.isNoise = isNoise
            self.change = change
        }

        /// Of the first metric.
        static func metric(_ check: String, isNoise: Bool = false, _ change: @escaping @Sendable (inout MetricSpec) -> Void) -> Bias {
            Bias(check, isNoise: isNoise) { change(&$0.metrics[0]) }
        }
    }

    static let biases: [Bias] = [
        .metric("weekly") { $0.weeklyPatternFactor -= 0.05 }, .metric("holiday") { $0.holidayMultiplier += 0.1 },
        .metric("quarter_end") { $0.endOfQuarterMultiplier -= 0.1 }, .metric("annual") { $0.seasonalityAmplitude += 0.04 },
        .metric("growth") { $0.growthPerYear -= 0.05 }, .metric("level") { $0.baseMean += 2 },
        .metric("server_bias") { $0.serverBiasStd *= 1.4 }, .metric("noise_level") { $0.baseStd *= 1.05 },
        .metric("missing_rate") { $0.missingRate *= 1.5 }, .metric("outlier_rate") { $0.outlierRate *= 1.6 },
        .metric("clip_high") { $0.maxClip = 95 }, .metric("clip_low") { $0.minClip = 8 },
        .metric("range") { $0.maxClip = 140 }, .metric("missing_share") { $0.missingRate = 0.07 },
        .metric("noise_memory", isNoise: true) { $0.noise.halfLife = 2 * 86_400 },
        Bias("noise_skewness", isNoise: true) { $0.metrics[1].noise.skewness = 0.5 },
        Bias("noise_kurtosis", isNoise: true) { $0.metrics[2].noise.kurtosis = 4 },
        .metric("noise_level", isNoise: true) { $0.baseStd *= 0.92 },
        Bias("noise_correlation", isNoise: true) {
            $0.noiseCorrelation = spec(metrics: noisy, more: correlated(0.2)).data.noiseCorrelation
        },
    ]

    @Test("a generator that is wrong in one effect by a moderate amount is caught, every time", arguments: biases)
    func caught(bias: Bias) async throws {
        var asked = bias.isNoise ? Self.spec(metrics: Self.noisy, more: Self.correlated()) : Self.spec()
        for seed in 0..<24 as Range<UInt64> {
            asked.data.seed = seed
            var made = asked
            bias.change(&made.data)
            let report = try await Self.judge(made: made, asked: asked)
            #expect(
                report.failures.contains { $0.name == bias.check },
                "seed \(seed): \(report.checks.filter { $0.name == bias.check }.map(\.sentence))")
        }
    }

    @Test("a wrong amount of noise fails no check of an effect, and a wrong effect does not pass for noise")
    func apart() async throws {
        let asked = Self.spec()
        for (check, others) in [
            ("noise_level", ["weekly", "annual", "holiday", "server_bias"]), ("weekly", ["noise_level", "server_bias"]),
        ] {
            let bias = try #require(Self.biases.first { $0.check == check })
            var made = asked
            bias.change(&made.data)
            let failed = QualityGateTests.failed(try await Self.judge(made: made, asked: asked))
            #expect(failed.contains(check) && failed.isDisjoint(with: others), "\(failed)")
        }
    }

    // MARK: False alarms

    @Test("500 right generators of different seeds raise no alarm at the usual tolerance: one in a million of them may")
    func noFalseAlarms() async throws {
        var plain = Self.spec()
        plain.data.servers = 60
        var noisy = Self.spec(metrics: Self.noisy, more: Self.correlated())
        noisy.data.servers = 30
        var (checks, alarms) = (0, [String]())
        for seed in 0..<500 as Range<UInt64> {
            for var spec in seed.isMultiple(of: 2) ? [plain] : [plain, noisy] {
                spec.data.seed = seed
                let report = try await Self.judge(made: spec)
                checks += report.passCount
                alarms += report.failures.map { "seed \(seed): \($0.sentence)" }
            }
        }
        #expect(alarms == [] && checks > 10_000, "\(checks) checks")
    }

    @Test("at three standard errors, 500 right generators raise at most the alarms that three standard errors allow, 27 in 10,000 checks")
    func statedRate() async throws {
        var spec = Self.spec(quality: "{ effect_tolerance: 3 }")
        spec.data.servers = 40
        spec.data.end = .fixed(Specs.day("2023-12-31"))
        var (checks, alarms) = (0.0, [String: Int]())
        for seed in 1000..<1500 as Range<UInt64> {
            spec.data.seed = seed
            let report = try await Self.judge(made: spec)
            for check in report.checks where check.verdict != .notApplicable && QualitySpec.checks.contains(check.name) {
                checks += 1
                if check.verdict == .fail { alarms[check.name, default: 0] += 1 }
            }
        }
        let expected = 0.0027 * checks
        let found = Double(alarms.values.reduce(0, +))
        #expect(found <= expected + 4 * expected.squareRoot(), "\(found) of \(checks) checks: \(alarms)")
        // No single check hides behind the others: 500 of each, 1.35 alarms expected.
        #expect(alarms.values.allSatisfy { $0 <= 8 }, "\(alarms)")
    }

    // MARK: Tolerances

    @Test("a check with a tolerance of its own takes that and no other check does")
    func ownTolerance() async throws {
        let asked = Self.spec(quality: "{ tolerances: { weekly: 100, level: 100 } }")
        var made = asked
        made.data.metrics[0].weeklyPatternFactor -= 0.05
        made.data.metrics[0].holidayMultiplier += 0.1
        let report = try await Self.judge(made: made, asked: asked)
        #expect(QualityGateTests.failed(report) == ["holiday"], "\(report.failures.map(\.sentence))")
        let usual = try await Self.judge(made: made, asked: Self.spec())
        #expect(QualityGateTests.failed(usual).isSuperset(of: ["holiday", "weekly"]))
    }

    @Test("every check with a tolerance is in the list of names that a config may use, and so is every effect")
    func names() async throws {
        var seen: Set<String> = []
        let yaml = [
            """
            data_generation:
              num_servers: 60
              start_date: 2024-01-01
              end_date: 2024-12-31
            \(Self.correlated())\(Self.business)  metrics: { \(Self.noisy) }
              incidents: { a: { kind: memory-leak, per_year: 4, scope: server, duration: 6d, metrics: { cpu: { target: 96 } } } }
              mess: { agent_outage: { per_year: 6 }, late_start: { share: 0.2 }, missing_under_load: { rate: 0.1 }, stuck_sensor: { per_year: 2 } }
              lifetime: { decommission: { per_year: 0.2, from: 2022-01-01 } }
            """, ClassesTests.yaml(granularity: "hourly", from: "2024-03-01", to: "2024-04-30"),
        ]
        for text in yaml {
            var spec = Specs.dataset(text)
            spec.quality.maxMissingShare = 1
            for check in try await Self.judge(made: spec).checks where check.tolerance != nil { seen.insert(check.name) }
        }
        #expect(seen.count > 15 && seen.isSubset(of: QualitySpec.checks), "\(seen.subtracting(QualitySpec.checks))")
        #expect(Set(QualitySpec.checks).count == QualitySpec.checks.count)
    }

    // MARK: What is not measured

    @Test("where the histogram is not that of the plain signal, noise and bounds are not measured, and say why")
    func notApplicable() async throws {
        func verdicts(_ metrics: String, _ more: String = "") async throws -> [String: String] {
            var spec = Self.spec(metrics: metrics, more: more)
            spec.data.servers = 40
            let report = try await Self.judge(made: spec)
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
