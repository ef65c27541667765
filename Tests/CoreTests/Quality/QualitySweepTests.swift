import Core
import Testing

/// Legal configs far from the defaults: their correct data must pass.
@Suite("Quality gate over unusual configs")
struct QualitySweepTests {
    /// A small generator, so that a failing case can be made again from its number.
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }

        mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: choices.indices, using: &self)] }

        mutating func number(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &self) }

        mutating func metric(_ metric: inout MetricSpec) {
            let width = pick([1.0, 10, 100, 1000])
            metric.minClip = pick([0, 0, 0, 0.1 * width])
            metric.maxClip = metric.minClip + width
            metric.baseMean = metric.minClip + width * pick([0.005, 0.05, 0.3, 0.5, 0.8, 0.97, 1])
            metric.baseStd = width * pick([0, 0.001, 0.01, 0.1, 0.3, 1])
            metric.serverBiasStd = width * pick([0, 0.01, 0.05, 0.3, 0.6])
            metric.decimals = pick([0, 1, 2, 3, nil])
            metric.outlierRate = pick([0, 0.001, 0.01, 0.2])
            metric.outlierMultiplier = pick([0, 0.5, 1.5, 3, 20])
            // Well below quality.max_missing_share, which is a hard limit from 1000 cells on, chance or not.
            metric.missingRate = pick([0, 0.01, 0.02])
            metric.weeklyPatternFactor = number(0.3...1.5)
            metric.seasonalityAmplitude = number(0...0.4)
            metric.endOfQuarterMultiplier = number(0.6...2)
            metric.holidayMultiplier = number(0.2...1.2)
            metric.growthPerYear = pick([0, -0.2, 0.1, 0.5])
        }
    }

    @Test("passes correct data of random configs", arguments: 0..<UInt64(150))
    func sweep(number: UInt64) async throws {
        var dice = Dice(state: number &* 7919)
        var data = Specs.data(servers: Int.random(in: 1...300, using: &dice), seed: number)
        data.end = .fixed(Specs.day("2022-01-01") + (Int.random(in: 30...800, using: &dice) - 1))
        for index in data.metrics.indices { dice.metric(&data.metrics[index]) }
        let report = try await QualityGateTests.judge(made: data)
        let failures = report.failures.map { failure in
            let metric = data.metrics.first { $0.name == failure.metric }
            return "\(failure.name): \(failure.sentence) in \(metric.map { "\($0)" } ?? "")"
        }
        #expect(failures == [], "\(data.servers) servers, \(data.end)")
        let odd = report.checks.filter { ($0.realised ?? 0).magnitude > 1e12 || $0.realised?.isFinite == false }
        #expect(odd == [])
    }

    static let examples: [@Sendable (inout DataSpec) -> Void] = [
        { data in
            data.servers = 600
            data = data.with { ($0.baseMean, $0.baseStd, $0.minClip, $0.maxClip, $0.decimals) = (0.5, 0.3, 0, 10, 0) }
        },
        { data in data = data.with { ($0.baseMean, $0.baseStd, $0.serverBiasStd) = (50, 5, 30) } },
        { data in data = data.with { ($0.baseMean, $0.baseStd, $0.decimals) = (4, 0.2, 0) } },
        { data in data = data.with { ($0.baseMean, $0.baseStd, $0.minClip, $0.maxClip) = (1, 2, 0, 100) } },
        { data in
            data = data.with { ($0.baseMean, $0.baseStd, $0.serverBiasStd, $0.minClip, $0.decimals) = (4, 0.2, 0, 0, 0) }
        },
    ]

    @Test("passes coarse rounding, biases beyond the clip range and levels near a bound", arguments: examples.indices)
    func listed(example: Int) async throws {
        for seed in 0..<UInt64(10) {
            var data = Specs.data(servers: 50, seed: seed)
            Self.examples[example](&data)
            let report = try await QualityGateTests.judge(made: data)
            #expect(report.failures.map(\.sentence) == [], "seed \(seed)")
        }
    }

    @Test("a failing effect names the key to look at")
    func key() async throws {
        let asked = Specs.data(servers: 120)
        let report = try await QualityGateTests.judge(made: asked.with { $0.endOfQuarterMultiplier = 1 }, asked: asked)
        let failure = try #require(report.failures.first { $0.name == "quarter_end" })
        #expect(failure.sentence.hasSuffix("; check eoq_spike_multiplier"))
    }
}
