import Core
import Testing

@Suite("Quality gate over hours and classes")
struct QualityClassesTests {
    static func data(_ change: (inout DataSpec) -> Void = { _ in }) -> DataSpec {
        var data = Specs.dataset(ClassesTests.yaml(from: "2024-02-01", to: "2024-04-30")).data
        data.servers = 150
        change(&data)
        return data
    }

    @Test("passes what was asked for, over many seeds, with everything that makes servers differ", arguments: 0..<UInt64(12))
    func passes(seed: UInt64) async throws {
        for servers in [1, 8, 150] {
            let data = Self.data {
                $0.seed = seed
                $0.servers = servers
            }
            let report = try await QualityGateTests.judge(made: data)
            #expect(report.failures.map(\.sentence) == [], "\(servers) servers")
        }
    }

    @Test(
        "passes every length of step, clipped hard, with no noise or whole numbers", arguments: ["12h", "90min", "32min", "15min", "5min"])
    func steps(granularity: String) async throws {
        let changes: [(inout MetricSpec) -> Void] = [
            { _ in }, { $0.maxClip = 45 }, { $0.baseStd = 0 }, { $0.serverBiasStd = 0 }, { $0.decimals = nil }, { $0.decimals = 0 },
            { $0.outlierRate = 0.1 },
        ]
        for (index, change) in changes.enumerated() {
            var data = Specs.dataset(ClassesTests.yaml(granularity: granularity, from: "2024-03-20", to: "2024-04-10")).data.with(change)
            data.servers = 40
            let report = try await QualityGateTests.judge(made: data)
            #expect(report.failures.map(\.sentence) == [], "change \(index)")
        }
    }

    @Test("a long panel of short steps, clipped in all servers, is predicted at few levels")
    func longPanel() async throws {
        var data = Specs.dataset("data_generation: { granularity: 5min, start_date: 2024-01-01, end_date: 2024-03-31 }").data
        data.servers = 30
        data.metrics = [data.metrics[0]]
        data = data.with { ($0.diurnalProfile, $0.maxClip, $0.serverBiasStd) = (DiurnalProfile(named: "evening"), 50, 15) }
        #expect(try await QualityGateTests.judge(made: data).failures.map(\.sentence) == [])
    }

    @Test(
        "what is asked for and not in the data fails its check, and names its servers",
        arguments: ["diurnal", "time zone", "archetype", "weekly", "growth", "metadata_effect", "server_bias"])
    func absent(part: String) async throws {
        let asked = Self.data { if part == "growth" { $0.end = .fixed(Specs.day("2025-04-30")) } }
        let made = Self.made(asked, without: part)
        let report = try await QualityGateTests.judge(made: made, asked: asked)
        let failures = report.failures.filter { $0.name == (part == "time zone" ? "diurnal" : part) && $0.metric == "cpu" }
        #expect(!failures.isEmpty)
        let scopes = ["weekly": "batch", "growth": "batch", "metadata_effect": "criticality High"]
        if let scope = scopes[part] { #expect(failures.contains { $0.scope == scope && $0.sentence.contains("cpu of \(scope)") }) }
        if part == "archetype" { #expect(failures.contains { $0.scope == "web" && $0.sentence.contains("level_factor") }) }
    }

    /// The same servers and classes without a part of the signal.
    private static func made(_ asked: DataSpec, without part: String) -> DataSpec {
        var made = asked
        func change(_ name: String, _ body: (inout ArchetypeMetric) -> Void) {
            for index in made.archetypes.indices where made.archetypes[index].name == name { body(&made.archetypes[index].metrics[0]) }
        }
        switch part {
        case "diurnal": change("web") { $0.diurnalProfile = DiurnalProfile(named: "flat") }
        case "time zone":
            // Six hours off, one zone for one zone.
            made.timeZones = made.regionZones.map { RegionZone(region: $0.region, zone: rotated[$0.zone] ?? "", origin: .config) }
        case "archetype": change("web") { $0.levelFactor = 1 }
        case "weekly": change("batch") { $0.weeklyProfile = [1, 1, 1, 1, 1, 1, 1] }
        case "growth": change("batch") { $0.growthPerYear = 0.05 }
        case "metadata_effect":
            for index in made.labelFactors.indices where made.labelFactors[index].label == "High" {
                made.labelFactors[index].metrics[0].value = 1.05
            }
        default: made = made.with { $0.serverBiasStd = 0 }
        }
        return made
    }

    private static let rotated = [
        "America/New_York": "Europe/Dublin", "Europe/Dublin": "Asia/Kathmandu", "Asia/Kathmandu": "Asia/Singapore",
        "Asia/Singapore": "America/New_York",
    ]

    @Test("without a profile the gate looks for a day's shape and must not find one")
    func flat() async throws {
        let plain = Specs.dataset("data_generation: { granularity: hourly, start_date: 2024-03-01, end_date: 2024-05-31, num_servers: 40 }")
            .data
        let report = try await QualityGateTests.judge(made: plain)
        let checks = report.checks.filter { $0.name == "diurnal" }
        #expect(checks.count == 4 && checks.allSatisfy { $0.verdict == .pass && $0.requested == 0 && $0.scope == nil })
        let shaped = plain.with { $0.diurnalProfile = DiurnalProfile(named: "evening") }
        let failed = try await QualityGateTests.judge(made: shaped, asked: plain)
        #expect(failed.failures.filter { $0.name == "diurnal" }.count == 4)
        #expect(try await QualityGateTests.judge(made: Specs.data()).checks.allSatisfy { $0.name != "diurnal" && $0.scope == nil })
    }
}
