/// `truth`.
extension ConfigTable {
    static let truthPath = "truth"

    static let truthSection = ConfigSection(
        path: truthPath, title: "truth",
        doc: """
            What is published about the panel beside it, so that detectors, imputers, decompositions and forecasters can be scored. All of it is
            off by default. The panel's bytes are the same with and without it.

            The files are in the folder `_truth` beside the panel, so that no `*.parquet` of the panel's folder finds them; readers that walk
            through folders (Spark, Arrow, Hive) leave names with a leading underscore out. Manifest, `verify` and retention cover them.

            `cells` writes `_truth/NAME.truth.parquet`: the panel's rows in the panel's order, with the id, the time and for each metric `m` these
            columns:

            | column | type | meaning |
            | --- | --- | --- |
            | `m_flags` | INT32 | why the cell is not what signal and noise alone make it: the bits below, 0 for no cause |
            | `m_clean` | DOUBLE | the value without outliers, changes, incidents, mess and gaps, rounded as the metric is |
            | `m_change` | DOUBLE | the published value less the clean one; null where the published one is missing |
            | `m_level` | DOUBLE | with `components`: the mean before all effects, with the factors of the server's class |
            | `m_trend` | DOUBLE | what growth adds to that |
            | `m_season` | DOUBLE | what the year, the week and the day add to level and trend |
            | `m_calendar` | DOUBLE | what holidays, quarter ends and the business calendar add to all of these |
            | `m_bias` | DOUBLE | the server's lasting offset |
            | `m_noise` | DOUBLE | the rest: noise, and what saturation, clipping and rounding took |

            `m_clean + m_change`, rounded to the metric's decimals, is the published value, and equal to it to 1e-9 without rounding. The six
            components add up to `m_clean` to 1e-9. A cell has a flag exactly where it is missing or its value differs from the clean one:
            an outlier that clipping makes undone has none. `duplicate_row` and `late_row` come on top; they are about the row. What is no anomaly to you is masked: `m_flags & ~8192` leaves shared factors out.

            \(flagTable)

            `events` writes `_truth/NAME.events.parquet`: one row for each incident, outage and lasting change that meets the window, with the columns
            `event_id`, `kind`, `cause` (the config key), `scope_column`, `scope_label`, `servers` (how many), `server_ids` (up to 1,000, with
            spaces between; empty where all servers of the scope are touched), `metrics` (with spaces between), `start`, `end` (exclusive; null
            for lasting changes, which hold until the next one of the same name comes to the server), `magnitude` (null where several metrics
            have factors of their own) and `parent`. Empty texts stand for none. Outliers, cells that are missing at random, and rows that
            come twice or late are no events.
            Where servers begin and end, `commissioned` and `decommissioned` are events, too: their `start` is the first day, or the first one
            without rows. Other events then count and name the servers of their scope that exist while the event lasts.

            `covariates` writes `_truth/NAME.covariates.parquet`: what a forecaster may know in advance, for every step of the window and of that many
            days after it: `is_future`, `day_of_week` (0 is Monday), `hour` (of steps shorter than a day), `annual_phase` (the share of the year
            that has passed), `business_days_to_month_end`, `is_weekend`, `is_holiday`, `holiday` (its name), `is_business_day`, `is_eoq_window`,
            `is_month_end`, `is_fiscal_year_end`, `is_payday`, `is_patch_day`, `is_freeze`, `is_bridge_day`, `eoq_ramp` and `holiday_ramp`. All of
            them follow local time: where regions differ in that there is a column `region` and a block of rows for each.

            `oracle` adds to the summary, below `truth`, for each metric `mae` and `rmse` of a forecaster of clean values that knows everything but the
            noise: it announces what noise of 0 gives, level, effects and offset, saturated and clipped. Errors are means over all rows. Where the
            noise has no memory no forecaster can be expected to do better; where it has, one that uses the latest values can.
            """)

    /// The bits of `m_flags`.
    private static var flagTable: String {
        let rows = CellFlags.named.map { "| \($0.flag.rawValue) | `\($0.name)` | \($0.meaning) |" }
        return (["| bit | name | meaning |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
    }

    static let truthKeys: [ConfigKey] = [
        flag("cells", "Whether to publish flags, clean value and change of every cell.", example: "true"),
        flag("components", "Whether the table of cells also takes the clean values apart; needs `cells`.", example: "true"),
        flag("events", "Whether to publish a table of incidents, outages and lasting changes.", example: "true"),
        ConfigKey(
            truthPath + ".covariates", .text(.horizon), nullable: true, quiet: true, .absent("no table"),
            "Days after the window that the table of what is known in advance reaches; `0d` ends with the window.", example: "90d"),
        flag("oracle", "Whether the summary tells the error of a forecaster that knows everything but the noise.", example: "true"),
    ]

    private static func flag(_ name: String, _ doc: String, example: String) -> ConfigKey {
        ConfigKey(truthPath + "." + name, .boolean, quiet: true, .value("false"), doc, example: example)
    }
}

extension TextRule {
    /// Most days of a horizon.
    static let mostHorizonDays = 3660

    /// Whole days after the window.
    static let horizon = TextRule(
        title: "days", expected: "whole days from 0d to \(mostHorizonDays)d, such as 90d",
        pattern: "^([0-9]|[1-9][0-9]{1,2}|[12][0-9]{3}|3[0-5][0-9]{2}|36[0-5][0-9]|3660)d$",
        maximumBytes: 16
    ) { text in
        guard let days = horizonDays(text) else { return Complaint("\(Quoting.quoted(text)) is no number of days", remedy: "write 90d") }
        return days > mostHorizonDays ? Complaint("\(text) is above \(mostHorizonDays)d") : nil
    }

    /// The days of a text of that rule; nil for others.
    static func horizonDays(_ text: String) -> Int? {
        guard text.utf8.last == UInt8(ascii: "d"), let days = Int(text.dropLast()), days >= 0, "\(days)d" == text else { return nil }
        return days
    }
}
