/// `data_generation.aggregation`.
extension ConfigTable {
    static let aggregationPath = "data_generation.aggregation"

    static let aggregationSection = ConfigSection(
        path: aggregationPath, title: aggregationPath,
        doc: """
            Rows as a monitoring system keeps them: one number for each row, made of finer cells. `granularity` is that of the rows, `of` that of the
            cells, which are made but not published: exactly the cells that the same config has with `granularity: <of>` and no aggregation. So
            the daily and the hourly file of one config agree: each value of the one follows from values of the other. Noise, incidents, mess,
            changes, outliers and local time act on the cells, and all lengths and rates count in steps of `of`.

            | `statistic` | a row's value |
            | --- | --- |
            | `p95` | the 95th percentile by nearest rank: the smallest of the n cells with at least 0.95 n of them at or below it |
            | `mean` | their sum over n, rounded to the metric's `decimals`, half to even |
            | `max` | the largest of them |

            The n cells are those of the row's time that are not missing; a row without any is missing. The percentile is that of DuckDB's
            `quantile_disc`, of NumPy's `quantile` with `method="inverted_cdf"`, and of the summary: a value that was measured, never one between
            two. Rows begin at the start of their time in UTC, and calendar flags are those of that day in the
            region's calendar. A daily row's `date` has no time zone in its type, as in every daily file, and an hourly row's has UTC: to put one
            beside the other in pandas, `hourly["date"].dt.tz_localize(None).dt.floor("D")`.

            The quality gate judges the cells, whose laws are known; rows, statistics of the summary, its number of missing values and
            `max_missing_share` are those of the published rows, and `outliers` counts cells. `events` and `covariates` of the ground truth can be
            had, the latter one per row; what it tells of cells needs the fine file, as
            do `mess.duplicate_rows` and `mess.late_rows`.

            ```yaml
            data_generation:
              granularity: daily
              aggregation: { of: hourly }
            ```
            """)

    static let aggregationKeys: [ConfigKey] = [
        ConfigKey(
            aggregationPath + ".of", .text(.granularity), nullable: true, quiet: true, .absent("each row is a cell of its own"),
            "Time between two of the cells that a row is made of; a whole fraction of `granularity`.", example: "hourly"),
        ConfigKey(
            aggregationPath + ".statistic", .choice(AggregationSpec.Statistic.allCases.map(\.rawValue)), quiet: true, .value("p95"),
            "What a row tells of its cells; needs `of`.", example: "mean"),
    ]
}
