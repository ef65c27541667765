/// How the deviates of correlated metrics are mixed, for the servers of one kind.
///
/// The correlations that a config asks for are those of the noise as it appears. Half-lives that differ, slow components and cubics take something
/// away from what the innovations' deviates share, so the deviates get more: in closed form, through the memory's sums and the cubics' Hermite
/// coefficients. The lower triangle of that matrix mixes the deviates. Metrics stand in the order of their names, and those that are not correlated,
/// directly or through others, do not meet: adding or moving a metric changes no other.
package struct NoiseMixing: Sendable {
    /// A deviate's part in a metric's innovations.
    package struct Part: Hashable, Sendable {
        package let metric: String
        package let weight: Double

        package init(metric: String, weight: Double) { (self.metric, self.weight) = (metric, weight) }
    }

    /// Why correlations cannot hold together.
    package enum Refusal: Error, Equatable {
        /// Two metrics cannot be correlated that much, at most by so much.
        case pair(NoiseCorrelation, most: Double)
        /// Not positive definite: the smallest eigenvalue, as asked for and of the deviates.
        case matrix([String], asked: Double, deviates: Double)
        case tooMany([String])
    }

    /// Most metrics that are correlated with each other, directly or through others.
    package static let mostMetrics = 32
    /// Least eigenvalue of the deviates' correlations.
    private static let leastEigenvalue = 1e-6

    /// The parts of each metric that is correlated with another one, in the order of the names; its own is the last.
    package let parts: [String: [Part]]
    /// The correlations as they are, which are those asked for unless they were repaired.
    package let realised: [NoiseCorrelation]

    /// - Parameters:
    ///   - correlations: Each pair once, of metrics that have laws.
    ///   - laws: By the metric's name.
    ///   - repairs: Whether correlations that cannot hold together are multiplied by the greatest factor that makes them possible.
    package init(_ correlations: [NoiseCorrelation], laws: [String: NoiseLaw], repairs: Bool) throws(Refusal) {
        var parts: [String: [Part]] = [:]
        var realised: [NoiseCorrelation] = []
        for group in Self.groups(correlations.filter { $0.value != 0 }) {
            guard group.names.count <= Self.mostMetrics else { throw .tooMany(group.names) }
            let (factor, matrix) = try Self.solved(group.names, group.pairs, laws, repairs: repairs)
            guard let rows = matrix.choleskyRows else {
                throw .matrix(group.names, asked: Self.asked(group.names, group.pairs), deviates: matrix.smallestEigenvalue)
            }
            for (name, row) in zip(group.names, rows) {
                parts[name] = zip(group.names, row).compactMap { $1 == 0 ? nil : Part(metric: $0, weight: $1) }
            }
            realised += group.pairs.map { NoiseCorrelation($0.first, $0.second, factor * $0.value) }
        }
        (self.parts, self.realised) = (parts, realised.sortedByName())
    }

    /// The connected groups of metrics, each sorted by name.
    private static func groups(_ correlations: [NoiseCorrelation]) -> [(names: [String], pairs: [NoiseCorrelation])] {
        var groups: [(names: Set<String>, pairs: [NoiseCorrelation])] = []
        for pair in correlations {
            var joined: (names: Set<String>, pairs: [NoiseCorrelation]) = ([pair.first, pair.second], [])
            groups.removeAll { group in
                guard group.names.contains(pair.first) || group.names.contains(pair.second) else { return false }
                joined.names.formUnion(group.names)
                joined.pairs += group.pairs
                return true
            }
            joined.pairs.append(pair)
            groups.append(joined)
        }
        return groups.map { group in
            (group.names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, group.pairs.sortedByName())
        }
    }

    /// The deviates' correlations, and the factor by which those asked for had to be multiplied.
    private static func solved(
        _ names: [String], _ pairs: [NoiseCorrelation], _ laws: [String: NoiseLaw], repairs: Bool
    ) throws(Refusal) -> (factor: Double, SymmetricMatrix) {
        let refusal: Refusal
        do throws(Refusal) {
            let matrix = try matrix(names, pairs, laws, factor: 1)
            let least = matrix.smallestEigenvalue
            if least >= leastEigenvalue { return (1, matrix) }
            refusal = .matrix(names, asked: asked(names, pairs), deviates: least)
        } catch {
            refusal = error
        }
        guard repairs else { throw refusal }
        // The greatest factor by halving, always as many times; at 0 the matrix is the identity.
        var (low, high) = (0.0, 1.0)
        for _ in 0..<40 {
            let middle = 0.5 * (low + high)
            let found = try? matrix(names, pairs, laws, factor: middle)
            if let found, found.smallestEigenvalue >= 100 * leastEigenvalue { low = middle } else { high = middle }
        }
        return (low, try matrix(names, pairs, laws, factor: low))
    }

    /// The correlations of the deviates for `factor` times those asked for.
    private static func matrix(
        _ names: [String], _ pairs: [NoiseCorrelation], _ laws: [String: NoiseLaw], factor: Double
    ) throws(Refusal) -> SymmetricMatrix {
        var matrix = SymmetricMatrix(identity: names.count)
        for pair in pairs {
            guard let i = names.firstIndex(of: pair.first), let j = names.firstIndex(of: pair.second), let a = laws[pair.first],
                let b = laws[pair.second]
            else { preconditionFailure("a pair is of metrics of its group") }
            let dilution = a.dilution(b)
            let (rho, most) = a.shape.deviates(b.shape, correlation: factor * pair.value / dilution)
            guard let rho else { throw .pair(pair, most: most * dilution) }
            matrix[i, j] = rho
        }
        return matrix
    }

    /// The smallest eigenvalue of the correlations asked for.
    private static func asked(_ names: [String], _ pairs: [NoiseCorrelation]) -> Double {
        var matrix = SymmetricMatrix(identity: names.count)
        for pair in pairs {
            if let i = names.firstIndex(of: pair.first), let j = names.firstIndex(of: pair.second) { matrix[i, j] = pair.value }
        }
        return matrix.smallestEigenvalue
    }
}
