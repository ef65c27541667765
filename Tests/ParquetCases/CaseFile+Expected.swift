import Parquet

extension CaseFile {
    /// What a reader must find, as JSON. Times are counts of their unit; decimals are numbers; null is null.
    var expected: String {
        let columns = columns.map { column, values in
            """
            {"name": \(quoted(column.name)), "type": "\(column.type)", "nullable": \(column.nullable),
             "values": [\(json(values).joined(separator: ","))]}
            """
        }
        let codec =
            switch layout.compression {
            case .none: "UNCOMPRESSED"
            case .snappy: "SNAPPY"
            case .zstd: "ZSTD"
            }
        return """
            {"name": \(quoted(name)), "codec": "\(codec)", "rows_per_page": \(layout.rowsPerPage), "row_groups": \(rowGroups),
             "sorting_columns": \(sortingColumns.map(\.column)),
             "columns": [
            \(columns.joined(separator: ",\n"))
            ]}

            """
    }

    private func json(_ values: Values) -> [String] {
        switch values {
        case .labels(let labels): labels.map(quoted)
        case .times(let times): times.map { $0.map(String.init) ?? "null" }
        case .decimals(let integers, let decimals):
            integers.map { $0.map { "\($0)e-\(decimals)" } ?? "null" }
        case .doubles(let numbers): numbers.map { $0.map(number) ?? "null" }
        case .flags(let flags): flags.map { $0.map { "\($0)" } ?? "null" }
        }
    }

    /// Numbers beyond JSON as Python's reader knows them.
    private func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "Infinity" : "-Infinity" }
        return value.description
    }

    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
