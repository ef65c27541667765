import Core
import Testing

@Suite("Quality gate")
struct QualityGateTests {
    /// Generates what `made` says and judges it by what `asked` says.
    static func judge(made: DataSpec, asked: DataSpec? = nil, sampled: [Int]? = nil) async throws -> QualityReport {
        let generator = PanelGenerator(try Specs.plan(made))
        let outcome = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { _ in })
        let plan = try Specs.plan(asked ?? made)
        let signals = PanelGenerator(plan).signals
        return QualityGate(plan).judge(
            facts: outcome.facts, signals: signals, tallies: outcome.tallies, noise: generator.noiseSample(metrics: sampled))
    }

    static func failed(_ report: QualityReport) -> Set<String> { Set(report.failures.map(\.name)) }

    @Test(
        "passes what was asked for, over many seeds and shapes", arguments: [(1, 1), (1, 400), (3, 30), (12, 365), (60, 731), (400, 1461)])
    func passes(servers: Int, days: Int) async throws {
        for seed in 0..<(servers * days > 10_000 ? 4 : 12) as Range<UInt64> {
            let start = Specs.day("2022-01-01")
            var data = Specs.data(servers: servers, seed: seed)
            data.end = .fixed(start + (days - 1))
            let report = try await Self.judge(made: data)
            #expect(report.failures.map(\.sentence) == [], "seed \(seed)")
        }
    }

    @Test("passes heavy clipping, growth, no noise and no bias, because they are part of what is expected")
    func passesExtremes() async throws {
        let changes: [(inout MetricSpec) -> Void] = [
            { $0.maxClip = 62 }, { $0.growthPerYear = 0.3 }, { $0.baseStd = 0 }, { $0.serverBiasStd = 0 }, { $0.outlierRate = 0.2 },
            { $0.decimals = nil }, { $0.decimals = 0 }, { $0.weeklyPatternFactor = 1.4 }, { $0.outlierMultiplier = 0.3 },
            {
                ($0.weeklyPatternFactor, $0.seasonalityAmplitude, $0.endOfQuarterMultiplier, $0.holidayMultiplier) = (1, 0, 1, 1)
            },
        ]
        for (index, change) in changes.enumerated() {
            let report = try await Self.judge(made: Specs.data(servers: 60).with(change))
            #expect(report.failures.map(\.sentence) == [], "change \(index)")
        }
    }

    @Test(
        "an effect that is asked for and not in the data fails its check",
        arguments: ["weekly", "quarter_end", "holiday", "annual", "growth", "server_bias", "level", "missing_rate", "outlier_rate"])
    func absentEffect(check: String) async throws {
        let asked = Specs.data(servers: 120)
        let made = asked.with { metric in
            switch check {
            case "weekly": metric.weeklyPatternFactor = 1
            case "quarter_end": metric.endOfQuarterMultiplier = 1
            case "holiday": metric.holidayMultiplier = 1
            case "annual": metric.seasonalityAmplitude = 0
            case "growth": metric.growthPerYear = 0.15
            case "server_bias": metric.serverBiasStd = 0
            case "level": metric.baseMean += 2
            case "missing_rate": metric.missingRate = 0
            default: metric.outlierRate = 0
            }
        }
        let report = try await Self.judge(made: made, asked: asked)
        #expect(report.failures.filter { $0.name == check }.count == 4)
    }

    @Test("too many missing cells fail by name, with requested and realised share")
    func missingShare() async throws {
        let report = try await Self.judge(made: Specs.data().with { $0.missingRate = 0.2 })
        let failure = try #require(report.failures.first)
        #expect(failure.name == "missing_share" && failure.metric == "cpu_p95" && failure.requested == 0.05)
        #expect(failure.sentence.contains("quality.max_missing_share"))
        #expect(!report.passed)
        // One missing cell of one is chance; a fifth of some hundred cells is not.
        let few = try await Self.judge(made: Specs.data(servers: 20, from: "2024-01-01", to: "2024-01-30").with { $0.missingRate = 0.2 })
        #expect(few.failures.count == 4)
        let cell = Specs.data(servers: 1, from: "2022-01-01", to: "2022-01-01").with { $0.missingRate = 0.04 }
        for seed in 0..<60 as Range<UInt64> {
            var data = cell
            data.seed = seed
            #expect(try await Self.judge(made: data).failures.map(\.sentence) == [])
        }
    }

    @Test("a panel of other shape than the plan's fails the structure checks")
    func structure() async throws {
        let report = try await Self.judge(made: Specs.data(servers: 19), asked: Specs.data(servers: 20))
        #expect(Self.failed(report).isSuperset(of: ["row_count", "server_ids"]))
    }

    @Test("passes a metric without any effect, whose factor is the same every day")
    func constant() async throws {
        let flat = Specs.data(servers: 60).with { metric in
            (metric.weeklyPatternFactor, metric.seasonalityAmplitude) = (1, 0)
            (metric.endOfQuarterMultiplier, metric.holidayMultiplier) = (1, 1)
        }
        #expect(try await Self.judge(made: flat).failures.map(\.sentence) == [])
        #expect(try await Self.judge(made: flat.with { $0.decimals = nil }).failures.map(\.sentence) == [])
    }

    /// All effects of the business calendar on the first metric, none on the others.
    static func business(servers: Int = 120) -> DataSpec {
        var data = Specs.dataset(
            """
            data_generation:
              business_calendar: { eoq_ramp_days: 3, holiday_ramp_days: 2, fiscal_year_end_month: 6, freeze_days: [02-01..02-20] }
            """
        ).data
        data.servers = servers
        data.start = .fixed(Specs.day("2022-01-01"))
        data.end = .fixed(Specs.day("2025-12-31"))
        data.metrics[0].lifts.monthEnd = 1.1
        data.metrics[0].lifts.fiscalYearEnd = 1.2
        data.metrics[0].lifts.payroll = 1.15
        data.metrics[0].lifts.patch = 1.2
        data.metrics[0].lifts.freeze = 0.85
        data.metrics[0].lifts.bridgeDay = 0.8
        return data
    }

    static let businessChecks = [
        "month_end", "fiscal_year_end", "payroll", "patch", "freeze", "bridge_day", "quarter_end_ramp", "holiday_ramp",
    ]

    @Test("effects of the business calendar are measured for every metric where one uses them, and for none where none does")
    func businessPasses() async throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            var data = Self.business()
            data.seed = seed
            let report = try await Self.judge(made: data)
            #expect(report.failures.map(\.sentence) == [])
            let measured = report.checks.filter { Self.businessChecks.contains($0.name) && $0.verdict == .pass }
            #expect(measured.count == 4 * 8, "\(report.checks.filter { $0.verdict == .notApplicable }.map(\.sentence))")
            #expect(report.checks.first { $0.name == "month_end" && $0.metric == "mem_p95" }?.requested == 1)
        }
        let plain = try await Self.judge(made: Specs.data())
        #expect(!plain.checks.contains { Self.businessChecks.contains($0.name) })
    }

    @Test("an effect of the business calendar that is not in the data fails its own check and no other", arguments: businessChecks)
    func businessAbsent(check: String) async throws {
        let asked = Self.business(servers: 400)
        var made = asked
        switch check {
        case "month_end": made.metrics[0].lifts.monthEnd = 1
        case "fiscal_year_end": made.metrics[0].lifts.fiscalYearEnd = 1
        case "payroll": made.metrics[0].lifts.payroll = 1
        case "patch": made.metrics[0].lifts.patch = 1
        case "freeze": made.metrics[0].lifts.freeze = 1
        case "bridge_day": made.metrics[0].lifts.bridgeDay = 1
        case "quarter_end_ramp": made.business.quarterEndRampDays = 0
        default: made.business.holidayRampDays = 0
        }
        let report = try await Self.judge(made: made, asked: asked)
        #expect(Self.failed(report).contains(check))
        // The level, and what the bounds cut off, move with everything; months with a freeze are a part of the annual wave's.
        #expect(Self.failed(report).subtracting([check, "level", "clip_low", "clip_high"]) == [], "\(report.failures.map(\.sentence))")
    }

    @Test("a check that would pass without its effect, too, says so; one that would not does not")
    func conclusive() async throws {
        var data = Specs.data(servers: 60).with { ($0.weeklyPatternFactor, $0.baseStd) = (0.97, 6) }
        let metric = data.metrics[0].name
        data.end = .fixed(Specs.day("2023-12-31"))
        data.start = .fixed(Specs.day("2022-01-01"))
        func weekly(_ data: DataSpec) async throws -> (QualityCheck, QualityReport) {
            let report = try await Self.judge(made: data)
            return (try #require(report.checks.first { $0.name == "weekly" && $0.metric == metric }), report)
        }
        let (sure, _) = try await weekly(data)
        #expect(sure.verdict == .pass && sure.conclusive == true && !sure.isInconclusive)
        var small = data
        small.servers = 4
        small.start = .fixed(Specs.day("2023-10-01"))
        let (unsure, report) = try await weekly(small)
        #expect(unsure.verdict == .pass && unsure.conclusive == false && unsure.isInconclusive, "\(unsure.sentence)")
        #expect(unsure.sentence.contains("does not tell it from 1") && report.passed)
        #expect(report.inconclusiveCount == report.checks.count { $0.conclusive == false } && report.inconclusiveCount > 0)
        // Where there is no effect nothing is told from it.
        let (absent, _) = try await weekly(small.with { $0.weeklyPatternFactor = 1 })
        #expect(absent.verdict == .pass && absent.conclusive == nil)
    }
}
