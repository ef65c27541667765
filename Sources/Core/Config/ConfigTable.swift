/// Every section and key of the format, in the order of the reference page.
public enum ConfigTable {
    /// All keys.
    public static let keys: [ConfigKey] =
        generalKeys + dataKeys + aggregationKeys + changesKeysOfData + correlationKeys + metricKeys + labelKeys + lifetimeKeys
        + businessCalendarKeys
        + incidentKeysOfData + messKeys + outputKeys + truthKeys + qualityKeys + scheduleKeys + retentionKeys
        + storageKeys
        + s3Keys

    static let sections: [ConfigSection] = sectionsOfData + messSections + otherSections

    private static let sectionsOfData: [ConfigSection] = [
        ConfigSection(path: "general", title: "general", doc: "Where the run takes place."),
        ConfigSection(
            path: "data_generation", title: "data_generation",
            doc: """
                What the data is: servers, days, effects and rates. This section must be there; `data_generation: {}` alone is a whole
                config.

                Dates are fixed (`2022-01-31`) or relative to the day of the run in UTC: `yesterday`, `today`, `tomorrow`, `today-4y`,
                `today+2w`, `today-1y6m3d` (`d`, `w`, `m`, `y`; months and years clamp to the last day of the month). Both ends belong to
                the window. The window lies within the years 1678 to 2261, and servers times steps of time may not exceed 10^12.
                """),
        ConfigSection(
            path: "data_generation.server_id", title: "data_generation.server_id",
            doc: "How servers are named: the prefix, then the server's number from 1, padded with zeros to the width."),
        ConfigSection(
            path: metricSection, title: "data_generation.metrics",
            doc: """
                The numeric columns: a list of mappings with `name`, or a mapping by name; 1 to 500 of them, in column order. Without the
                key there are four: `cpu_p95` (mean 45, standard deviation 12, clipped to 1..99), `mem_p95` (60, 10, 5..98), `disk_p95`
                (50, 8, 2..97) and `net_p95` (35, 10, 0..100), all with the effects below and the unit `%`. A metric that is listed takes
                the defaults below.

                Overrides name a metric by its name or its place: `--set data_generation.metrics.cpu_p95.base_mean=50`.
                """),
        ConfigSection(
            path: "data_generation.metadata", title: "data_generation.metadata",
            doc: """
                The labels of the servers. A list gives every label the same share; a mapping gives each its weight. Weights are above 0
                and sum to 1 (within 1e-9). 1 to 1000 labels, each at most 128 bytes, without control characters.
                The order in which they are written decides nothing.

                With `calendars`, the servers of a region keep their own holidays, and with them their own business days, quarter-end
                windows and days of the business calendar; `is_holiday` and `is_eoq_window` are those of the server's region.
                """),
        fleetSection,
        aggregationSection,
        changesSection,
        lifetimeSection,
        businessCalendarSection,
        noiseSection,
        incidentsSection,
    ]

    private static let otherSections: [ConfigSection] = [
        ConfigSection(path: "output", title: "output", doc: "The format of the published files."),
        truthSection,
        ConfigSection(
            path: "quality", title: "quality",
            doc: """
                What must hold before anything is published. The gate compares what was asked for with what is in the data, effect by effect; a
                tolerance is half the width of the interval that passes, in standard errors of what chance does to that panel. At 6, right
                data fails once in some hundred million checks.

                Checks with a tolerance: \(QualitySpec.checks.map { "`\($0)`" }.joined(separator: ", ")).
                """),
        ConfigSection(
            path: "schedule", title: "schedule",
            doc: """
                When the service makes the dataset again without a change of its config. Also in short form: `schedule: "@daily"` is the
                same as `schedule: { cron: "@daily" }`. Absent: on change only.

                Fields are lists of numbers, ranges (`1-5`) and steps of a range (`*/15`, `8-18/2`); months and days of the week also have
                names (`JAN`, `MON`, in any case), and Sunday is 0 and 7. `L` is the last day of the month, `15W` the day from Monday to
                Friday nearest to the 15th, `LW` the last of these; `5L` is the last Friday and `MON#1` the first Monday of the month.

                When both the day of the month and the day of the week are restricted, one of them is enough: `0 6 1 * MON` is the first of
                the month and every Monday. A `+` asks for both: `0 6 1-7 * +MON`. A field that begins with `*` restricts nothing in this
                sense, so `*/2` and `MON` must both match. `@every 90m` counts from 1970-01-01 in UTC, whatever the time zone.

                `gap` and `overlap` are about fixed times. A schedule whose minute or hour begins with `*` simply follows the clock.
                """),
        ConfigSection(path: "retention", title: "retention", doc: "How long older generations stay."),
        ConfigSection(path: "storage", title: "storage", doc: "Where the published files go."),
    ]

    /// Sections of the reference page that hold no keys by themselves.
    private static let proseSections: Set<String> = [metricSection, fleetPath, changesPath, noiseSection.path, incidentsPath]

    /// Path of the keys of one metric.
    static let metricSection = "data_generation.metrics[]"

    private static let byPath: [String: ConfigKey] = Dictionary(uniqueKeysWithValues: keys.map { ($0.path, $0) })
    private static let keysBySection: [String: [ConfigKey]] = Dictionary(grouping: keys, by: \.section)

    /// The key at a path of the table, or nil.
    public static func key(_ path: String) -> ConfigKey? { byPath[path] }

    /// The keys directly in a section, in table order. The root is the empty path.
    static func keys(in section: String) -> [ConfigKey] { keysBySection[section] ?? [] }

    /// Whether a section holds only keys that came later: where none of them is used, it has no trace in the canonical text.
    static func isQuiet(_ section: String) -> Bool { keys(in: section).allSatisfy(\.isQuiet) }

    static func isSection(_ path: String) -> Bool { !proseSections.contains(path) && sections.contains { $0.path == path } }

    /// The names of the sections directly in a section.
    static func subsections(of section: String) -> [String] {
        sections.compactMap { candidate in
            guard !proseSections.contains(candidate.path) else { return nil }
            guard !section.isEmpty else { return candidate.path.contains(".") ? nil : candidate.path }
            guard candidate.path.hasPrefix(section + ".") else { return nil }
            let rest = candidate.path.dropFirst(section.count + 1)
            return rest.contains(".") ? nil : String(rest)
        }
    }

    /// A name within a section.
    static func join(_ section: String, _ name: String) -> String { section.isEmpty ? name : section + "." + name }
}
