/// `data_generation.business_calendar`, and the keys of a metric that go with it.
extension ConfigTable {
    static let businessCalendarSection = ConfigSection(
        path: "data_generation.business_calendar", title: "data_generation.business_calendar",
        doc: """
            The days on which a metric's `month_end_multiplier`, `fiscal_year_end_multiplier`, `payroll_multiplier`, `patch_multiplier`,
            `freeze_multiplier` and `bridge_multiplier` act. All of these are 1, that is switched off, unless given; each that is used has
            its own check in the quality gate.

            Days are named by short texts, in lists (and in the lists of `calendars`): `2024-12-24`, one day; `2024-11-25..2024-12-02`,
            all days from one through another; `12-24` and `12-15..01-02`, the same every year, past New Year where the second date is the
            earlier one; `2nd TUE`, the second Tuesday of every month, and `last MON of MAY`; `easter-2`, days before or after Easter
            Sunday. `1st` to `5th` and `last`, `MON` to `SUN`, `JAN` to `DEC`; a month without a fifth Friday has none.

            A ramp leads up to the quarter-end window, or to a holiday, and down from it: of `r` ramp days the k-th business day before or
            after has `(r + 1 - k) / (r + 1)` of the effect.
            """)

    static let businessCalendarKeys: [ConfigKey] = [
        days("month_end_days", 1...10, "3", "Length of the month-end window, counted back from the month's last business day.", "5"),
        ConfigKey(
            section + "fiscal_year_end_month", .integer(1...12), quiet: true, .value("12"), "Last month of the fiscal year.", example: "6"),
        days("fiscal_year_end_days", 1...15, "10", "Length of the window at the fiscal year's end, counted back alike.", "5"),
        ConfigKey(
            section + "payroll_days", .payDays, quiet: true, .value("[15, last]"),
            "Days of the month on which people are paid; `last` is the last business day. One that is no business day is paid on the last before.",
            example: "[1, 16]"),
        ConfigKey(
            section + "patch_days", .dayPatterns, quiet: true, .value("[2nd TUE]"), "Days with a patch window, business days or not.",
            example: "[2nd TUE, 3rd SAT]"),
        ConfigKey(
            section + "freeze_days", .dayPatterns, quiet: true, .value("[\"12-15..01-02\"]"),
            "Days on which nothing is changed, weekends and holidays among them.", example: "[12-15..01-02, 2024-11-25..2024-12-02]"),
        days("eoq_ramp_days", 0...10, "0", "Length of each ramp of `eoq_spike_multiplier`; 0 for none.", "4"),
        days("holiday_ramp_days", 0...10, "0", "Length of each ramp of `holiday_effect_multiplier`; 0 for none.", "2"),
    ]

    /// All keys of a metric.
    static let metricKeys = plainMetricKeys + growthKeys + liftKeys + noiseKeys

    private static let liftKeys: [ConfigKey] = [
        lift("month_end", "Factor of the last `month_end_days` business days of every month.", "1.1"),
        lift("fiscal_year_end", "Factor of the last `fiscal_year_end_days` business days of the fiscal year.", "1.3"),
        lift("payroll", "Factor of `payroll_days`.", "1.15"),
        lift("patch", "Factor of `patch_days`.", "1.2"),
        lift("freeze", "Factor of `freeze_days`.", "0.9"),
        lift("bridge", "Factor of business days between a holiday and a weekend.", "0.8"),
    ]

    private static let section = "data_generation.business_calendar."

    private static func days(_ name: String, _ range: ClosedRange<Int128>, _ standard: String, _ doc: String, _ example: String)
        -> ConfigKey
    {
        ConfigKey(section + name, .integer(range), quiet: true, .value(standard), unit: "business days", doc, example: example)
    }

    private static func lift(_ name: String, _ doc: String, _ example: String) -> ConfigKey {
        ConfigKey(
            metricSection + "." + name + "_multiplier", .number(0...100), quiet: true, .value("1"), unit: "factor", doc, example: example)
    }
}
