/// Single values.
extension ConfigValidator {
    /// The checked value of a node, or nil when it was refused (and why is noted).
    mutating func value(of node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        if key.isNullable, node.isNull { return .null }
        switch key.kind {
        case .labels: return labels(node, key: key, path: path)
        case .months: return months(node, key: key, path: path)
        case .tags: return tags(node, key: key, path: path)
        case .profile(let count, let names): return profile(node, count: count, names: names, key: key, path: path)
        case .zones: return zones(node, key: key, path: path)
        case .regionCalendars: return regionCalendars(node, key: key, path: path)
        case .labelFactors: return labelFactors(node, key: key, path: path)
        case .archetypes: return archetypes(node, key: key, path: path)
        case .dayPatterns: return dayPatterns(node, key: key, path: path)
        case .payDays: return payDays(node, key: key, path: path)
        case .calendars: return calendars(node, key: key, path: path)
        case .correlations: return correlations(node, key: key, path: path)
        case .incidents: return incidents(node, key: key, path: path)
        case .thresholds: return thresholds(node, key: key, path: path)
        case .delay: return delay(node, key: key, path: path)
        case .tolerances: return tolerances(node, key: key, path: path)
        case .changes: return changes(node, key: key, path: path)
        case .fleetGrowth: return fleetGrowth(node, key: key, path: path)
        case .commissioning: return commissioning(node, key: key, path: path)
        case .decommissioning: return decommissioning(node, key: key, path: path)
        case .metrics: preconditionFailure("metrics are no single value")
        case .boolean, .integer, .number, .choice, .text, .date, .day: break
        }
        guard case .scalar(let scalar) = node.content else {
            refuse(found(node), node, key, path)
            return nil
        }
        if node.isDamaged { return nil }
        let kind = ScalarKind(scalar)
        switch key.kind {
        case .boolean:
            if case .boolean(let value) = kind { return .boolean(value) }
            if case .booleanWord(let value) = kind {
                refuse("\(Quoting.visible(scalar.text)) is a yes/no word of old YAML", node, key, path, remedy: "write \(value)")
            } else if ["true", "false"].contains(scalar.text) {
                refuse("\(Quoting.quoted(scalar.text)) is text", node, key, path, remedy: "remove the quotes: \(scalar.text)")
            } else {
                refuse(found(node), node, key, path)
            }
            return nil
        case .integer(let range): return integer(kind, scalar, range, node, key, path)
        case .number(let range, let isOpenBelow):
            guard let value = number(kind, scalar, node, key, path) else { return nil }
            return inRange(value, range, isOpenBelow: isOpenBelow, scalar, node, key, path)
        case .choice(let names): return choice(kind, names, node, key, path)
        case .text(let rule): return text(kind, rule, node, key, path)
        case .date, .day: return date(kind, node, key, path)
        case .labels, .months, .tags, .metrics, .profile, .zones, .regionCalendars, .labelFactors, .archetypes, .dayPatterns, .payDays,
            .calendars, .changes, .fleetGrowth, .commissioning, .decommissioning, .correlations, .incidents, .thresholds, .delay,
            .tolerances:
            return nil
        }
    }

    // MARK: Numbers

    private mutating func integer(
        _ kind: ScalarKind, _ scalar: Document.Scalar, _ range: ClosedRange<Int128>, _ node: Document.Node, _ key: ConfigKey, _ path: String
    ) -> ConfigValue? {
        let shown = Quoting.visible(scalar.text)
        switch kind {
        case .integer(let value?):
            if range.contains(value) { return .integer(value) }
            refuse("\(shown) is \(value < range.lowerBound ? "below \(range.lowerBound)" : "above \(range.upperBound)")", node, key, path)
        case .integer(nil):
            refuse("\(shown) is \(scalar.text.hasPrefix("-") ? "below \(range.lowerBound)" : "above \(range.upperBound)")", node, key, path)
        case .float(let value):
            let whole = Int128(exactly: value).map { "write \($0)" }
            refuse("\(shown) is not written as a whole number", node, key, path, remedy: whole)
        default: refuseNumber(kind, scalar, node, key, path)
        }
        return nil
    }

    /// A number of either notation, or nil.
    private mutating func number(
        _ kind: ScalarKind, _ scalar: Document.Scalar, _ node: Document.Node, _ key: ConfigKey, _ path: String
    ) -> Double? {
        switch kind {
        case .integer: return Double(scalar.text)
        case .float(let value): return value
        default:
            refuseNumber(kind, scalar, node, key, path)
            return nil
        }
    }

    private mutating func inRange(
        _ value: Double, _ range: ClosedRange<Double>, isOpenBelow: Bool, _ scalar: Document.Scalar, _ node: Document.Node,
        _ key: ConfigKey,
        _ path: String
    ) -> ConfigValue? {
        let isBelow = isOpenBelow ? value <= range.lowerBound : value < range.lowerBound
        if isBelow || value > range.upperBound {
            let bound = ConfigKey.words(isBelow ? range.lowerBound : range.upperBound)
            let relation = value == range.lowerBound ? "is not above" : isBelow ? "is below" : "is above"
            refuse("\(Quoting.visible(scalar.text)) \(relation) \(bound)", node, key, path)
            return nil
        }
        // Negative zero becomes zero: the two are one value to people, but not to a checksum.
        return .number(value + 0)
    }

    private mutating func refuseNumber(
        _ kind: ScalarKind, _ scalar: Document.Scalar, _ node: Document.Node, _ key: ConfigKey, _ path: String
    ) {
        if case .oddNumber(let why, let write) = kind {
            refuse(
                "\(Quoting.visible(scalar.text)) \(why)", node, key, path,
                remedy: write.map { "write \($0)" } ?? "write it in decimal digits")
        } else if !scalar.isPlain, case let inner = ScalarKind(.init(text: scalar.text, isPlain: true)), inner.isNumber {
            refuse("\(Quoting.quoted(scalar.text)) is text", node, key, path, remedy: "remove the quotes: \(Quoting.visible(scalar.text))")
        } else {
            refuse(found(node), node, key, path)
        }
    }

    // MARK: Texts

    /// The text of a scalar, or nil (and why is noted) for what a YAML reader takes for something else.
    private mutating func plainText(_ kind: ScalarKind, _ node: Document.Node, _ key: ConfigKey, _ path: String) -> String? {
        guard case .scalar(let scalar) = node.content else { return nil }
        if case .text(let text) = kind { return text }
        if kind == .null {
            refuse(found(node), node, key, path)
        } else {
            let shown = Quoting.visible(scalar.text)
            refuse("\(shown) is not text to a reader of YAML", node, key, path, remedy: "put it in quotes: \"\(shown)\"")
        }
        return nil
    }

    private mutating func choice(_ kind: ScalarKind, _ names: [String], _ node: Document.Node, _ key: ConfigKey, _ path: String)
        -> ConfigValue?
    {
        guard case .scalar(let scalar) = node.content else { return nil }
        // Some names are words of old YAML in other places; a list of names leaves no doubt about what is meant.
        if kind == .null, scalar.text.isEmpty, scalar.isPlain {
            refuse(found(node), node, key, path)
            return nil
        }
        guard names.contains(scalar.text) else {
            let message = "\(Quoting.visible(scalar.text)) is unknown"
            let near = Suggestions.nearest(to: scalar.text, among: names)
            refuse(message, node, key, path, remedy: near.map { "write \($0)" }, suggestion: near)
            return nil
        }
        return .text(scalar.text)
    }

    private mutating func text(_ kind: ScalarKind, _ rule: TextRule, _ node: Document.Node, _ key: ConfigKey, _ path: String)
        -> ConfigValue?
    {
        guard let text = plainText(kind, node, key, path) else { return nil }
        if text.utf8.count > rule.maximumBytes {
            refuse("the text has \(text.utf8.count) bytes, more than \(rule.maximumBytes)", node, key, path, remedy: "shorten it")
            return nil
        }
        if let complaint = rule.complaint(text) {
            refuse(complaint.message, node, key, path, remedy: complaint.remedy, suggestion: complaint.suggestion)
            return nil
        }
        return .text(text)
    }

    private mutating func date(_ kind: ScalarKind, _ node: Document.Node, _ key: ConfigKey, _ path: String) -> ConfigValue? {
        guard case .scalar(let scalar) = node.content else { return nil }
        let text = scalar.text
        // Not the words for texts: a year alone would be no better in quotes.
        let shown = kind == .null ? "nothing (null)" : Quoting.visible(text)
        guard let expression = DateExpression(text) else {
            let isShaped =
                text.utf8.count == 10
                && text.utf8.enumerated().allSatisfy { [4, 7].contains($0.offset) ? $0.element == 0x2D : $0.element.isDigit }
            refuse(isShaped ? "\(shown) is no day of the calendar" : "\(shown) is not a date", node, key, path)
            return nil
        }
        if case .day = key.kind, case .relative = expression {
            refuse("\(shown) moves with the day of the run", node, key, path, remedy: "write a fixed day")
            return nil
        }
        if case .fixed(let day) = expression, !DateBounds.years.contains(day.year) {
            refuse("\(shown) is outside the years \(DateBounds.words)", node, key, path)
            return nil
        }
        return .date(expression)
    }

    // MARK: Words

    mutating func refuse(
        _ message: String, _ node: Document.Node, _ key: ConfigKey, _ path: String, remedy: String? = nil, suggestion: String? = nil
    ) {
        // A key without a path is a name that the config gives.
        let example = key.path.isEmpty ? "name it for example \(key.example)" : "write for example \(key.name): \(key.example)"
        problems.add(
            message, expected: key.expectation, remedy: remedy ?? example, suggestion: suggestion, path: path, at: node.place,
            source: node.source)
    }

    /// What a node is, in words.
    func found(_ node: Document.Node) -> String {
        guard case .scalar(let scalar) = node.content else {
            if case .mapping = node.content { return "found a mapping" }
            return "found a list"
        }
        switch ScalarKind(scalar) {
        case .null: return "found nothing (null)"
        case .boolean(let value): return "found \(value)"
        case .integer, .float: return "found the number \(Quoting.visible(scalar.text))"
        case .text, .booleanWord, .oddNumber:
            return scalar.isPlain ? "\(Quoting.visible(scalar.text)) is text" : "\(Quoting.quoted(scalar.text)) is text"
        }
    }
}

extension ScalarKind {
    var isNumber: Bool {
        switch self {
        case .integer, .float: true
        default: false
        }
    }
}

/// The years a window may touch: those of a 64-bit count of nanoseconds, which pandas uses.
enum DateBounds {
    static let years = 1678...2261
    static let words = "1678 to 2261"
}
