/// Rows that are made of finer cells.
extension Contradictions {
    private static let ofKey = ConfigTable.aggregationPath + ".of"

    /// Time between two rows.
    var rowGranularity: Granularity? { settings.text("data_generation.granularity").flatMap(Granularity.init) }

    /// Time between the cells that a row is made of; nil where each row is a cell.
    var cellsOfRows: Granularity? {
        guard case .some(.some(let text)) = settings.nullableText(Self.ofKey) else { return nil }
        return Granularity(text)
    }

    /// Time between two cells: that of the rows unless these are made of several.
    var granularity: Granularity? { cellsOfRows ?? rowGranularity }

    /// Cells of a row.
    var cellsPerRow: Int {
        guard let granularity, let rowGranularity else { return 1 }
        return max(1, rowGranularity.minutes / granularity.minutes)
    }

    mutating func aggregation() {
        let statisticKey = ConfigTable.aggregationPath + ".statistic"
        guard case .some(.some) = settings.nullableText(Self.ofKey) else {
            if let statistic = settings.text(statisticKey), statistic != AggregationSpec.Statistic.p95.rawValue {
                add(
                    "\(statistic) is asked for and nothing that it is the \(statistic) of", remedy: "write of: hourly, or remove it",
                    at: [statisticKey])
            }
            return
        }
        cellsDivideRows()
        for kind in ["duplicate_rows", "late_rows"] {
            let key = ConfigTable.messPath + "." + kind + ".rate"
            guard let rate = settings.number(key), rate > 0 else { continue }
            add(
                "rows that are made of several cells each come once and in time",
                remedy: "remove it, or make the fine dataset: its cells are rows, which may come twice or late", at: [key, Self.ofKey])
        }
        for (key, name) in [("cells", "the truth about cells"), ("oracle", "the oracle's error")]
        where settings.boolean("truth." + key) == true {
            add(
                "\(name) is known for the cells, and the rows are made of several cells each",
                remedy: "remove it, or make the fine dataset: granularity: \(cellsOfRows.map(String.init(describing:)) ?? "hourly") "
                    + "without aggregation has these cells",
                at: ["truth." + key, Self.ofKey])
        }
    }

    private mutating func cellsDivideRows() {
        guard let cells = cellsOfRows, let rows = rowGranularity else { return }
        guard rows.minutes % cells.minutes != 0 || cells.minutes == rows.minutes else { return }
        let finer = Granularity.all.filter { $0.minutes < rows.minutes && rows.minutes % $0.minutes == 0 }
        let near = finer.min { ($0.minutes - cells.minutes).magnitude < ($1.minutes - cells.minutes).magnitude }
        add(
            "rows of \(rows) are not made of several cells of \(cells) each",
            expected: near == nil ? "no aggregation, for nothing finer divides \(rows)" : "a whole fraction of \(rows)",
            remedy: near.map { "write of: \($0)" } ?? "remove it, or choose another granularity",
            at: [Self.ofKey, "data_generation.granularity"])
    }
}
