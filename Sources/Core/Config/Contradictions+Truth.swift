extension Contradictions {
    /// Components without cells, columns of one name, and a horizon beyond the calendar.
    mutating func truth() {
        if settings.boolean("truth.components") == true, settings.boolean("truth.cells") == false {
            add(
                "the components are columns of the table of cells, and truth.cells is false", remedy: "write cells: true",
                at: ["truth.components"])
        }
        truthColumns()
        guard case .some(.some(let text)) = settings.nullableText("truth.covariates"), let days = TextRule.horizonDays(text),
            let end = settings.date("data_generation.end_date")
        else { return }
        let last = end.resolve(today: today) + days
        guard !DateBounds.years.contains(last.year) else { return }
        add(
            "the covariates reach \(last), outside the years \(DateBounds.words)", remedy: "shorten truth.covariates",
            at: ["truth.covariates"])
    }

    /// The id and the time stand beside the columns of the metrics.
    private mutating func truthColumns() {
        if case .some(.some) = settings.nullableText("truth.covariates"), let time = settings.text("output.time_column"),
            CovariateTable.columnsBesideTime.contains(time.lowercased())
        {
            add("\(time) is also a column of the covariates", remedy: "choose another name", at: ["output.time_column"])
        }
        guard settings.boolean("truth.cells") == true, let time = settings.text("output.time_column") else { return }
        for metric in metrics {
            guard let name = metric.name else { continue }
            for part in TruthSchema.Part.allCases where time.lowercased() == "\(name)_\(part.rawValue)".lowercased() {
                add(
                    "\(time) is also a column of the truth about the metric \(name)", remedy: "choose another name",
                    at: ["output.time_column"])
            }
        }
    }
}
