/// How often something comes to a server in the measure of its labels: the product of their factors.
struct LabelRates: Sendable {
    /// The factors of one column.
    private struct Column: Sendable {
        let column: ServerDirectory.Label
        /// By label, in the order of the column's labels.
        let factors: [Double]
    }

    private let columns: [Column]

    /// - Parameter rates: Of labels that the dataset has.
    init(_ rates: [LabelRate], _ data: DataSpec) {
        columns = ServerDirectory.Label.allCases.compactMap { column in
            let own = rates.filter { $0.column == column }
            guard !own.isEmpty else { return nil }
            let labels = column == .archetype ? data.archetypes.map(\.name) : data.labels(column).labels
            return Column(column: column, factors: labels.map { label in own.first { $0.label == label }?.factor ?? 1 })
        }
    }

    /// The factor of a server, 1 where none is given.
    ///
    /// - Parameters:
    ///   - label: The server's label in a column, as an index.
    ///   - left: A column that is left out of the product.
    func factor(label: (ServerDirectory.Label) -> Int, without left: ServerDirectory.Label? = nil) -> Double {
        columns.reduce(1) { $1.column == left ? $0 : $0 * $1.factors[label($1.column)] }
    }

    /// The factor of a label among those of its own column.
    func factor(_ index: Int, of column: ServerDirectory.Label) -> Double {
        columns.first { $0.column == column }?.factors[index] ?? 1
    }

    /// Each label whose factor is not 1, as an index.
    var changed: [(column: ServerDirectory.Label, label: Int, factor: Double)] {
        columns.flatMap { own in
            own.factors.indices.filter { own.factors[$0] != 1 }.map { (own.column, $0, own.factors[$0]) }
        }
    }
}
