/// How a fleet is shared out among archetypes: the chance of each for the labels of a server.
///
/// ```
/// weight = share(label of column 1) * share(label of column 2) / mean(column 2) * ...     columns in the order of `ArchetypeShare.columns`
/// chance = weight / sum of the archetypes' weights                                        mean: over the column's labels, by their weights
/// ```
/// With one column or none the shares are the chances, bit for bit.
package struct ArchetypeShares: Sendable {
    /// Most combinations of the labels of several columns, times archetypes.
    static let maximumCombinations = 1_000_000

    /// The columns that matter; business units where none does.
    package let columns: [ServerDirectory.Label]
    /// How many archetypes there are.
    let count: Int
    /// By column: `label * count + archetype`.
    private let factors: [[Double]]
    /// How many labels each column has, and their weights.
    private let weights: [[Double]]

    init(_ archetypes: [ArchetypeSpec], labels: (ServerDirectory.Label) -> WeightedLabels) {
        count = archetypes.count
        let named = ArchetypeShare.columns.filter { column in archetypes.contains { $0.share.names(column) } }
        columns = named.isEmpty ? [.businessUnit] : named
        weights = columns.map { labels($0).weights }
        factors = columns.enumerated().map { place, column in
            let own = labels(column)
            // An archetype with one number has it in the first column, and leaves the others as they are.
            let shares = own.labels.map { label in
                archetypes.map { $0.share.at(label, of: column) ?? (place == 0 ? $0.share.overall : nil) }
            }
            guard place > 0 else { return shares.flatMap { $0.map { $0 ?? 0 } } }
            let means = archetypes.indices.map { kind in zip(own.weights, shares).reduce(0) { $0 + $1.0 * ($1.1[kind] ?? 0) } }
            return shares.flatMap { list in
                list.enumerated().map { kind, share in share.map { means[kind] > 0 ? $0 / means[kind] : 0 } ?? 1 }
            }
        }
    }

    /// - Parameter data: With archetypes.
    package init(_ data: DataSpec) { self.init(data.archetypes, labels: data.labels) }

    /// How many combinations of labels there are.
    package var combinations: Int { weights.reduce(1) { $0 * $1.count } }

    /// The weights of the archetypes for one label of each column; chances where there is one column.
    private func weight(_ kind: Int, _ rows: SIMD4<Int>) -> Double {
        var weight = factors[0][rows[0] + kind]
        for column in 1..<columns.count { weight *= factors[column][rows[column] + kind] }
        return weight
    }

    private func rows(_ label: (ServerDirectory.Label) -> Int) -> SIMD4<Int> {
        var rows = SIMD4<Int>()
        for (place, column) in columns.enumerated() { rows[place] = label(column) * count }
        return rows
    }

    /// The archetype of a server.
    ///
    /// - Parameters:
    ///   - u: Its draw, within (0, 1).
    ///   - label: Its label in a column, as an index.
    package func index(_ u: Double, label: (ServerDirectory.Label) -> Int) -> Int {
        let rows = rows(label)
        var total = 1.0
        if columns.count > 1 { total = (0..<count).reduce(0) { $0 + weight($1, rows) } }
        var (sum, last) = (0.0, 0)
        for kind in 0..<count {
            let own = weight(kind, rows)
            sum += own
            if u * total < sum { return kind }
            if own > 0 { last = kind }
        }
        // Sums of shares may miss 1 by their rounding: what lies above them is the last archetype that there is.
        return last
    }

    /// The chance of each archetype for a server's labels.
    package func chances(label: (ServerDirectory.Label) -> Int) -> [Double] {
        let rows = rows(label)
        let weights = (0..<count).map { weight($0, rows) }
        guard columns.count > 1 else { return weights }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    /// The share of the fleet that each archetype has.
    ///
    /// - Complexity: O(combinations * archetypes).
    package var overall: [Double] {
        if columns.count == 1 {
            return (0..<count).map { kind in
                weights[0].indices.reduce(0) { $0 + weights[0][$1] * factors[0][$1 * count + kind] }
            }
        }
        var shares = [Double](repeating: 0, count: count)
        forEachCombination { labels, weight in
            let own = chances { labels[columns.firstIndex(of: $0) ?? 0] }
            for kind in 0..<count { shares[kind] += weight * own[kind] }
        }
        return shares
    }

    /// Labels for which no archetype is left, one of each column; nil where there are none.
    package var impossible: [Int]? {
        var found: [Int]?
        forEachCombination { labels, _ in
            let rows = rows { labels[columns.firstIndex(of: $0) ?? 0] }
            if found == nil, !(0..<count).contains(where: { weight($0, rows) > 0 }) { found = labels }
        }
        return found
    }

    private func forEachCombination(_ body: (_ labels: [Int], _ weight: Double) -> Void) {
        var labels = [Int](repeating: 0, count: columns.count)
        for index in 0..<combinations {
            var (rest, weight) = (index, 1.0)
            for column in columns.indices {
                labels[column] = rest % weights[column].count
                rest /= weights[column].count
                weight *= weights[column][labels[column]]
            }
            body(labels, weight)
        }
    }
}

extension ArchetypeShare {
    /// Whether the share depends on a column's labels.
    func names(_ column: ServerDirectory.Label) -> Bool {
        if case .byLabel(let all) = self { all.contains { $0.column == column } } else { false }
    }

    /// The share of the whole fleet, where it is one number.
    var overall: Double? { if case .overall(let share) = self { share } else { nil } }
}
