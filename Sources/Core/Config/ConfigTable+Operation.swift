/// `output`, `quality`, `schedule`, `retention`, `storage`.
extension ConfigTable {
    static let outputKeys: [ConfigKey] = [
        ConfigKey("output.time_column", .text(.columnName), .value("date"), "Name of the time column.", example: "timestamp"),
        ConfigKey(
            "output.time_type", .choice(OutputSpec.TimeType.allCases.map(\.rawValue)), .value("timestamp"),
            "Type of the time column: microsecond timestamps, or days, for daily rows only.", example: "date32"),
        ConfigKey(
            "output.calendar_flags", .boolean, .value("false"),
            "Whether to add the columns `is_weekend`, `is_holiday` and `is_eoq_window`.",
            example: "true"),
        ConfigKey(
            "output.float_type", .choice(OutputSpec.FloatType.allCases.map(\.rawValue)), .value("double"), "Type of the metric columns.",
            example: "float"),
        ConfigKey(
            "output.compression", .choice(OutputSpec.Compression.allCases.map(\.rawValue)), .value("zstd"),
            "Compression of the Parquet pages.",
            example: "snappy"),
        ConfigKey("output.sample_rows", .integer(0...10_000), .value("100"), unit: "rows", "Rows of the sample CSV.", example: "20"),
        ConfigKey(
            "output.report", .boolean, quiet: true, .value("true"),
            "Whether to publish `...report.html` beside the panel: charts and the quality gate's table, in one file to look at.",
            example: "false"),
        ConfigKey(
            "output.filename", .text(.filename), .value("\"\(OutputSpec.defaultFilename)\""),
            """
            Name of the Parquet file below `raw_prefix`. `{dataset}`, `{generation}`, `{start_date}`, `{end_date}` stand for values. Tables in \
            shards are folders, whose names follow from the config; of this they heed `{generation}` only, in the names of summary, sample \
            and report.
            """,
            example: "\"{dataset}/{generation}.parquet\""),
    ]

    static let qualityKeys: [ConfigKey] = [
        ConfigKey(
            "quality.max_missing_share", .number(0...1), .value("0.05"), unit: "share", "Largest share of missing cells per metric.",
            example: "0.1"),
        ConfigKey(
            "quality.effect_tolerance", .number(3...100), .value("6"), unit: "standard errors",
            "How far a realised effect may be from the configured one.", example: "8"),
        ConfigKey(
            "quality.tolerances", .tolerances, quiet: true, .value("{}"), unit: "standard errors",
            "The same for single checks, named as in the summary; all others keep `effect_tolerance`.", example: "{ weekly: 8, growth: 10 }"
        ),
        ConfigKey(
            "quality.on_failure", .choice(QualitySpec.FailurePolicy.allCases.map(\.rawValue)), quiet: true, .value("fail"),
            "What a failed check does: nothing is published, or the data is published with its verdict and the log says what is wrong.",
            example: "warn"),
    ]

    static let scheduleKeys: [ConfigKey] = [
        ConfigKey(
            "schedule.cron", .text(.cron), nullable: true, .absent("on change only"),
            """
            Five fields (minute, hour, day of month, month, day of week), or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`, or \
            `@every` with a length of time.
            """,
            example: "\"15 2 * * *\""),
        ConfigKey("schedule.timezone", .text(.timeZone), .value("UTC"), "IANA time zone of the schedule.", example: "Europe/Berlin"),
        ConfigKey(
            "schedule.gap", .choice(GapPolicy.allCases.map(\.rawValue)), .value("run-after"),
            "What becomes of a fixed time that the clock skips when summer time begins: a run right after it, or none.", example: "skip"),
        ConfigKey(
            "schedule.overlap", .choice(OverlapPolicy.allCases.map(\.rawValue)), .value("first"),
            "Which of the two hours a fixed time runs in when summer time ends.", example: "both"),
        ConfigKey(
            "schedule.catch_up", .text(.catchUp), .value("last"),
            "Which of the runs missed while the service was down or asleep take place when it is back.", example: "all:10"),
        ConfigKey(
            "schedule.jitter", .text(.jitter), .value("0s"),
            "How much later than the schedule a run may start: a part of it, always the same for this dataset on this host.", example: "5m"),
        ConfigKey(
            "schedule.while_running", .choice(BusyPolicy.allCases.map(\.rawValue)), .value("skip"),
            """
            What a scheduled time does while a run of the dataset is still in progress: nothing, wait and run once after it, or stop it and \
            take its place. A time of a later day than that run is never skipped but waits, because its window is another one.
            """, example: "queue"),
        ConfigKey(
            "schedule.max_age", .text(.maximumAge), nullable: true, .absent("never too late"),
            "How late a run may start. One that is later, because the service was down or busy, is logged and left out.", example: "6h"),
    ]

    static let retentionKeys: [ConfigKey] = [
        ConfigKey("retention.keep_last", .integer(1...1000), .value("7"), unit: "generations", "How many generations stay.", example: "30"),
        ConfigKey(
            "retention.grace_hours", .integer(0...8760), .value("24"), unit: "hours",
            "Time between taking a generation off the list and deleting its files, for readers that still use them.", example: "48"),
    ]

    static let storageKeys: [ConfigKey] = [
        ConfigKey("storage.use_s3", .boolean, .value("false"), "Whether to publish to S3 instead of a local folder.", example: "true"),
        ConfigKey("storage.bucket_name", .text(.bucket), .value("\"\""), "The bucket; needed with `use_s3`.", example: "my-bucket"),
        ConfigKey(
            "storage.raw_prefix", .text(.rawPrefix), .value("raw/"), "Folder of the panel files within the bucket or the local folder.",
            example: "telemetry/raw/"),
        ConfigKey(
            "storage.local_base_path", .text(.basePath), .value("var/data"),
            "Local folder of everything published. A relative one starts where the program runs.", example: "/srv/fleet"),
        ConfigKey(
            "storage.endpoint_url", .text(.endpoint), nullable: true,
            .absent("`AWS_ENDPOINT_URL_S3`, else `AWS_ENDPOINT_URL`, else Amazon's own"),
            "Address of another S3 service, without credentials.",
            example: "https://s3.example.com"),
        ConfigKey(
            "storage.region", .text(.region), nullable: true, .absent("`AWS_REGION`, else us-east-1"), "Region of the S3 service.",
            example: "eu-central-1"),
    ]
}
