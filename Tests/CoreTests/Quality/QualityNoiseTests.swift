import Core
import Testing

@Suite("Quality gate over noise")
struct QualityNoiseTests {
    static func yaml(
        _ metrics: String, servers: Int, from: String = "2023-01-01", to: String, granularity: String = "daily", more: String = ""
    )
        -> String
    {
        """
        data_generation:
          num_servers: \(servers)
          granularity: \(granularity)
          start_date: \(from)
          end_date: \(to)
        \(more.isEmpty ? "" : more + "\n")  metrics:
        \(metrics)
        """
    }

    static let everything = """
            cpu: { base_mean: 40, base_std: 6, noise_half_life: 3d, noise_slow_share: 0.3, noise_slow_half_life: 40d, noise_load_exponent: 0.5, saturation: 0.1 }
            mem: { base_mean: 55, base_std: 4, noise_half_life: 10d, noise_skewness: 0.8, noise_kurtosis: 2 }
            disk: { base_mean: 45, base_std: 3, noise_skewness: 1.5, noise_kurtosis: 5, decimals: null }
            net: { base_mean: 300, base_std: 30, max_clip: 2000, noise_kurtosis: 1.5, noise_load_exponent: 0, decimals: 4 }
        """
    static let correlated = "  noise_correlation: { cpu: { mem: 0.4, net: 0.15 }, disk: { net: 0.5 } }"
    static let clipped = """
            cpu: { base_mean: 20, base_std: 12, noise_half_life: 2d, noise_skewness: 1, noise_kurtosis: 2 }
            mem: { base_mean: 85, base_std: 12, noise_half_life: 20d, saturation: 0.3 }
            low: { base_mean: 5, base_std: 3, saturation: 0.05, decimals: 0, noise_slow_share: 0.5 }
            coarse: { base_mean: 4, base_std: 0.4, decimals: 0, noise_kurtosis: 3 }
        """

    private static func lasting(_ halfLife: String) -> String {
        "        cpu: { base_mean: 36, base_std: 9.9, noise_half_life: \(halfLife), min_clip: -100, max_clip: 200, server_bias_std: 0 }"
    }

    /// Name, metrics, more keys, servers, last day, granularity.
    static let cases: [(String, String, String, Int, String, String)] = [
        ("everything, one server", everything, correlated, 1, "2023-06-30", "daily"),
        ("everything, few", everything, correlated, 12, "2024-12-31", "daily"),
        ("everything, many", everything, correlated, 300, "2025-12-31", "daily"),
        ("everything, short", everything, correlated, 200, "2023-01-20", "daily"),
        (
            "everything by hours", everything.replacing("3d", with: "6h").replacing("10d", with: "2d"), correlated, 40, "2023-03-31",
            "hourly"
        ),
        (
            "everything by quarters", everything.replacing("3d", with: "90m").replacing("10d", with: "6h"), correlated, 6, "2023-01-31",
            "15min"
        ),
        ("clipped, few", clipped, "", 15, "2024-06-30", "daily"),
        ("clipped, many", clipped, "", 400, "2024-12-31", "daily"),
        ("clipped by hours", clipped.replacing("20d", with: "5d"), "", 50, "2023-02-28", "hourly"),
        ("much longer than a slot", lasting("12h"), "", 1, "2023-07-20", "15min"),
        ("much longer than a slot, few", lasting("12h"), "", 3, "2023-07-20", "15min"),
        ("much longer than a slot, more", lasting("12h, noise_slow_share: 0.4, noise_slow_half_life: 5d"), "", 20, "2023-03-31", "15min"),
        ("much longer than a slot, finer", lasting("3h"), "", 10, "2023-02-09", "5min"),
        ("much longer than a slot, clipped", lasting("3h").replacing("max_clip: 200", with: "max_clip: 40"), "", 5, "2023-02-28", "10min"),
    ]

    @Test("passes what was asked for, over many seeds", arguments: cases.indices)
    func passes(index: Int) async throws {
        let (name, metrics, more, servers, end, granularity) = Self.cases[index]
        let spec = Specs.dataset(Self.yaml(metrics, servers: servers, to: end, granularity: granularity, more: more))
        var shown: Set<String> = []
        for seed in 0..<(servers > 100 ? 12 : 24) as Range<UInt64> {
            var data = spec.data
            data.seed = seed
            let report = try await QualityGateTests.judge(made: data)
            #expect(report.failures.map(\.sentence) == [], "\(name), seed \(seed)")
            for check in report.checks where check.verdict == .pass { shown.insert(check.name) }
        }
        if servers >= 200, metrics.contains("disk"), !end.hasSuffix("01-20") {
            #expect(
                shown.isSuperset(of: [
                    "noise_memory", "noise_correlation", "noise_skewness", "noise_kurtosis", "level", "weekly", "server_bias",
                ]))
        }
    }

    @Test(
        "fails what was not asked for, and names the key",
        arguments: [
            ("noise_half_life: 3d", "noise_half_life: 2d", "noise_memory"),
            ("noise_slow_share: 0.3", "noise_slow_share: 0.05", "noise_memory"),
            ("noise_skewness: 1.5", "noise_skewness: 0.5", "noise_skewness"),
            ("noise_kurtosis: 1.5", "noise_kurtosis: 4", "noise_kurtosis"),
            ("mem: 0.4", "mem: 0.25", "noise_correlation"), ("saturation: 0.1", "saturation: 0.5", "level"),
        ])
    func fails(asked: String, made: String, check: String) async throws {
        let yaml = Self.yaml(Self.everything, servers: 300, to: "2025-12-31", more: Self.correlated)
        #expect(yaml.contains(asked))
        let other = Specs.dataset(yaml.replacing(asked, with: made)).data
        let report = try await QualityGateTests.judge(made: other, asked: Specs.dataset(yaml).data)
        #expect(QualityGateTests.failed(report).contains(check), "\(report.failures.map(\.sentence))")
    }

    @Test("the level of noise that outlasts a slot is seen in what servers do not share")
    func lastingLevel() async throws {
        func data(_ std: String) -> DataSpec {
            let metrics = Self.lasting("12h").replacing("base_std: 9.9", with: "base_std: \(std)")
            return Specs.dataset(Self.yaml(metrics, servers: 20, to: "2023-03-31", granularity: "15min")).data
        }
        for std in ["7", "13"] {
            let report = try await QualityGateTests.judge(made: data(std), asked: data("9.9"))
            let check = try #require(report.checks.first { $0.name == "noise_level" })
            #expect(check.verdict == .fail && abs((check.realised ?? 0) - (Double(std) ?? 0)) < 1, "\(check.sentence)")
        }
    }

    @Test("plain noise has no checks of its own but its level, and fails where memory was asked for")
    func plain() async throws {
        let plain = Specs.data(servers: 100)
        #expect(
            try await QualityGateTests.judge(made: plain).checks.allSatisfy { !$0.name.hasPrefix("noise_") || $0.name == "noise_level" })
        let report = try await QualityGateTests.judge(made: plain, asked: plain.with { $0.noise.halfLife = 86_400 * 3 }, sampled: [0, 1])
        #expect(QualityGateTests.failed(report).contains("noise_memory"))
    }
}
