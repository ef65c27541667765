/// How overrides change a document.
extension Document.Node {
    /// Sets the value at a path of mapping keys, making mappings on the way.
    ///
    /// - Returns: The value that was there. Where the way is blocked by a value that is no mapping nothing changes: it is refused anyway.
    mutating func replace(_ steps: [String], with node: Document.Node) -> Document.Node? {
        guard let step = steps.first else {
            let old = self
            self = node
            return old
        }
        var entries: [Document.Entry]
        switch content {
        case .mapping(let existing): entries = existing
        case .sequence: return nil
        case .scalar(let scalar):
            if isNull {
                entries = []
            } else if case .text = ScalarKind(scalar), step == "timezone" {
                // The short form of `schedule`, to which a time zone is added.
                entries = [Document.Entry(key: "cron", keyPlace: place, value: self)]
            } else if step == "cron" {
                let old = self
                content = .mapping([Document.Entry(key: step, keyPlace: node.place, value: node)])
                return old
            } else {
                return nil
            }
        }
        var old: Document.Node?
        if let index = entries.firstIndex(where: { $0.key == step }) {
            old = entries[index].value.replace(Array(steps.dropFirst()), with: node)
        } else {
            var child = Document.Node(content: .mapping([]), place: node.place, source: node.source)
            _ = child.replace(Array(steps.dropFirst()), with: node)
            entries.append(Document.Entry(key: step, keyPlace: node.place, value: child))
        }
        content = .mapping(entries)
        return old
    }

    /// The value at a path of mapping keys, or nil.
    func value(at steps: [String]) -> Document.Node? {
        var node: Document.Node? = self
        for step in steps { node = node?[step] }
        return node
    }

    /// Says who gave the value at a path of mapping keys.
    mutating func setSource(_ source: Document.Source, at steps: [String]) {
        guard let step = steps.first else {
            self.source = source
            return
        }
        guard case .mapping(var entries) = content, let index = entries.firstIndex(where: { $0.key == step }) else { return }
        entries[index].value.setSource(source, at: Array(steps.dropFirst()))
        content = .mapping(entries)
    }

    /// The metrics' names, in order; nil for a metric without one.
    var metricNames: [String?] {
        switch content {
        case .mapping(let entries): return entries.map(\.key)
        case .sequence(let elements):
            return elements.map { element in
                if case .scalar(let scalar)? = element["name"]?.content { scalar.text } else { nil }
            }
        case .scalar: return []
        }
    }

    mutating func replaceInMetric(_ index: Int, key: String, with node: Document.Node) -> Document.Node? {
        var old: Document.Node?
        switch content {
        case .mapping(var entries):
            old = entries[index].value.replace([key], with: node)
            content = .mapping(entries)
        case .sequence(var elements):
            old = elements[index].replace([key], with: node)
            content = .sequence(elements)
        case .scalar: break
        }
        return old
    }

    // MARK: Values of mappings from names

    /// The steps with each name that differs from an entry's only in upper and lower case spelled as the entry is.
    func spelled(_ steps: [String]) -> [String] {
        guard let step = steps.first else { return [] }
        guard case .mapping(let entries) = content else { return steps }
        let entry = entries.first { $0.key == step } ?? entries.first { $0.key.lowercased() == step.lowercased() }
        return [entry?.key ?? step] + (entry?.value.spelled(Array(steps.dropFirst())) ?? Array(steps.dropFirst()))
    }

    /// How many of the steps lead to a value that has no parts by name; nil where the way is free.
    func blocked(_ steps: [String]) -> Int? {
        guard let step = steps.first else { return nil }
        switch content {
        case .mapping: return self[step]?.blocked(Array(steps.dropFirst())).map { $0 + 1 }
        case .scalar: return isNull ? nil : 0
        case .sequence: return 0
        }
    }
}
