import Core
import Testing

/// Fingerprints of whole files. A change of one is a change of the data: it raises `PanelPlan.algorithmVersion`, and its commit says why.
///
/// The files are uncompressed, because a codec's bytes are its library's affair, not the algorithm's.
@Suite("Golden fingerprints")
struct GoldenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let yaml: String
        let sha256: String
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "defaults", yaml: "data_generation: { num_servers: 25 }\noutput: { compression: none }",
            sha256: "5867a16c8cdb1ba3f64d3990477926a058ddce331f4f5230af9d489527e410b2"),
        Case(
            name: "full precision, flags, date32, float, before 1970",
            yaml: """
                data_generation: { num_servers: 7, start_date: 1969-03-01, end_date: 1971-02-28, decimals: null, random_seed: 18446744073709551615 }
                output: { compression: none, calendar_flags: true, time_type: date32, float_type: float }
                """,
            sha256: "653470361ebe37f07c9aa585127eddef6220729a58164d472b956b9176550203"),
        Case(
            name: "network in Mbps, growth, no noise, Federal Reserve days",
            yaml: """
                data_generation:
                  num_servers: 9
                  holiday_calendar: federal_reserve
                  eoq_window_business_days: 10
                  metrics:
                    net_in_p95: { base_mean: 900, base_std: 250, max_clip: 10000, unit: Mbps, growth_per_year: 0.3, decimals: 1 }
                    quiet: { base_std: 0, server_bias_std: 2, missing_rate: 0.04, outlier_rate: 0.1 }
                output: { compression: none }
                """,
            sha256: "a6a42a9ec2a213f122468eb98f5df89511fd12c8fd07fd40fab0b9eeb71af712"),
        Case(
            name: "hourly, zones, archetypes, factors, profiles, flags", yaml: ClassesTests.yaml(),
            sha256: "c602450c7fea3691323bb64e22c048391db73a6a8ad79545bd769d8bce76727b"),
        Case(
            name: "quarters of an hour, full precision", yaml: ClassesTests.yaml(granularity: "15min", decimals: "null"),
            sha256: "b93d372e02701a983ca729e92d1dc929265b953fdf76c8ed342cbcb62372a6b7"),
        Case(
            name: "noise with memory, tails, correlation and saturation", yaml: NoisePanelTests.yaml(),
            sha256: "58ba5e7702f270521ad7c41662f48549c00d6d04576690fc41f31dd9b0b7d8eb"),
        Case(
            name: "the same in full precision, quarters of an hour", yaml: NoisePanelTests.yaml(granularity: "15min", decimals: "null"),
            sha256: "45e30eb36e81b0702f2e536d81ed740d4f0fafe53ebda3ff46fc9d6d7501d2ff"),
        Case(
            name: "days as the 95th percentile of hours, with everything that happens to cells",
            yaml: RollUpTests.text(aggregation: "{ of: hourly }", granularity: "daily") + "\noutput: { compression: none }",
            sha256: "87c541cac1b3d7d6f2361f36abae76d52ccb998591f78bc29f9cb0ceb5c62c4e"),
        Case(
            name: "the mean of five minutes in full precision",
            yaml: RollUpTests.text(
                aggregation: "{ of: 5min, statistic: mean }", granularity: "6h", decimals: "null", from: "2024-04-01", to: "2024-04-07")
                + "\noutput: { compression: none }", sha256: "5f1cd840684cd3069937670a12bc12d13dbae8a9ee4021967d0d4edab4c16ce6"),
    ]

    @Test("config and file", arguments: cases)
    func golden(golden: Case) async throws {
        let config = try ConfigLoader.load(bytes: Array(golden.yaml.utf8), file: "golden.yaml", today: Specs.day("2026-01-01"))
        let generator = PanelGenerator(try PanelPlan(config.spec, today: Specs.day("2026-01-01")))
        var hasher = ContentHasher()
        _ = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { hasher.update($0) })
        #expect(hasher.finish().hex == golden.sha256)
    }
}
