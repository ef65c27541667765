/// `data_generation.incidents`.
extension ConfigTable {
    static let incidentsPath = "data_generation.incidents"

    static let incidentKeysOfData: [ConfigKey] = [
        ConfigKey(
            incidentsPath, .incidents, nullable: true, quiet: true, .absent("no incidents"),
            "What happens to groups of servers, by name, see below: at most 64 of them.",
            example: """
                { eu-failover: { kind: failover, at: [2024-03-31T02:00], scope: region, labels: [eu-west-1], to: us-east-1, duration: 6h, \
                metrics: { cpu_p95: 0.1 } }, leak: { kind: memory-leak, per_year: 4, scope: server, duration: 5d, \
                metrics: { mem_p95: { target: 95 } } } }
                """)
    ]

    /// Prose about incidents.
    static let incidentsSection = ConfigSection(
        path: incidentsPath, title: "Incidents",
        doc: """
            `incidents` maps names to what happens to groups of servers. Values become `a * x + b` before clipping and rounding, or are missing;
            without an incident its cells are what they would have been, and all other cells are the same, but for those in which a stuck sensor
            repeats a value of the incident.

            | key | meaning | default |
            | --- | --- | --- |
            \(rows)

            Kinds and their phases:

            | kind | what happens |
            | --- | --- |
            | `failover` | The servers have the factors of `metrics` (at most 1) all the time, and the servers of another label carry the load: that label \
            is `to`, or drawn for each event. Its factor follows from the shares of the two labels in the fleet. |
            | `batch-overrun` | Full strength, fading in the last tenth. |
            | `memory-leak` | A straight rise to the restart, then below normal for a quarter of the duration. |
            | `disk-fill` | A straight rise, the last twentieth at full strength, then cleaned up. |
            | `bad-release` | Full strength at once, rolled back over the last fifth. |
            | `traffic-surge` | Up over a fifth, down over the last three tenths. |
            | `power-loss` | No values of any metric, then `metrics` at full strength, fading over half the duration. |
            | `shared-factor` | No event: a slow wave of mean 1 that the servers of a label share, one for each metric. `metrics` gives its standard \
            deviation, `duration` the time over which it forgets half. |

            Times are in UTC. A time touches the step that it lies in, and a duration is rounded up to whole steps, at least one. Random events start at any \
            step with the same probability, independently in each label, of each server, or in the fleet; they depend on the name of the incident and \
            of the label, never on the window.

            `rate_factors` make them more or less frequent where it matters: `{ kind: bad-release, per_year: 4, scope: server, rate_factors:
            { criticality: { High: 0.5, Low: 2 }, region: { ap-southeast-1: 1.5 } }, ... }` gives critical servers 2 a year, those that matter little
            8, and half as many again in Singapore. Of the events that a server has without factors a factor below 1 leaves some,
            one above 1 leaves all and adds others, and servers whose factor is 1 keep theirs as they are.
            """)

    private static let entry = incidentsPath + "[]."

    /// The keys of one incident that are plain values.
    static let incidentKeys: [ConfigKey] = [
        ConfigKey(
            entry + "kind", .choice(IncidentKind.allCases.map(\.rawValue)), .required, "What kind of incident.", example: "failover"),
        ConfigKey(
            entry + "per_year", .number(0...100_000, isOpenBelow: true), .absent("times of `at`"), unit: "events per year",
            "How often it happens at random, to each label, each server or the fleet.", example: "4"),
        ConfigKey(
            entry + "scope", .choice(IncidentSpec.Scope.allCases.map(\.rawValue)), .value("fleet"),
            "Which servers can be touched together: all, those of one label, or a single one.", example: "region"),
        ConfigKey(entry + "to", .text(.incidentLabel), .absent("drawn"), "The label that takes over in a failover.", example: "eu-west-1"),
        ConfigKey(
            entry + "share", .number(0...1, isOpenBelow: true), .value("1"), unit: "share",
            "Part of these servers that is touched, drawn for each event.",
            example: "0.5"),
        ConfigKey(
            entry + "duration", .text(.incidentDuration), .required, "How long it takes, 1m to 90d.", example: "6h"),
        ConfigKey(
            entry + "lag", .text(.incidentLag), .value("0s"), "Longest delay of a server, drawn for each: 0s to 30d.", example: "30m"),
    ]

    /// The other keys of one incident, with what they mean.
    static let incidentLists: [(name: String, doc: String, fallback: String, example: String)] = [
        (
            "at", "Times at which it happens, 1 to 1000: `2024-03-31` or `2024-03-31T02:00:00Z`.", "`per_year`", "[2024-03-31T02:00]"
        ),
        (
            "labels", "Labels of the scope's column, or ids of servers, that can be touched; those of `at` are all touched at once.", "all",
            "[eu-west-1]"
        ),
        (
            "magnitude",
            "Strength: 1 is what `metrics` says, 0.5 half of it; above 0, at most 10. Two numbers are bounds to draw from for each event.",
            "`1`", "[0.5, 1.5]"
        ),
        (
            "rate_factors",
            "Factors of `per_year` by column and label, 0 to 100, of the scope's column, or of any with `scope: server`; they multiply.",
            "1 for all", "{ criticality: { High: 0.5, Low: 2 } }"
        ),
        (
            "metrics", "By metric: a factor from 0 to 1000, or `{ target: 95 }`, the value that full strength takes it to.",
            "must be given, except for `power-loss`", "{ cpu_p95: 1.6, mem_p95: { target: 95 } }"
        ),
    ]

    static var incidentKeyNames: [String] { incidentKeys.map(\.name) + incidentLists.map(\.name) }

    private static var rows: String {
        let plain = incidentKeys.map { key -> String in
            let fallback =
                switch key.fallback {
                case .value(let text): "`\(text)`"
                case .absent(let words), .derived(let words): words
                case .required: "must be given"
                }
            let values = if case .choice(let names) = key.kind { " " + names.map { "`\($0)`" }.joined(separator: ", ") + "." } else { "" }
            return "| `\(key.name)` | \(key.doc)\(values) | \(fallback) |"
        }
        return (plain + incidentLists.map { "| `\($0.name)` | \($0.doc) | \($0.fallback) |" }).joined(separator: "\n")
    }
}
