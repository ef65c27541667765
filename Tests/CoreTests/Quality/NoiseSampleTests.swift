import Core
import Testing

@Suite("Sample of noise")
struct NoiseSampleTests {
    /// More keys of the dataset.
    static let cases = [
        "", "  archetypes: { web: { share: 0.7 }, batch: { share: 0.3, metrics: { cpu: { base_mean: 60 } } } }",
        "  lifetime: { decommission: { per_year: 2, from: 2023-01-01 } }",
        "  mess: { agent_outage: { per_year: 6, duration: 3d }, missing_under_load: { above: { cpu: p90 }, rate: 0.3 }, unit_slip: { per_year: 2, duration: 4d } }",
    ]

    @Test("the pass over the cells keeps what would be made once more, on any number of threads", arguments: cases.indices, [1, 2])
    func keeps(index: Int, threads: Int) async throws {
        let spec = Specs.dataset(
            QualityNoiseTests.yaml(
                """
                    cpu: { base_mean: 40, base_std: 6, noise_half_life: 3d, outlier_rate: 0.01, missing_rate: 0.02 }
                    mem: { base_mean: 55, base_std: 4 }
                """, servers: 90, to: "2023-06-30", more: Self.cases[index]))
        let plan = try Specs.plan(spec.data)
        let sampling = PanelGenerator(plan, sampling: true)
        #expect(sampling.sampledRows == 0)
        _ = try await PanelWriter(sampling, threads: threads).write(metadata: [], sink: { _ in })
        // The most servers of an archetype are 64, and one metric has noise that asks for a sample.
        #expect(sampling.sampledRows >= 60)
        let kept = try #require(sampling.noiseSample())
        #expect(kept == PanelGenerator(plan).noiseSample())
    }

    @Test("plain noise keeps nothing")
    func plain() async throws {
        let generator = PanelGenerator(try Specs.plan(Specs.data(servers: 20)), sampling: true)
        _ = try await PanelWriter(generator, threads: 2).write(metadata: [], sink: { _ in })
        #expect(generator.sampledRows == 0 && generator.noiseSample() == nil)
    }
}
