/// `data_generation.metrics`: the keys of one metric.
extension ConfigTable {
    /// The metrics of a config that lists none.
    static let standardMetrics = """
        - { name: cpu_p95, unit: "%", base_mean: 45, base_std: 12, min_clip: 1, max_clip: 99 }
        - { name: mem_p95, unit: "%", base_mean: 60, base_std: 10, min_clip: 5, max_clip: 98 }
        - { name: disk_p95, unit: "%", base_mean: 50, base_std: 8, min_clip: 2, max_clip: 97 }
        - { name: net_p95, unit: "%", base_mean: 35, base_std: 10, min_clip: 0, max_clip: 100 }
        """

    static let plainMetricKeys: [ConfigKey] = [
        metric(
            "name", .text(.columnName), .required, "Name of the column. In a mapping by name the mapping's key is the name.",
            example: "cpu_p95"),
        metric("unit", .text(.unit), .value("\"\""), "Unit of the values, for people.", example: "Mbps"),
        metric("base_mean", .number(-1e9...1e9), .value("50"), unit: "metric's unit", "Mean before all effects.", example: "45"),
        metric("base_std", .number(0...1e9), .value("10"), unit: "metric's unit", "Standard deviation of the noise.", example: "12"),
        metric(
            "min_clip", .number(-1e9...1e9), .value("0"), unit: "metric's unit", "Smallest value; what is below becomes it.", example: "1"),
        metric(
            "max_clip", .number(-1e9...1e9), .value("100"), unit: "metric's unit", "Largest value; what is above becomes it.", example: "99"
        ),
        metric(
            "seasonality_amplitude", .number(0...1), .value("0.10"), unit: "share of the mean", "Amplitude of the annual wave; 0 for none.",
            example: "0.2"),
        metric(
            "weekly_pattern_factor", .number(0...100), .value("0.80"), unit: "factor", "Factor of Saturdays and Sundays.", example: "0.7"),
        metric(
            "eoq_spike_multiplier", .number(0...100), .value("1.25"), unit: "factor", "Factor of the quarter-end window's business days.",
            example: "1.4"),
        metric(
            "weekly_profile", .profile(7, names: []), nullable: true, quiet: true, .absent("`weekly_pattern_factor` counts"),
            "Factors of Monday to Sunday, in place of `weekly_pattern_factor`.", example: "[1, 1.05, 1.05, 1, 0.95, 0.6, 0.5]"),
        metric(
            "diurnal_profile", .profile(24, names: DiurnalProfile.named.compactMap(\.name)), nullable: true, quiet: true,
            .absent("no daily cycle"),
            "Shape of the day in the region's local time, for rows of a part of a day: a name, or relative numbers for the hours 0 to 23, which are divided by their mean.",
            example: "office"),
        metric("eoq_months", .months, .value("[3, 6, 9, 12]"), "Months whose end has a quarter-end window.", example: "[1, 4, 7, 10]"),
        metric("holiday_effect_multiplier", .number(0...100), .value("0.85"), unit: "factor", "Factor of holidays.", example: "0.6"),
        metric(
            "growth_per_year", .number(-0.9...10, isOpenBelow: true), .value("0"), unit: "share per year",
            "Growth: 0.1 is ten per cent a year, compound unless `growth_form` says otherwise.",
            example: "0.1"),
        metric(
            "server_bias_std", .number(0...1e9), .derived("half of `base_std`"), unit: "metric's unit",
            "Standard deviation of each server's own constant offset.", example: "6"),
        metric(
            "missing_rate", .number(0...0.95), .derived("`data_generation.missing_rate`"), unit: "probability", "Share of missing cells.",
            example: "0"),
        metric(
            "outlier_rate", .number(0...0.5), .derived("`data_generation.outlier_rate`"), unit: "probability", "Share of outliers.",
            example: "0"),
        metric(
            "outlier_multiplier", .number(0...1000), .derived("`data_generation.outlier_multiplier`"), unit: "factor",
            "Factor of an outlier.",
            example: "2"),
        metric(
            "decimals", .integer(0...6), nullable: true, .derived("`data_generation.decimals`"), unit: "digits",
            "Decimals kept; `null` for full precision. The clip range times 10^decimals stays below 2^31.", example: "0"),
    ]

    private static let differencePath = "data_generation.archetypes[].metrics[]."

    /// What can be different about a metric of an archetype.
    static let differenceKeys: [ConfigKey] =
        [
            ConfigKey(
                differencePath + "level_factor", .number(0...1000, isOpenBelow: true), .absent("1"), unit: "factor",
                "Factor of mean and standard deviation.", example: "1.2")
        ]
        + (["base_mean", "base_std", "growth_per_year", "growth_form", "growth_limit", "weekly_profile", "diurnal_profile"]
        + noiseDifferences)
        .compactMap { name in
            metricKeys.first { $0.name == name }.map { key in
                ConfigKey(differencePath + name, key.kind, .absent("that of the metric"), unit: key.unit, key.doc, example: key.example)
            }
        }

    /// Metric keys whose default is the value of the `data_generation` key of that name.
    static let inheritedMetricKeys = ["missing_rate", "outlier_rate", "outlier_multiplier", "decimals"]

    private static func metric(
        _ name: String, _ kind: ConfigKey.Kind, nullable: Bool = false, quiet: Bool = false, _ fallback: ConfigKey.Fallback,
        unit: String = "", _ doc: String, example: String
    ) -> ConfigKey {
        ConfigKey(metricSection + "." + name, kind, nullable: nullable, quiet: quiet, fallback, unit: unit, doc, example: example)
    }
}
