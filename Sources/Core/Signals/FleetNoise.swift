/// The noise of all metrics of a fleet, by kind of server.
package struct FleetNoise: Sendable {
    private struct Kind {
        let laws: [String: NoiseLaw]
        let mixing: NoiseMixing
    }

    private let seed: UInt64
    /// One for each archetype, or one for all servers.
    private let kinds: [Kind]

    /// - Parameter data: Validated, so that its correlations can hold together.
    package init(_ data: DataSpec) {
        seed = data.seed
        let stepSeconds = Int64(data.granularity.minutes) * 60
        let archetypes: [ArchetypeSpec?] = data.archetypes.isEmpty ? [nil] : data.archetypes
        kinds = archetypes.map { archetype in
            var laws: [String: NoiseLaw] = [:]
            for metric in data.metrics {
                let difference = archetype?.metrics.first { $0.metric == metric.name }?.noise
                laws[metric.name] = NoiseLaw(difference?.applied(to: metric.noise) ?? metric.noise, stepSeconds: stepSeconds)
            }
            do throws(NoiseMixing.Refusal) {
                return Kind(
                    laws: laws,
                    mixing: try NoiseMixing(
                        archetype?.noiseCorrelation ?? data.noiseCorrelation, laws: laws, repairs: data.repairsNoiseCorrelation))
            } catch {
                preconditionFailure("a config whose correlations cannot hold together is refused: \(error)")
            }
        }
    }

    /// How a metric's noise is made for an archetype's servers; nil where it is independent normal deviates.
    /// - Parameter kind: The archetype's index, 0 where there are none.
    package func source(_ metric: String, kind: Int) -> NoiseSource? {
        guard let law = kinds[kind].laws[metric] else { preconditionFailure("\(metric) is a metric of the fleet") }
        let parts = kinds[kind].mixing.parts[metric]
        guard law != .plain || (parts?.count ?? 1) > 1 else { return nil }
        return NoiseSource(metric: metric, seed: seed, law: law, parts: parts)
    }

    /// The correlations of an archetype's metrics, as they are.
    package func correlations(kind: Int) -> [NoiseCorrelation] { kinds[kind].mixing.realised }

    /// Whether a metric is correlated with another one for some archetype's servers.
    func isCorrelated(_ metric: String) -> Bool { kinds.contains { $0.mixing.parts[metric] != nil } }

    /// How a metric's noise is distributed for an archetype's servers.
    package func law(_ metric: String, kind: Int) -> NoiseLaw { kinds[kind].laws[metric] ?? .plain }
}
