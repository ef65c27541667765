extension ConfigTable {
    static let fleetPath = "data_generation.archetypes"

    /// Prose about kinds of servers and local time.
    static let fleetSection = ConfigSection(
        path: fleetPath, title: "Kinds of servers and local time",
        doc: """
            With a `granularity` shorter than a day, time counts in steps since 1970-01-01T00:00Z, and the time column holds the start of each
            step in UTC. Effects follow the region's local time: a step belongs to the local day and hour of its middle, so weekends, holidays
            and quarter ends are local days. With daily rows the dates themselves are local, and time zones change nothing, unless rows are made of finer cells.

            `diurnal_profile` multiplies mean and standard deviation by the hour: `flat`, `office`, `evening` and `night-batch`, or 24 numbers of
            one's own. An hour's factor holds at its middle, a smooth curve runs between, and the mean over the day is 1. The shapes that have a name,
            hour by hour:

            | shape | 0 to 23 o'clock, divided by their mean |
            | --- | --- |
            \(shapes)

            Zones that `time_zones` can name, each with the rule that is in force now, for all years:
            \(wrapped(TimeZoneTable.rules.keys.sorted()))

            `archetypes` maps names to kinds of servers. `share` is a number for the whole fleet, or a mapping with a number for every business
            unit, or, by column, for every label of `business_unit`, `region` and `criticality`: `{ region: { eu-west-1: 0.6, us-east-1: 0.2 } }`. For each
            label the shares sum to 1; a number holds for all labels, and archetypes that have none name the same columns. With one
            column these are the shares. With several, a server's chance is the product of the shares of its labels, each column but the
            first divided by the archetype's mean share in that column, and all divided by their sum over the archetypes: what is more frequent in a
            region by half is so in each unit, as far as the others leave room. `metrics` says by metric what is different: \(differences). `level_factor` multiplies
            mean and standard deviation. Factors of `metadata_effects` multiply on top of it.

            `headroom` says the same from above: what a label's servers leave of their capacity. It multiplies the distance from the level, with all
            factors and before the effects of time, to `max_clip`: of a level of 60 and `max_clip: 100`, `headroom: 1.25` makes 50. The standard
            deviation moves as the mean does, several headrooms multiply, and what would leave a level below `min_clip` is refused.

            ```yaml
            data_generation:
              granularity: hourly
              metadata: { time_zones: { eu-west-1: Europe/Dublin } }
              metadata_effects: { criticality: { High: { cpu_p95: 0.9, mem_p95: { headroom: 1.2 } } } }
              archetypes:
                web:
                  share: { Retail: 0.7, Investment: 0.4, Wealth: 0.5, Corporate: 0.5 }
                  metrics:
                    cpu_p95: { level_factor: 0.9, diurnal_profile: office }
                batch:
                  share: { Retail: 0.3, Investment: 0.6, Wealth: 0.5, Corporate: 0.5 }
                  metrics:
                    cpu_p95: { base_mean: 60, base_std: 8, diurnal_profile: night-batch, weekly_profile: [1, 1, 1, 1, 1, 0.7, 0.8] }
            ```

            Servers of one archetype, time zone, calendar and set of factors share their levels, which are kept in memory: steps times metrics times
            such classes may not exceed 4,194,304, except for daily rows of one class.
            """)

    private static var differences: String { differenceKeys.map { "`\($0.name)`" }.joined(separator: ", ") }

    private static var shapes: String {
        DiurnalProfile.named.map { shape in
            "| `\(shape.name ?? "")` | \(shape.relative.map(ConfigJSON.canonical).joined(separator: ", ")) |"
        }.joined(separator: "\n")
    }

    /// Names in lines of about 140 characters.
    private static func wrapped(_ names: [String]) -> String {
        var lines = [""]
        for name in names.map({ "`\($0)`" }) {
            let line = lines[lines.count - 1]
            if line.utf8.count + name.utf8.count > 136 {
                lines.append(name)
            } else {
                lines[lines.count - 1] = line.isEmpty ? name : line + " " + name
            }
        }
        return lines.joined(separator: "\n")
    }
}
