/// `data_generation.changes` and `data_generation.lifetime`: what changes in the life of a server.
extension ConfigTable {
    static let changesPath = "data_generation.changes"
    static let lifetimePath = "data_generation.lifetime"

    static let changesKeysOfData: [ConfigKey] = [
        ConfigKey(
            changesPath, .changes, nullable: true, quiet: true, .absent("nothing changes for good"),
            "Changes that come to servers and stay, by name, see below: at most 50 of them.",
            example: """
                { new-hardware: { kind: hardware-refresh, at: [2024-03-01], spread: 60d, share: 0.4, servers: { region: [eu-west-1] }, \
                metrics: { cpu_p95: 0.7 } } }
                """)
    ]

    static let lifetimeKeys: [ConfigKey] = [
        ConfigKey(
            lifetimePath + ".growth", .fleetGrowth, nullable: true, quiet: true, .absent("the fleet does not grow"),
            "How many servers there have been by the beginning of a day, 2 to 100 days, with lines between; the last number is `num_servers`.",
            example: "[{ date: 2022-01-01, servers: 60 }, { date: 2025-07-01, servers: 120 }]"),
        ConfigKey(
            lifetimePath + ".commissioned", .commissioning, nullable: true, quiet: true, .absent("all servers begin before the window"),
            "The part of the fleet whose first day is drawn from a span of days, in place of `growth`.",
            example: "{ share: 0.3, from: 2023-01-01, to: 2024-12-31 }"),
        ConfigKey(
            lifetimePath + ".decommission", .decommissioning, nullable: true, quiet: true, .absent("no server ends"),
            "How many servers end a year, and the first day on which one may.", example: "{ per_year: 0.05, from: 2022-01-01 }"),
    ]

    /// Prose about lasting changes.
    static let changesSection = ConfigSection(
        path: changesPath, title: "Changes that last",
        doc: """
            `changes` maps names to what changes servers for good: `level-shift`, `migration`, `right-sizing` and `hardware-refresh`. From an event
            on, the values of the metrics that it names are multiplied by a factor, before outliers, clipping and rounding, until the next
            event of the same name comes to the same server; changes of several names multiply.

            | key | meaning | default |
            | --- | --- | --- |
            \(rows(changeKeys, changeLists))

            ```yaml
            data_generation:
              changes:
                eu-hardware: { kind: hardware-refresh, at: [2024-03-01], spread: 60d, servers: { region: [eu-west-1] }, metrics: { cpu_p95: 0.7 } }
                shifts: { kind: level-shift, per_year: 0.5, metrics: { cpu_p95: [0.8, 1.3], mem_p95: [0.9, 1.1] } }
                smaller: { kind: right-sizing, at: [2023-07-01, 2024-07-01], share: 0.2, ramp: 14d, metrics: { cpu_p95: 1.6 } }
            ```

            A factor may be a list of two: it is then drawn for each event between them, the same place between the bounds for all metrics. Events of
            `per_year` have happened before the window, too, back to 1678; on any day at most one comes to a server. Which servers, when and how much
            depends on the change's name, the server and the day alone. With a `ramp` the factor moves in a line from the one that the event
            before led to.
            """)

    /// Prose about lifetimes.
    static let lifetimeSection = ConfigSection(
        path: lifetimePath, title: "data_generation.lifetime",
        doc: """
            When servers begin and end. Before its first day and from its end on a server has no rows, so servers have rows of different
            numbers, each without gaps; a server that does not exist in the window is not in the file. Days are in UTC.

            `growth` adds servers in the order of their numbers. `commissioned: { share, from, to }` draws for a share of the fleet a first day from
            `from` through `to`, all days alike. `decommission: { per_year, from }` ends each server at random, with the same probability on every
            day from `from` on: `exp(-per_year)` of them are left after a year. Nothing depends on the window, so a window that moves keeps its
            history. The table of cells has the panel's rows, and events are told of servers only where these exist.
            """)

    private static let entry = changesPath + "[]."

    /// The keys of one change that are plain values.
    static let changeKeys: [ConfigKey] = [
        ConfigKey(
            entry + "kind", .choice(LastingChange.Kind.allCases.map(\.rawValue)), .required, "What the ground truth calls it.",
            example: "migration"),
        ConfigKey(
            entry + "per_year", .number(0...52, isOpenBelow: true), .absent("the days of `at`"), unit: "events per year",
            "How often it comes to each server at random, in place of `at`.", example: "0.5"),
        ConfigKey(
            entry + "spread", .text(.changeLength), .value("0s"),
            "Longest delay of a server after a day of `at`, drawn for each: 0s to 1100d.",
            example: "60d"),
        ConfigKey(
            entry + "share", .number(0...1, isOpenBelow: true), .value("1"), unit: "share", "Part of the servers that it ever comes to.",
            example: "0.4"),
        ConfigKey(
            entry + "ramp", .text(.changeLength), .value("0s"), "How long the factor takes to move: 0s to 1100d.", example: "14d"),
    ]

    /// The other keys of one change.
    static let changeLists: [(name: String, doc: String, fallback: String)] = [
        ("at", "Days at whose beginning in UTC it happens, 1 to 1000.", "`per_year`"),
        (
            "servers", "Labels by column (`business_unit`, `region`, `criticality`, `archetype`); a server must have one of each column.",
            "all servers"
        ),
        ("metrics", "Metrics with their factor, or the two bounds that it is drawn between, above 0 and at most 1000.", "must be given"),
    ]

    private static func rows(_ keys: [ConfigKey], _ lists: [(name: String, doc: String, fallback: String)]) -> String {
        let plain = keys.map { key in
            let standard =
                switch key.fallback {
                case .value(let text): "`\(text)`"
                case .derived(let words), .absent(let words): words
                case .required: "must be given"
                }
            return "| `\(key.name)` | \(key.doc) | \(standard) |"
        }
        return (plain + lists.map { "| `\($0.name)` | \($0.doc) | \($0.fallback) |" }).joined(separator: "\n")
    }

    /// The members of `lifetime.growth[]`, `lifetime.commissioned` and `lifetime.decommission`.
    static let fleetCountKeys: [ConfigKey] = [
        ConfigKey(lifetimePath + ".growth[].date", .day, .required, "The day.", example: "2022-01-01"),
        ConfigKey(
            lifetimePath + ".growth[].servers", .integer(0...100_000_000), .required, "Servers commissioned by then.", example: "60"),
    ]
    static let commissionedKeys: [ConfigKey] = [
        ConfigKey(
            lifetimePath + ".commissioned.share", .number(0...1, isOpenBelow: true), .required, "Part of the fleet.", example: "0.3"),
        ConfigKey(lifetimePath + ".commissioned.from", .day, .required, "The earliest first day.", example: "2023-01-01"),
        ConfigKey(lifetimePath + ".commissioned.to", .day, .required, "The latest first day.", example: "2024-12-31"),
    ]
    static let decommissionKeys: [ConfigKey] = [
        ConfigKey(
            lifetimePath + ".decommission.per_year", .number(0...50, isOpenBelow: true), .required, "Ends per server and year.",
            example: "0.05"),
        ConfigKey(lifetimePath + ".decommission.from", .day, .required, "The first day on which a server may end.", example: "2022-01-01"),
    ]
}

extension TextRule {
    /// The name of a change: a part of ids.
    static let changeName = TextRule(
        title: "name", expected: "lower-case letters, digits, _ and -, a letter first, at most 40", pattern: "^[a-z][a-z0-9_-]{0,39}$",
        maximumBytes: 40
    ) { text in
        guard let first = text.utf8.first else { return Complaint("the name is empty") }
        if !first.isLowercaseLetter { return Complaint("\(Quoting.visible(text)) does not start with a lower-case letter") }
        return foreignCharacter(in: text) { $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }

    /// A length of time up to three years.
    static let changeLength = TextRule(
        title: "length of time", expected: "a length of time from 0s to 1100d, such as 6h or 14d", pattern: "^\(DurationText.pattern)$",
        maximumBytes: 32
    ) { text in
        guard let seconds = DurationText.seconds(text) else { return Complaint("\(Quoting.quoted(text)) is no length of time") }
        return seconds > 1100 * 86_400 ? Complaint("\(text) is above 1100d") : nil
    }
}
