/// Days by pattern, pay days, and calendars of the config.
extension ConfigValidator {
    static let maximumPatterns = 1000
    static let maximumPayDays = 31
    static let maximumCalendars = 50

    // MARK: Days

    mutating func dayPatterns(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        guard case .sequence(let elements) = node.content else {
            refuse(found(node), node, key, path)
            return nil
        }
        guard countIsRight(elements.count, 1...Self.maximumPatterns, "days", node, path) else { return nil }
        return patterns(elements, path: path).map { .dayPatterns($0) }
    }

    /// Different patterns, in the order of their texts: the order in which they are written decides nothing.
    private mutating func patterns(_ elements: [Document.Node], path: String) -> [DayPattern]? {
        let patterns = different(elements, path: path, shown: \.description) { $0.pattern($1, path: $2) }
        return patterns?.sorted { Self.precedes($0, $1) }
    }

    private mutating func pattern(_ node: Document.Node, path: String) -> DayPattern? {
        let key = ConfigKey(path, .text(.dayPattern), .required, "", example: "2nd TUE")
        guard case .text(let text) = value(of: node, key: key, path: path) else { return nil }
        return try? DayPattern(text)
    }

    private static func precedes(_ left: DayPattern, _ right: DayPattern) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }

    /// - Returns: false.
    private mutating func refuseTwice(_ shown: String, _ node: Document.Node, _ path: String) -> Bool {
        problems.add("\(shown) is listed twice", remedy: "keep one", path: path, at: node.place, source: node.source)
        return false
    }

    mutating func payDays(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        guard case .sequence(let elements) = node.content else {
            refuse(found(node), node, key, path)
            return nil
        }
        guard countIsRight(elements.count, 1...Self.maximumPayDays + 1, "days", node, path) else { return nil }
        let days = different(elements, path: path, shown: { $0.json.text }) { $0.payDay($1, path: $2) }
        return days.map { .payDays($0.sorted { $0.order < $1.order }) }
    }

    private mutating func payDay(_ node: Document.Node, path: String) -> PayDay? {
        if case .scalar(let scalar) = node.content, case .text(let text) = ScalarKind(scalar) {
            if text == "last" { return .lastBusinessDay }
            problems.add(
                "\(Quoting.quoted(text)) is no day of the month", expected: "a whole number from 1 to \(Self.maximumPayDays), or last",
                remedy: "write for example 15, or last for the last business day",
                suggestion: Suggestions.nearest(to: text, among: ["last"]),
                path: path, at: node.place, source: node.source)
            return nil
        }
        let key = ConfigKey(path, .integer(1...Int128(Self.maximumPayDays)), .required, "", example: "15")
        guard case .integer(let value) = value(of: node, key: key, path: path) else { return nil }
        return .day(Int(value))
    }

    // MARK: Calendars

    mutating func calendars(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        guard case .mapping(let entries) = node.content else {
            refuse(found(node), node, key, path)
            return nil
        }
        if node.isDamaged { return nil }
        guard countIsRight(entries.count, 0...Self.maximumCalendars, "calendars", node, path) else { return nil }
        var calendars: [CalendarSpec] = []
        var isRight = true
        for entry in entries {
            let entryPath = "\(path).\(Quoting.visible(entry.key, limit: 40))"
            let name = keyText(entry, .ownCalendarName, path: entryPath)
            guard let calendar = calendar(entry.value, name: entry.key, path: entryPath), name != nil else {
                isRight = false
                continue
            }
            calendars.append(calendar)
        }
        return isRight ? .calendars(calendars.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) : nil
    }

    private mutating func calendar(_ node: Document.Node, name: String, path: String) -> CalendarSpec? {
        // A name with nothing below it is a calendar without holidays.
        if node.isNull { return CalendarSpec(name: name, base: nil, added: [], removed: []) }
        guard case .mapping(let entries) = node.content else {
            problems.add(
                found(node), expected: "a mapping with extends, add and remove",
                remedy: "write for example { extends: us_federal, add: [12-24] }",
                path: path, at: node.place, source: node.source)
            return nil
        }
        var (base, added, removed): (HolidayCalendarName?, [HolidayRule], [DayPattern]) = (nil, [], [])
        var isRight = !node.isDamaged
        for entry in entries {
            let entryPath = "\(path).\(Quoting.visible(entry.key, limit: 40))"
            switch entry.key {
            case "extends":
                let shipped = HolidayCalendarName.allCases.map(\.rawValue)
                let key = ConfigKey(entryPath, .choice(shipped), nullable: true, .required, "", example: "us_federal")
                switch value(of: entry.value, key: key, path: entryPath) {
                case .text(let text): base = HolidayCalendarName(rawValue: text)
                case .null: base = nil
                default: isRight = false
                }
            case "add":
                if let rules = rules(entry.value, path: entryPath) { added = rules } else { isRight = false }
            case "remove":
                if let patterns = list(entry.value, path: entryPath) { removed = patterns } else { isRight = false }
            default:
                let near = Suggestions.nearest(to: entry.key, among: ["extends", "add", "remove"])
                problems.add(
                    "unknown key", remedy: near.map { "rename it to \($0)" } ?? "a calendar has extends, add and remove", suggestion: near,
                    path: entryPath, at: entry.keyPlace, source: entry.value.source)
                isRight = false
            }
        }
        return isRight ? CalendarSpec(name: name, base: base, added: added, removed: removed) : nil
    }

    /// Days to take away: a list of patterns.
    private mutating func list(_ node: Document.Node, path: String) -> [DayPattern]? {
        if node.isNull { return [] }
        let list = elements(of: node, 0...Self.maximumPatterns, "days", example: "remove: [2nd MON of OCT]", path: path)
        return list.flatMap { patterns($0, path: path) }
    }

    /// Days to add: a list of patterns, or a mapping from pattern to the holiday's name.
    private mutating func rules(_ node: Document.Node, path: String) -> [HolidayRule]? {
        guard case .mapping(let entries) = node.content else {
            return list(node, path: path)?.map { HolidayRule($0.description, $0) }
        }
        guard !node.isDamaged, countIsRight(entries.count, 0...Self.maximumPatterns, "days", node, path) else { return nil }
        var rules: [HolidayRule] = []
        var isRight = true
        for entry in entries {
            let entryPath = "\(path).\(Quoting.visible(entry.key, limit: 40))"
            let name = ConfigKey(entryPath, .text(.holidayName), .required, "", example: "Christmas Eve")
            let text = keyText(entry, .dayPattern, path: entryPath)
            guard case .text(let label) = value(of: entry.value, key: name, path: entryPath), let text, let pattern = try? DayPattern(text)
            else {
                isRight = false
                continue
            }
            if rules.contains(where: { $0.pattern == pattern }) { isRight = refuseTwice(pattern.description, entry.value, entryPath) }
            rules.append(HolidayRule(label, pattern))
        }
        return isRight ? rules.sorted { Self.precedes($0.pattern, $1.pattern) } : nil
    }

    /// The key of a mapping as a text that keeps a rule.
    private mutating func keyText(_ entry: Document.Entry, _ rule: TextRule, path: String) -> String? {
        let key = ConfigKey("", .text(rule), .required, "", example: rule.title == "days" ? "12-24" : "head_office")
        let node = Document.Node(
            content: .scalar(.init(text: entry.key, isPlain: false)), place: entry.keyPlace, source: entry.value.source)
        guard case .text(let text) = value(of: node, key: key, path: path) else { return nil }
        return text
    }
}

extension PayDay {
    /// By day, the last business day last.
    fileprivate var order: Int { if case .day(let day) = self { day } else { 32 } }
}
