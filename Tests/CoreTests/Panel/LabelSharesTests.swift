import Core
import Testing

@Suite("Archetypes and headrooms by label")
struct LabelSharesTests {
    private static let config = """
        data_generation:
          num_servers: 4000
          metadata: { regions: { east: 0.6, west: 0.4 } }
          metadata_effects:
            criticality: { High: { cpu_p95: { headroom: 1.4 } } }
            region: { west: { cpu_p95: { level: 1.2, headroom: 0.5 }, mem_p95: 0.9 } }
          archetypes:
            web: { share: { region: { east: 0.7, west: 0.2 }, criticality: { High: 0.6, Medium: 0.3, Low: 0.3 } }, metrics: { cpu_p95: { level_factor: 0.8 } } }
            batch: { share: { region: { east: 0.2, west: 0.7 }, criticality: { High: 0.3, Medium: 0.6, Low: 0.6 } } }
            cache: { share: 0.1 }
        """

    private let data = Specs.dataset(config).data

    @Test("the chances of several columns are their product in the measure of each column's mean, and sum to 1")
    func chances() {
        let shares = ArchetypeShares(data)
        let directory = ServerDirectory(data)
        #expect(shares.columns == [.region, .criticality] && shares.combinations == 6)
        // Means by criticality: 0.2 * 0.6 + 0.8 * 0.3 and 0.2 * 0.3 + 0.8 * 0.6, to which the tenth of `cache` is no stranger.
        let (batch, web) = (0.7 * 0.3 / 0.54, 0.2 * 0.6 / 0.36)
        let total = batch + web + 0.1
        let labels = [ServerDirectory.Label.region: "west", .criticality: "High"]
        let found = shares.chances { column in directory.labels(column).firstIndex(of: labels[column] ?? "") ?? 0 }
        for (own, wanted) in zip(found, [batch / total, 0.1 / total, web / total]) { #expect(abs(own - wanted) < 1e-12) }
        #expect(abs(shares.overall.reduce(0, +) - 1) < 1e-12)
        #expect(shares.impossible == nil)
    }

    @Test("servers have the archetypes that their labels make likely, and the fleet the shares that are worked out")
    func counts() {
        let (shares, directory) = (ArchetypeShares(data), ServerDirectory(data))
        var (found, expected) = ([0.0, 0, 0], [0.0, 0, 0])
        for server in 0..<data.servers {
            found[directory.index(of: .archetype, server: server)] += 1
            for (kind, chance) in shares.chances(label: { directory.index(of: $0, server: server) }).enumerated() {
                expected[kind] += chance
            }
        }
        for kind in 0..<3 {
            #expect(isNear(found[kind], expected[kind], error: expected[kind].squareRoot()))
            #expect(abs(expected[kind] / 4000 - shares.overall[kind]) < 0.02)
        }
    }

    @Test("a share of one column is a chance to the last bit, and one number is the same for all")
    func single() {
        let text = """
            data_generation:
              archetypes:
                a: { share: { Retail: 0.1, Investment: 0.3, Wealth: 0.7, Corporate: 1 } }
                b: { share: { business_unit: { Retail: 0.9, Investment: 0.7, Wealth: 0.3, Corporate: 0 } } }
            """
        let shares = ArchetypeShares(Specs.dataset(text).data)
        // Corporate, Investment, Retail, Wealth.
        #expect((0..<4).map { unit in shares.chances { _ in unit } } == [[1, 0], [0.3, 0.7], [0.1, 0.9], [0.7, 0.3]])
        let even = ArchetypeShares(Specs.dataset("data_generation: { archetypes: { a: { share: 0.25 }, b: { share: 0.75 } } }").data)
        #expect(even.chances { _ in 2 } == [0.25, 0.75] && even.overall == [0.25, 0.75])
        #expect(even.index(0.2499) { _ in 0 } == 0 && even.index(0.25) { _ in 0 } == 1 && even.index(0.9999) { _ in 3 } == 1)
    }

    @Test("headrooms multiply what is left to the bound, after all factors")
    func headrooms() throws {
        let classes = ServerClasses(data)
        let cpu = try #require(data.metrics.first)
        var levels: Set<Double> = []
        for index in 0..<classes.count { levels.insert((45 * classes[index].factor(cpu) * 1e6).rounded() / 1e6) }
        // 45 of 99 leave 54; the archetype's 0.8 makes 36; west has 1.2 times the level and half of what that leaves.
        var wanted: Set<Double> = []
        for kind in [45.0, 36.0] {
            let (east, west): (Double, Double) = (99 - kind, 99 - 1.2 * kind)
            for left in [east, 1.4 * east, 0.5 * west, 0.7 * west] { wanted.insert(((99 - left) * 1e6).rounded() / 1e6) }
        }
        #expect(levels == wanted)
    }
}
