extension ConfigSchema {
    /// A mapping from name to incident. What the kinds ask for beyond their keys is no schema's business.
    static var incidents: [(String, ConfigJSON)] {
        let target: [(String, ConfigJSON)] = closed(
            [("target", .ordered(type(of: .number(-1e9...1e9), isNullable: false)))], isNullable: false)
        let effect: [ConfigJSON] = [
            .ordered(type(of: .number(0...1000), isNullable: false)), .ordered(target + [("required", .array([.text("target")]))]),
        ]
        let strength = type(of: .number(0...10, isOpenBelow: true), isNullable: false)
        let bounds: [(String, ConfigJSON)] = [
            ("type", .text("array")), ("minItems", .integer(2)), ("maxItems", .integer(2)), ("items", .ordered(strength)),
        ]
        let lists: [String: [(String, ConfigJSON)]] = [
            "at": list(of: type(of: .text(.timestamp), isNullable: false), 1...ConfigValidator.maximumTimes),
            "labels": list(of: type(of: .text(.incidentLabel), isNullable: false), 1...ConfigValidator.maximumLabels),
            "magnitude": [("anyOf", .array([.ordered(strength), .ordered(bounds)]))],
            "rate_factors": closed(
                ServerDirectory.Label.allCases.map {
                    ($0.rawValue, .ordered(mapping(to: type(of: .number(ConfigValidator.rateFactors), isNullable: false))))
                }, isNullable: false),
            "metrics": mapping(to: [("anyOf", .array(effect))]),
        ]
        var properties: [(String, ConfigJSON)] = ConfigTable.incidentKeys.map { ($0.name, documented($0)) }
        for own in ConfigTable.incidentLists {
            let described: [(String, ConfigJSON)] = [
                ("description", .text(own.doc)), ("examples", .array([json(StandardDocument.node(own.example))])),
            ]
            properties.append((own.name, .ordered(described + (lists[own.name] ?? []))))
        }
        let incident = closed(properties, isNullable: false) + [("required", .array([.text("kind"), .text("duration")]))]
        return [
            ("type", .array([.text("object"), .text("null")])), ("maxProperties", .integer(Int128(ConfigValidator.maximumIncidents))),
            ("propertyNames", .ordered(type(of: .text(.incidentName), isNullable: false))),
            ("additionalProperties", .ordered(incident)),
        ]
    }
}
