/// Tags of published objects.
extension ConfigValidator {
    static let maximumTags = 10
    /// What Amazon takes in names and values: letters, digits, spaces and a few signs. Here ASCII ones only, so that every store agrees.
    static let tagPattern = #"^[A-Za-z0-9 _.:/=+@-]*$"#

    mutating func tags(_ node: Document.Node, key: ConfigKey, path: String) -> ConfigValue? {
        guard case .mapping(let entries) = node.content else {
            refuse(found(node), node, key, path)
            return nil
        }
        if node.isDamaged { return nil }
        guard entries.count <= Self.maximumTags else {
            refuse("there are \(entries.count) tags", node, key, path, remedy: "remove some")
            return nil
        }
        var tags: [ObjectTag] = []
        var isRight = true
        for entry in entries {
            if let complaint = Self.tagComplaint(entry.key, 1...128, "name") {
                problems.add(complaint, remedy: "name the tag otherwise", path: path, at: entry.keyPlace, source: entry.value.source)
                isRight = false
            }
            let valuePath = "\(path).\(Quoting.visible(entry.key, limit: 40))"
            let value = ConfigKey(valuePath, .text(.tagValue), .required, "", example: "raw")
            guard case .text(let text) = self.value(of: entry.value, key: value, path: valuePath) else {
                isRight = false
                continue
            }
            tags.append(ObjectTag(name: entry.key, value: text))
        }
        return isRight ? .tags(tags.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) : nil
    }

    static func tagComplaint(_ text: String, _ length: ClosedRange<Int>, _ what: String) -> String? {
        if !length.contains(text.utf8.count) {
            return "a tag's \(what) has \(text.utf8.count) bytes, not \(length.lowerBound) to \(length.upperBound)"
        }
        let signs = Array(" _.:/=+@-".utf8)
        guard text.utf8.allSatisfy({ $0.isLetter || $0.isDigit || signs.contains($0) }) else {
            return "the tag's \(what) \(Quoting.quoted(text)) has a character other than letters, digits, spaces and _.:/=+@-"
        }
        return nil
    }
}
