import Parquet

/// The columns of the table of cells: id and time, then for each metric its parts.
///
/// ```
/// server_id | date | cpu_p95_flags | cpu_p95_clean | cpu_p95_change | ... | mem_p95_flags | ...
/// ```
struct TruthSchema: Sendable {
    /// What is told about a metric; the raw value ends the column's name.
    enum Part: String, CaseIterable, Sendable {
        case flags, clean, change, level, trend, season, calendar, bias, noise

        /// The parts that add up to the clean value.
        static let components: [Part] = [.level, .trend, .season, .calendar, .bias, .noise]

        fileprivate func column(_ metric: String) -> Column {
            Column(name: "\(metric)_\(rawValue)", type: self == .flags ? .int32 : .double, nullable: self == .change)
        }
    }

    /// What each metric has, in file order.
    let parts: [Part]
    let columns: [Column]

    /// - Parameter time: The panel's own column of times.
    init(_ spec: DatasetSpec, id: Column, time: Column) {
        let parts: [Part] = [.flags, .clean, .change] + (spec.truth.components ? Part.components : [])
        self.parts = parts
        columns = [id, time] + spec.data.metrics.flatMap { metric in parts.map { $0.column(metric.name) } }
    }

    /// The columns of a metric.
    func columns(ofMetric metric: Int) -> ArraySlice<Column> { columns[2 + metric * parts.count..<2 + (metric + 1) * parts.count] }
}
