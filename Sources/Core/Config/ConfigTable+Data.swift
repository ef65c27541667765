/// `general` and `data_generation`, without the metrics.
extension ConfigTable {
    static let generalKeys: [ConfigKey] = [
        ConfigKey(
            "general.env", .choice(RunEnvironment.allCases.map(\.rawValue)), .value("local"),
            "Where the run takes place. `sagemaker` follows the folders of a SageMaker Processing job, and publishes below "
                + "`/opt/ml/processing/output` unless `use_s3` is true; `lambda` takes S3 or a `local_base_path` below `/tmp`, because a function can "
                + "write nowhere else. docs/ENGINES.md has both. The service makes datasets where it runs, whatever stands here. The option `--env` "
                + "overrides it.",
            example: "local")
    ]

    static let dataKeys: [ConfigKey] = [
        ConfigKey(
            "data_generation.num_servers", .integer(1...100_000_000), .value("120"), "How many servers the fleet has.", example: "5000"),
        ConfigKey("data_generation.start_date", .date, .value("2022-01-01"), "First day of the window.", example: "today-4y"),
        ConfigKey("data_generation.end_date", .date, .value("2025-12-31"), "Last day of the window.", example: "yesterday"),
        ConfigKey(
            "data_generation.granularity", .text(.granularity), .value("daily"),
            "Time between two rows of a server. Rows of a part of a day have the start of their step as a timestamp in UTC.",
            example: "hourly"),
        ConfigKey(
            "data_generation.random_seed", .integer(0...Int128(UInt64.max)), .value("42"),
            "The seed of all randomness: the same seed and config give the same bytes.", example: "7"),
        ConfigKey("data_generation.use_holidays", .boolean, .value("true"), "Whether holidays change the metrics.", example: "false"),
        ConfigKey(
            "data_generation.holiday_calendar", .text(.calendarName), .value("us_federal"),
            "Whose holidays count. A holiday is no business day, whether or not it changes the metrics.", example: "federal_reserve"),
        ConfigKey(
            "data_generation.calendars", .calendars, quiet: true, .value("{}"),
            """
            Calendars of your own, for `holiday_calendar` and `metadata.calendars`. `extends` is a shipped one to begin with, or null; `remove` takes days away from it; `add` gives \
            further ones, as a list or as a mapping from day to the holiday's name. Added days are not moved from weekends. How days are written: \
            data_generation.business_calendar.
            """,
            example: "{ head_office: { extends: us_federal, remove: [2nd MON of OCT], add: { 12-24: Christmas Eve } } }"),
        ConfigKey("data_generation.use_eoq_spikes", .boolean, .value("true"), "Whether quarter ends lift the metrics.", example: "false"),
        ConfigKey(
            "data_generation.eoq_window_business_days", .integer(5...10), .value("7"), unit: "business days",
            "Length of the quarter-end window, counted back from the month's last business day.", example: "5"),
        ConfigKey(
            "data_generation.growth_anchor", .day, .value("2022-01-01"),
            "The day on which growth is 1. It does not move with the window, so that a longer window changes no earlier value.",
            example: "2024-01-01"),
        ConfigKey(
            "data_generation.missing_rate", .number(0...0.95), .value("0.005"), unit: "probability",
            "Share of cells that are missing; a metric may have its own.", example: "0.01"),
        ConfigKey(
            "data_generation.outlier_rate", .number(0...0.5), .value("0.001"), unit: "probability",
            "Share of cells that are outliers; a metric may have its own.", example: "0.002"),
        ConfigKey(
            "data_generation.outlier_multiplier", .number(0...1000), .value("1.6"), unit: "factor",
            "Factor of an outlier, before clipping; a metric may have its own.", example: "2.5"),
        ConfigKey(
            "data_generation.decimals", .integer(0...6), nullable: true, .value("2"), unit: "digits",
            "Decimals kept; `null` for full precision. A metric may have its own.", example: "1"),
        ConfigKey(
            "data_generation.server_id.prefix", .text(.idPrefix), .value("\"SRV-\""), "What every server's name starts with.",
            example: "\"HOST-\""),
        ConfigKey(
            "data_generation.server_id.width", .integer(1...18), .derived("4, or as many as `num_servers` needs"), unit: "digits",
            "Digits of the number. A width that is given must suffice for `num_servers`.", example: "6"),
        ConfigKey(
            "data_generation.archetypes", .archetypes, nullable: true, quiet: true, .absent("all servers are of one kind"),
            "Kinds of servers, see below. With them there is a column `archetype`.",
            example:
                "{ web: { share: 0.7 }, batch: { share: 0.3, metrics: { cpu_p95: { level_factor: 1.3, diurnal_profile: night-batch } } } }"),
        ConfigKey(
            "data_generation.metadata_effects", .labelFactors, nullable: true, quiet: true, .absent("labels change no metric"),
            """
            Factors of mean and standard deviation of the servers that carry a label: by column (`business_unit`, `region`, `criticality`), label and metric. \
            In place of a factor `{ level: 1.1, headroom: 1.3 }`, one of them or both: see below.
            """,
            example: "{ criticality: { High: { cpu_p95: 1.1, mem_p95: { headroom: 1.25 } } } }"),
        ConfigKey(
            "data_generation.metrics", .metrics, .derived("four metrics, see data_generation.metrics"), "The numeric columns.",
            example: "[{ name: cpu_p95, base_mean: 45 }]"),
    ]

    static let labelKeys: [ConfigKey] = [
        ConfigKey(
            "data_generation.metadata.business_units", .labels, .value("[Retail, Investment, Wealth, Corporate]"),
            "Business units of the servers.", example: "{ Retail: 0.7, Wealth: 0.3 }"),
        ConfigKey(
            "data_generation.metadata.regions", .labels, .value("{us-east-1: 0.4, us-west-2: 0.3, eu-west-1: 0.2, ap-southeast-1: 0.1}"),
            "Regions of the servers.", example: "[eu-west-1, eu-central-1]"),
        ConfigKey(
            "data_generation.metadata.criticality_levels", .labels, .value("{High: 0.2, Medium: 0.5, Low: 0.3}"),
            "How critical a server is.", example: "[Gold, Silver]"),
        ConfigKey(
            "data_generation.metadata.time_zones", .zones, nullable: true, quiet: true,
            .absent("those of known region names of Amazon Web Services, Google Cloud and Azure, UTC for others; `plan` shows them"),
            "Time zones of regions, for rows of a part of a day: a name of the list below, or a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`.",
            example: "{ us-east-1: America/Chicago }"),
        ConfigKey(
            "data_generation.metadata.calendars", .regionCalendars, nullable: true, quiet: true,
            .absent("`holiday_calendar` holds everywhere"),
            "Calendars of regions, shipped ones or those of `data_generation.calendars`; other regions keep `holiday_calendar`. See below.",
            example: "{ eu-west-1: ireland }"),
    ]
}
