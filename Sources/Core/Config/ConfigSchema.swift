/// The format as JSON Schema (draft 2020-12), for editors and other programs.
///
/// It accepts what the validator accepts as far as a schema can say: relations between keys (sums, ranges of ranges), duplicate keys, byte
/// counts of texts beyond ASCII, and how a number is spelled are beyond it.
public enum ConfigSchema {
    /// The schema as JSON over several lines.
    public static var json: String { schema.prettyText + "\n" }

    private static var schema: ConfigJSON {
        var members: [(String, ConfigJSON)] = [
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            ("title", .text("fleetsynth dataset")),
            ("description", .text("One dataset of synthetic server telemetry.")),
        ]
        members += object("", isNullable: false)
        members.append(("required", .array([.text("data_generation")])))
        return .ordered(members)
    }

    /// The members of an object schema for a section and all below it.
    private static func object(_ section: String, isNullable: Bool = true) -> [(String, ConfigJSON)] {
        var properties: [(String, ConfigJSON)] = ConfigTable.keys(in: section).map { ($0.name, documented($0)) }
        for name in ConfigTable.subsections(of: section) {
            let path = ConfigTable.join(section, name)
            properties.append((name, path == "schedule" ? schedule : .ordered(described(path) + object(path))))
        }
        return closed(properties, isNullable: isNullable)
    }

    static func closed(_ properties: [(String, ConfigJSON)], isNullable: Bool) -> [(String, ConfigJSON)] {
        [
            ("type", isNullable ? .array([.text("object"), .text("null")]) : .text("object")),
            ("additionalProperties", .boolean(false)),
            ("properties", .ordered(properties)),
        ]
    }

    private static func described(_ path: String) -> [(String, ConfigJSON)] {
        ConfigTable.sections.filter { $0.path == path }.map { section in
            // The first paragraph; a schema's text has no line breaks.
            let lines = section.doc.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
            return ("description", .text(lines.joined(separator: " ")))
        }
    }

    /// A section, or its only important key in short.
    private static var schedule: ConfigJSON {
        let short = ConfigTable.key("schedule.cron").map { type(of: $0.kind, isNullable: false) } ?? []
        return .ordered(described("schedule") + [("anyOf", .array([.ordered(object("schedule")), .ordered(short)]))])
    }

    static func documented(_ key: ConfigKey) -> ConfigJSON {
        var members: [(String, ConfigJSON)] = [("description", .text(key.doc))]
        if let setting = StandardDocument.settings[key.path] { members.append(("default", setting.value.json)) }
        members.append(("examples", .array([json(StandardDocument.node(key.example))])))
        return .ordered(members + type(of: key.kind, isNullable: key.isNullable))
    }

    // MARK: Kinds of values

    static func type(of kind: ConfigKey.Kind, isNullable: Bool) -> [(String, ConfigJSON)] {
        func named(_ type: String) -> (String, ConfigJSON) {
            ("type", isNullable ? .array([.text(type), .text("null")]) : .text(type))
        }
        switch kind {
        case .boolean: return [named("boolean")]
        case .integer(let range):
            return [named("integer"), ("minimum", .integer(range.lowerBound)), ("maximum", .integer(range.upperBound))]
        case .number(let range, let isOpenBelow):
            return [
                named("number"), (isOpenBelow ? "exclusiveMinimum" : "minimum", .number(range.lowerBound)),
                ("maximum", .number(range.upperBound)),
            ]
        case .choice(let names): return [("enum", .array(names.map { .text($0) } + (isNullable ? [.null] : [])))]
        case .text(let rule):
            return [named("string"), ("maxLength", .integer(Int128(rule.maximumBytes))), ("pattern", .text(rule.pattern))]
        case .date: return [named("string"), ("pattern", .text("^(\(dayPattern)|yesterday|tomorrow|today([+-]([0-9]{1,6}[dwmy])+)*)$"))]
        case .day: return [named("string"), ("pattern", .text("^\(dayPattern)$"))]
        case .months:
            return [
                named("array"), ("uniqueItems", .boolean(true)),
                ("items", .ordered(type(of: .integer(1...12), isNullable: false))),
            ]
        case .labels: return labels
        case .tags:
            let text: [(String, ConfigJSON)] = [("type", .text("string")), ("pattern", .text(ConfigValidator.tagPattern))]
            return [
                named("object"), ("maxProperties", .integer(Int128(ConfigValidator.maximumTags))),
                (
                    "propertyNames",
                    .ordered([("minLength", .integer(1)), ("maxLength", .integer(128)), ("pattern", .text(ConfigValidator.tagPattern))])
                ), ("additionalProperties", .ordered(text + [("maxLength", .integer(256))])),
            ]
        case .profile(let count, let names): return profile(count, names, isNullable: isNullable)
        case .zones: return [named("object"), ("additionalProperties", .ordered(type(of: .text(.zoneRule), isNullable: false)))]
        case .regionCalendars:
            return [named("object"), ("additionalProperties", .ordered(type(of: .text(.calendarName), isNullable: false)))]
        case .labelFactors:
            let factor = type(of: .number(0...1000, isOpenBelow: true), isNullable: false)
            let headroom = type(of: .number(ConfigValidator.headrooms, isOpenBelow: true), isNullable: false)
            let parts = closed([("level", .ordered(factor)), ("headroom", .ordered(headroom))], isNullable: false)
            let effect: ConfigJSON = .array([.ordered(factor), .ordered(parts + [("minProperties", .integer(1))])])
            let label = mapping(to: mapping(to: [("anyOf", effect)]))
            return [
                named("object"), ("additionalProperties", .boolean(false)),
                ("properties", .ordered(ServerClasses.columns.map { ($0.rawValue, .ordered(label)) })),
            ]
        case .archetypes:
            return [
                named("object"), ("maxProperties", .integer(Int128(ConfigValidator.maximumArchetypes))), ("propertyNames", .ordered(label)),
                ("additionalProperties", .ordered(archetype)),
            ]
        case .dayPatterns: return list(of: type(of: .text(.dayPattern), isNullable: false), 1...ConfigValidator.maximumPatterns)
        case .payDays:
            let day: [(String, ConfigJSON)] = [
                (
                    "anyOf",
                    .array([
                        .ordered(type(of: .integer(1...Int128(ConfigValidator.maximumPayDays)), isNullable: false)),
                        .ordered([("const", .text("last"))]),
                    ])
                )
            ]
            return list(of: day, 1...ConfigValidator.maximumPayDays + 1)
        case .calendars: return calendars
        case .correlations: return [named("object")] + correlations
        case .incidents: return incidents
        case .thresholds:
            let level: [ConfigJSON] = [
                .ordered(type(of: .number(-1e9...1e9), isNullable: false)), .ordered(type(of: .text(.percentile), isNullable: false)),
            ]
            return [
                named("object"), ("maxProperties", .integer(500)), ("propertyNames", .ordered(label)),
                ("additionalProperties", .ordered([("anyOf", .array(level))])),
            ]
        case .delay:
            let length = type(of: .text(.incidentDuration), isNullable: false)
            let bounds: [(String, ConfigJSON)] = [
                ("type", .text("array")), ("minItems", .integer(2)), ("maxItems", .integer(2)), ("items", .ordered(length)),
            ]
            return [("anyOf", .array([.ordered(length), .ordered(bounds)]))]
        case .tolerances:
            let number = ConfigJSON.ordered(type(of: .number(3...100), isNullable: false))
            return [
                named("object"), ("additionalProperties", .boolean(false)),
                ("properties", .ordered(QualitySpec.checks.map { ($0, number) })),
            ]
        case .changes: return [named("object")] + lastingChanges()
        case .fleetGrowth: return [named("array")] + fleetGrowth()
        case .commissioning: return record(ConfigTable.commissionedKeys, isNullable: isNullable)
        case .decommissioning: return record(ConfigTable.decommissionKeys, isNullable: isNullable)
        case .metrics: return metrics
        }
    }

    static func list(of element: [(String, ConfigJSON)], _ count: ClosedRange<Int>) -> [(String, ConfigJSON)] {
        [
            ("type", .text("array")), ("minItems", .integer(Int128(count.lowerBound))), ("maxItems", .integer(Int128(count.upperBound))),
            ("uniqueItems", .boolean(true)), ("items", .ordered(element)),
        ]
    }

    private static var calendars: [(String, ConfigJSON)] {
        let pattern = type(of: .text(.dayPattern), isNullable: false)
        let days = ConfigJSON.ordered(list(of: pattern, 0...ConfigValidator.maximumPatterns))
        let named: [(String, ConfigJSON)] = [
            ("type", .text("object")), ("maxProperties", .integer(Int128(ConfigValidator.maximumPatterns))),
            ("propertyNames", .ordered(pattern)),
            ("additionalProperties", .ordered(type(of: .text(.holidayName), isNullable: false))),
        ]
        let null = ConfigJSON.ordered([("type", .text("null"))])
        let shipped = type(of: .choice(HolidayCalendarName.allCases.map(\.rawValue)), isNullable: true)
        let properties: [(String, ConfigJSON)] = [
            ("extends", .ordered(shipped)),
            ("add", .ordered([("anyOf", .array([days, .ordered(named), null]))])),
            ("remove", .ordered([("anyOf", .array([days, null]))])),
        ]
        return [
            ("type", .text("object")), ("maxProperties", .integer(Int128(ConfigValidator.maximumCalendars))),
            ("propertyNames", .ordered(type(of: .text(.ownCalendarName), isNullable: false))),
            ("additionalProperties", .ordered(closed(properties, isNullable: true))),
        ]
    }

    /// Days of the years 1678 to 2261.
    static let dayPattern =
        "(167[89]|16[89][0-9]|1[7-9][0-9]{2}|2[01][0-9]{2}|22[0-5][0-9]|226[01])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"

    static func mapping(to value: [(String, ConfigJSON)]) -> [(String, ConfigJSON)] {
        [("type", .text("object")), ("propertyNames", .ordered(label)), ("additionalProperties", .ordered(value))]
    }

    private static func profile(_ count: Int, _ names: [String], isNullable: Bool) -> [(String, ConfigJSON)] {
        let list: [(String, ConfigJSON)] = [
            ("type", .text("array")), ("minItems", .integer(Int128(count))), ("maxItems", .integer(Int128(count))),
            ("items", .ordered(type(of: .number(0...1000, isOpenBelow: true), isNullable: false))),
        ]
        var choices: [ConfigJSON] = [.ordered(list)]
        if !names.isEmpty { choices.append(.ordered(type(of: .choice(names), isNullable: false))) }
        if isNullable { choices.append(.ordered([("type", .text("null"))])) }
        return [("anyOf", .array(choices))]
    }

    private static var correlations: [(String, ConfigJSON)] {
        let number = type(of: .number(-0.999...0.999), isNullable: false)
        return [("propertyNames", .ordered(label)), ("additionalProperties", .ordered(mapping(to: number)))]
    }

    private static var archetype: [(String, ConfigJSON)] {
        let share = type(of: .number(0...1), isNullable: false)
        let columns = closed(ArchetypeShare.columns.map { ($0.rawValue, .ordered(mapping(to: share))) }, isNullable: false)
        let shares: ConfigJSON = .ordered([
            ("anyOf", .array([.ordered(share), .ordered(mapping(to: share)), .ordered(columns + [("minProperties", .integer(1))])]))
        ])
        let differences = closed(ConfigTable.differenceKeys.map { ($0.name, documented($0)) }, isNullable: false)
        return closed(
            [
                ("share", shares), ("metrics", .ordered(mapping(to: differences))),
                ("noise_correlation", .ordered([("type", .text("object"))] + correlations)),
            ], isNullable: false) + [
                ("required", .array([.text("share")]))
            ]
    }

    /// What a label may be.
    static let label: [(String, ConfigJSON)] = [
        ("minLength", .integer(1)), ("maxLength", .integer(128)), ("pattern", .text(#"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"#)),
    ]

    private static var labels: [(String, ConfigJSON)] {
        let list: [(String, ConfigJSON)] = [
            ("type", .text("array")), ("minItems", .integer(1)), ("maxItems", .integer(1000)), ("uniqueItems", .boolean(true)),
            ("items", .ordered([("type", .text("string"))] + label)),
        ]
        let mapping: [(String, ConfigJSON)] = [
            ("type", .text("object")), ("minProperties", .integer(1)), ("maxProperties", .integer(1000)),
            ("propertyNames", .ordered(label)),
            ("additionalProperties", .ordered(type(of: .number(0...1, isOpenBelow: true), isNullable: false))),
        ]
        return [("anyOf", .array([.ordered(list), .ordered(mapping)]))]
    }

    private static var metrics: [(String, ConfigJSON)] {
        let keys: [(String, ConfigJSON)] = ConfigTable.metricKeys.map { ($0.name, documented($0)) }
        let list: [(String, ConfigJSON)] = [
            ("type", .text("array")), ("minItems", .integer(1)), ("maxItems", .integer(500)),
            ("items", .ordered(closed(keys, isNullable: false) + [("required", .array([.text("name")]))])),
        ]
        let name = ConfigTable.key(ConfigTable.metricSection + ".name").map { type(of: $0.kind, isNullable: false) } ?? []
        let mapping: [(String, ConfigJSON)] = [
            ("type", .text("object")), ("minProperties", .integer(1)), ("maxProperties", .integer(500)), ("propertyNames", .ordered(name)),
            ("additionalProperties", .ordered(closed(keys.filter { $0.0 != "name" }, isNullable: true))),
        ]
        return [("anyOf", .array([.ordered(list), .ordered(mapping)]))]
    }

    /// An example of the table, which is YAML, as JSON.
    static func json(_ node: Document.Node) -> ConfigJSON {
        switch node.content {
        case .sequence(let elements): return .array(elements.map(json))
        case .mapping(let entries): return .ordered(entries.map { ($0.key, json($0.value)) })
        case .scalar(let scalar):
            switch ScalarKind(scalar) {
            case .null: return .null
            case .boolean(let value): return .boolean(value)
            case .integer(let value?): return .integer(value)
            case .float(let value): return .number(value)
            case .integer(nil), .text, .booleanWord, .oddNumber: return .text(scalar.text)
            }
        }
    }
}
