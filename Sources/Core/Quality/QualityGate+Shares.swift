/// How many servers have each archetype, asked for against found.
extension QualityGate {
    /// Servers that are counted at most: so many show a share that is wrong.
    private static let mostSharedServers = 100_000

    func shareChecks() -> [QualityCheck] {
        let data = plan.spec.data
        guard !data.archetypes.isEmpty else { return [] }
        let (directory, shares) = (ServerDirectory(data), ArchetypeShares(data))
        var (found, expected, variance) = (
            [Int](repeating: 0, count: shares.count), [Double](repeating: 0, count: shares.count),
            [Double](repeating: 0, count: shares.count)
        )
        let servers = plan.servers.prefix(Self.mostSharedServers)
        for server in servers {
            found[directory.index(of: .archetype, server: server)] += 1
            for (kind, chance) in shares.chances(label: { directory.index(of: $0, server: server) }).enumerated() {
                expected[kind] += chance
                variance[kind] += chance * (1 - chance)
            }
        }
        let (count, sigmas) = (Double(max(1, servers.count)), plan.spec.quality.tolerance(of: "archetype_share"))
        return data.archetypes.enumerated().map { kind, archetype in
            let (requested, realised) = (expected[kind] / count, Double(found[kind]) / count)
            // Bernstein's inequality: few servers of a rare archetype are skewed.
            let tolerance = (sigmas * variance[kind].squareRoot() + sigmas * sigmas / 6) / count
            let passes = (realised - requested).magnitude <= tolerance
            return QualityCheck(
                name: "archetype_share", metric: nil, scope: archetype.name, verdict: passes ? .pass : .fail, requested: requested,
                realised: realised, tolerance: tolerance,
                sentence: "archetype \(archetype.name): the share of servers is \(realised.short), requested \(requested.short)"
                    + (passes
                        ? "" : ", which is farther than the tolerance of \(tolerance.short); check archetypes.\(archetype.name).share"))
        }
    }
}
