import Core
import Testing

@Suite("Tallies as bytes")
struct TallyCodingTests {
    /// A dataset with something in every field of a tally.
    private static func tallies(_ changes: String) async throws -> (PanelGenerator, [MetricTally]) {
        let yaml = """
            data_generation:
              num_servers: 30
              start_date: 2022-01-01
              end_date: 2022-03-31
              missing_rate: 0.05
              outlier_rate: 0.02
              metrics:
                cpu_p95: { base_mean: 45, base_std: 12, server_bias_std: 4 }
                fine: { base_mean: -3, base_std: 12, min_clip: -1000, max_clip: 1000, decimals: null, server_bias_std: 1 }
                wide: { base_mean: 50000, base_std: 900, min_clip: 0, max_clip: 1000000, decimals: 3 }
            \(changes)
            """
        let config = try ConfigLoader.load(bytes: Array(yaml.utf8), file: "fleet.yaml", today: Specs.day("2026-01-01"))
        let generator = PanelGenerator(try PanelPlan(config.spec, today: Specs.day("2026-01-01")))
        let outcome = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { _ in })
        return (generator, outcome.tallies)
    }

    static let varieties = [
        "", "  archetypes: { web: { share: 0.5 }, batch: { share: 0.5 } }",
        "  granularity: hourly\n  lifetime: { commissioned: { share: 0.4, from: 2022-01-01, to: 2022-03-01 }, decommission: { per_year: 0.9, from: 2022-01-10 } }",
        """
          granularity: hourly
          incidents: { surge: { kind: traffic-surge, per_year: 40, duration: 30h, metrics: { cpu_p95: 2 } } }
          mess:
            missing_under_load: { above: { cpu_p95: 60 }, rate: 0.3 }
            agent_outage: { per_year: 12, duration: 12h }
            stuck_sensor: { per_year: 30, duration: 3d }
        """,
    ]

    @Test("come back with every field that a tally has", arguments: varieties)
    func roundTrip(changes: String) async throws {
        let (generator, tallies) = try await Self.tallies(changes)
        for (tally, signal) in zip(tallies, generator.signals) {
            var copy = MetricTally(signal)
            try copy.merge(encoded: tally.encoded)
            // The text has every stored property, so that a new one that is not written fails here.
            #expect(String(reflecting: copy) == String(reflecting: tally))
            #expect(copy.encoded == tally.encoded)
            var twice = tally
            twice.merge(tally)
            try copy.merge(encoded: tally.encoded)
            #expect(String(reflecting: copy) == String(reflecting: twice))
        }
    }

    @Test("changed, cut or lengthened bytes are refused or read, and never trap")
    func fuzz() async throws {
        let (generator, tallies) = try await Self.tallies("")
        let bytes = tallies[0].encoded
        var random = Random(state: 7)
        var refused = 0
        for round in 0..<400 {
            var changed = bytes
            switch round % 3 {
            case 0: changed[random.next(bytes.count)] = UInt8(random.next(256))
            case 1: changed.removeLast(1 + random.next(bytes.count - 1))
            default:
                changed.replaceSubrange(random.next(bytes.count)..<bytes.count, with: [255, 255, 255, 255, 255, 255, 255, 255, 255, 1])
            }
            var copy = MetricTally(generator.signals[0])
            do { try copy.merge(encoded: changed) } catch { refused += 1 }
        }
        #expect(refused > 200)
        var held = tallies[0]
        #expect(throws: (any Error).self) { try held.merge(encoded: tallies[1].encoded) }
    }

    private struct Random {
        var state: UInt64
        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }
}
