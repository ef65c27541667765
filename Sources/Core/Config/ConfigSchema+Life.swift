/// Lasting changes and lifetimes as JSON Schema.
extension ConfigSchema {
    static func lastingChanges() -> [(String, ConfigJSON)] {
        let day = type(of: .day, isNullable: false)
        let days: ConfigJSON = .ordered([
            ("anyOf", .array([.ordered(day), .ordered(list(of: day, 1...ConfigValidator.maximumChangeDays))]))
        ])
        let factor = type(of: .number(0...1000, isOpenBelow: true), isNullable: false)
        let bounds: [(String, ConfigJSON)] = [
            ("type", .text("array")), ("minItems", .integer(1)), ("maxItems", .integer(2)), ("items", .ordered(factor)),
        ]
        let labels: [(String, ConfigJSON)] = [
            ("type", .text("array")), ("minItems", .integer(1)), ("maxItems", .integer(Int128(ConfigValidator.maximumLabels))),
            ("uniqueItems", .boolean(true)), ("items", .ordered([("type", .text("string"))] + label)),
        ]
        let columns = closed(ServerDirectory.Label.allCases.map { ($0.rawValue, .ordered(labels)) }, isNullable: false)
        let metrics = mapping(to: [("anyOf", .array([.ordered(factor), .ordered(bounds)]))]) + [("minProperties", .integer(1))]
        let members =
            ConfigTable.changeKeys.map { ($0.name, documented($0)) } + [
                ("at", days), ("servers", .ordered(columns)), ("metrics", .ordered(metrics)),
            ]
        let change =
            closed(members, isNullable: false) + [
                ("required", .array([.text("kind"), .text("metrics")])),
                ("oneOf", .array(["at", "per_year"].map { .ordered([("required", .array([.text($0)]))]) })),
            ]
        return [
            ("maxProperties", .integer(Int128(ConfigValidator.maximumChanges))),
            ("propertyNames", .ordered(type(of: .text(.changeName), isNullable: false))), ("additionalProperties", .ordered(change)),
        ]
    }

    static func fleetGrowth() -> [(String, ConfigJSON)] {
        [
            ("minItems", .integer(2)), ("maxItems", .integer(Int128(ConfigValidator.maximumFleetCounts))),
            ("items", .ordered(record(ConfigTable.fleetCountKeys, isNullable: false))),
        ]
    }

    /// A mapping whose keys must all be there.
    static func record(_ keys: [ConfigKey], isNullable: Bool) -> [(String, ConfigJSON)] {
        closed(keys.map { ($0.name, documented($0)) }, isNullable: isNullable) + [("required", .array(keys.map { .text($0.name) }))]
    }
}
