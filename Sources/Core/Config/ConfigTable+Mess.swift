/// `data_generation.mess`.
extension ConfigTable {
    static let messPath = "data_generation.mess"

    static let messSections: [ConfigSection] = [
        ConfigSection(
            path: messPath, title: "data_generation.mess",
            doc: """
                What goes wrong with the measuring, each with its own key, all switched off by default. Spells start at any step with the same probability,
                and last `duration`, rounded up to whole steps, at least one; a new one may begin while another lasts. What is missing counts for
                `quality.max_missing_share`.
                """),
        ConfigSection(
            path: messPath + ".missing_under_load", title: "data_generation.mess.missing_under_load",
            doc: """
                Cells that are missing because of what they would have shown: the value of signal and noise, without incidents and outliers. A
                threshold is a value, or a percentile from `p1` to `p99` of a normal distribution with the metric's `base_mean` and the standard
                deviation of `base_std` and `server_bias_std` together.
                """),
        ConfigSection(
            path: messPath + ".agent_outage", title: "data_generation.mess.agent_outage",
            doc: "A server without values of any metric."),
        ConfigSection(
            path: messPath + ".collector_outage", title: "data_generation.mess.collector_outage",
            doc: "A region without values of any server."),
        ConfigSection(
            path: messPath + ".late_start", title: "data_generation.mess.late_start",
            doc: "Servers whose first cells are missing: each starts at its own time within `within` after `from`, all times alike."),
        ConfigSection(
            path: messPath + ".stuck_sensor", title: "data_generation.mess.stuck_sensor",
            doc: "A server's metric that repeats one value."),
        ConfigSection(
            path: messPath + ".unit_slip", title: "data_generation.mess.unit_slip",
            doc: "A server's metric in another unit: the rounded value times `factor`, rounded and kept within the clip range again."),
        ConfigSection(
            path: messPath + ".duplicate_rows", title: "data_generation.mess.duplicate_rows",
            doc: """
                Rows that stand in the file twice, next to each other and equal in all columns, so that the file stays sorted. What is counted by rows, in
                the summary as well, counts them twice.
                """),
        ConfigSection(
            path: messPath + ".late_rows", title: "data_generation.mess.late_rows",
            doc: """
                Rows that arrive later than at the end of their step. One that would arrive after the end of the window is not in the file yet: there
                is no row at all for that server and time. A later window has it, and everything else as it was, so history is only ever added to. This
                is the one effect by which the last days of a window depend on where it ends, and that is its purpose: what a pipeline sees that
                reads its source every day. A slice has the rows that the dataset has: the dataset's window decides, not the slice's.

                Delays are drawn in whole seconds, all between the bounds with the same probability; without a list every delay is the same. The
                column `arrival_column`, the last one, tells of every row when it arrived. A server of which no row has arrived is not in the file.
                """),
    ]

    static let messKeys: [ConfigKey] =
        [
            ConfigKey(
                messPath + ".missing_under_load.above", .thresholds, nullable: true, quiet: true, .absent("`p90` of every metric"),
                "From where on a cell is under load, by metric; others have none.", example: "{ cpu_p95: 80, mem_p95: p95 }"),
            ConfigKey(
                messPath + ".missing_under_load.rate", .number(0...0.95), quiet: true, .value("0"), unit: "probability",
                "Share of the cells under load that is missing.", example: "0.3"),
        ] + spells("agent_outage", each: "server", "12h", example: "3") + spells("collector_outage", each: "region", "2h", example: "2") + [
            ConfigKey(
                messPath + ".late_start.share", .number(0...1), quiet: true, .value("0"), unit: "share",
                "Part of the servers that start late.",
                example: "0.05"),
            ConfigKey(
                messPath + ".late_start.within", .text(.messLateness), quiet: true, .value("30d"),
                "Latest start after `from`, up to 3660d.",
                example: "60d"),
            ConfigKey(
                messPath + ".late_start.from", .day, nullable: true, quiet: true, .absent("`growth_anchor`"),
                "The day before which late servers have no values. It does not move with the window.", example: "2024-01-01"),
        ] + spells("stuck_sensor", each: "server and metric", "2d", example: "1")
        + spells("unit_slip", each: "server and metric", "1d", example: "0.5") + [
            ConfigKey(
                messPath + ".unit_slip.factor", .number(0...1_000_000, isOpenBelow: true), quiet: true, .value("0.1"), unit: "factor",
                "Factor of the values.", example: "0.001"),
            ConfigKey(
                messPath + ".duplicate_rows.rate", .number(0...0.95), quiet: true, .value("0"), unit: "probability",
                "Share of the rows that stand in the file twice.", example: "0.002"),
            ConfigKey(
                messPath + ".late_rows.rate", .number(0...0.95), quiet: true, .value("0"), unit: "probability",
                "Share of the rows that arrive late.", example: "0.01"),
            ConfigKey(
                messPath + ".late_rows.delay", .delay, quiet: true, .value("[1d, 3d]"),
                "How much later than at the end of its step a row arrives.",
                example: "[2h, 36h]"),
            ConfigKey(
                messPath + ".late_rows.arrival_column", .text(.columnName), nullable: true, quiet: true, .absent("no such column"),
                "Name of a column that tells when each row arrived: microsecond timestamps.", example: "ingested_at"),
        ]

    private static func spells(_ name: String, each: String, _ duration: String, example: String) -> [ConfigKey] {
        [
            ConfigKey(
                messPath + ".\(name).per_year", .number(0...100_000), quiet: true, .value("0"), unit: "starts per year",
                "How often it begins, of each \(each).", example: example),
            ConfigKey(
                messPath + ".\(name).duration", .text(.incidentDuration), quiet: true, .value(duration), "How long it lasts, 1m to 90d.",
                example: duration == "12h" ? "6h" : "12h"),
        ]
    }
}
