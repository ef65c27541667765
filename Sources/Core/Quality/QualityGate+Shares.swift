/// How many servers have an archetype.
package struct ArchetypeCount {
    /// The archetype.
    package let name: String
    /// The number that is asked for, given the servers' labels, and its variance.
    let expected: Double
    let variance: Double
    /// Servers that were looked at.
    let servers: Int
    /// Those that have it.
    package var found: Int
}

/// How many servers have each archetype, asked for against found.
extension QualityGate {
    /// Servers that are counted at most: so many show a share that is wrong.
    private static let mostSharedServers = 100_000

    func shareChecks() -> [QualityCheck] { archetypeCounts().map(shareCheck) }

    /// What the plan's draws give each archetype, in the config's order.
    /// - Complexity: O(servers), at most 100,000.
    package func archetypeCounts() -> [ArchetypeCount] {
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
        return data.archetypes.enumerated().map { kind, archetype in
            ArchetypeCount(
                name: archetype.name, expected: expected[kind], variance: variance[kind], servers: servers.count, found: found[kind])
        }
    }

    package func shareCheck(_ own: ArchetypeCount) -> QualityCheck {
        let (count, sigmas) = (Double(max(1, own.servers)), plan.spec.quality.tolerance(of: "archetype_share"))
        let (requested, realised) = (own.expected / count, Double(own.found) / count)
        // Bernstein's inequality: few servers of a rare archetype are skewed.
        let tolerance = (sigmas * own.variance.squareRoot() + sigmas * sigmas / 6) / count
        let passes = (realised - requested).magnitude <= tolerance
        return QualityCheck(
            name: "archetype_share", metric: nil, scope: own.name, verdict: passes ? .pass : .fail, requested: requested,
            realised: realised, tolerance: tolerance,
            sentence: "archetype \(own.name): the share of servers is \(realised.short), requested \(requested.short)"
                + (passes ? "" : ", which is farther than the tolerance of \(tolerance.short); check archetypes.\(own.name).share")
        ).against(0)
    }
}
