/// Builds a `Document` from YAML text of unknown origin, within fixed bounds.
///
/// Aliases are expanded by sharing the anchored value, so an expansion costs no memory; its nodes still count towards `Limits.nodes`, which
/// bounds what any later walk over the tree can cost. Problems that leave a sensible tree (a duplicate key, a foreign tag) are noted and
/// reading goes on; text that is not YAML, or a bound that is passed, ends it.
struct DocumentReader: ~Copyable {
    enum Limits {
        static let bytes = 1 << 20
        static let nodes = 50_000
        static let depth = 32
        static let scalarBytes = 64 << 10
    }

    /// Reading is over; the reason is already noted.
    private struct Stop: Error {}

    private struct Anchored {
        var node: Document.Node
        var nodes: Int
        /// Levels of the value: 1 for a scalar.
        var depth: Int
    }

    private enum Step { case key(String), index(Int) }

    private var events: YAMLEvents
    private let source: Document.Source
    private let text: UnsafeBufferPointer<UInt8>
    private var problems: ProblemCollector
    private var steps: [Step] = []
    private var anchors: [String: Anchored] = [:]
    private var openAnchors: Set<String> = []
    private var nodes = 0

    private init(_ text: UnsafeBufferPointer<UInt8>, source: Document.Source, problems: ProblemCollector) {
        events = YAMLEvents(text)
        self.text = text
        self.source = source
        self.problems = problems
    }

    /// Reads one YAML text.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, perhaps with a byte order mark.
    ///   - source: Who gave the text; every node carries it.
    ///   - problems: Receives what is wrong.
    /// - Returns: The tree, or nil when reading had to end early.
    static func read(_ bytes: [UInt8], source: Document.Source, problems: inout ProblemCollector) -> Document? {
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard checkEncoding(body, source: source, problems: &problems) else { return nil }
        return body.withUnsafeBufferPointer { buffer in
            // libyaml takes a null pointer for an error.
            guard buffer.baseAddress != nil, !buffer.isEmpty else { return Document(root: nil) }
            var reader = DocumentReader(buffer, source: source, problems: problems)
            let document = try? reader.document()
            problems = reader.problems
            return document
        }
    }

    private static func checkEncoding(_ bytes: ArraySlice<UInt8>, source: Document.Source, problems: inout ProblemCollector) -> Bool {
        let start = Document.Place(line: 1, column: 1, endLine: 1, endColumn: 2)
        guard bytes.count <= Limits.bytes else {
            problems.add(
                "the text has \(bytes.count) bytes", expected: "at most \(Limits.bytes)",
                remedy: "a config this long is probably another file", at: start,
                source: source)
            return false
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            problems.add("the text is UTF-16", expected: "UTF-8", remedy: "save the file as UTF-8", at: start, source: source)
            return false
        }
        if let offset = TextCheck.firstInvalidOffset(in: bytes) {
            let hex = String(bytes[offset], radix: 16, uppercase: true)
            problems.add(
                "the byte 0x\(hex) is not UTF-8", expected: "UTF-8 text", remedy: "save the file as UTF-8",
                at: TextCheck.place(of: offset, in: bytes),
                source: source)
            return false
        }
        if let (offset, scalar) = TextCheck.firstForbiddenCharacter(in: bytes) {
            problems.add(
                "the character \(Quoting.visible(scalar)) may not stand in YAML",
                remedy: "remove it, or write it as an escape in double quotes",
                at: TextCheck.place(of: offset, in: bytes), source: source)
            return false
        }
        return true
    }

    // MARK: Events

    private mutating func next() throws(Stop) -> YAMLEvents.Event {
        do {
            return try events.next()
        } catch {
            let advice = YAMLAdvice(error, text: text)
            problems.add(advice.message, remedy: advice.remedy, path: path, at: error.place, source: source)
            throw Stop()
        }
    }

    private mutating func document() throws(Stop) -> Document {
        var root: Document.Node?
        while true {
            let event = try next()
            switch event.kind {
            case .streamStart, .documentEnd: break
            case .documentStart:
                if root != nil {
                    problems.add(
                        "a second YAML document starts here", expected: "one document in a file",
                        remedy: "put each dataset into a file of its own", at: event.place, source: source)
                    throw Stop()
                }
            case .streamEnd: return Document(root: root)
            default: root = try node(event, depth: 1).node
            }
        }
    }

    private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(Stop) -> Anchored {
        try count(1, depth: depth, at: event.place)
        switch event.kind {
        case .alias(let name): return try alias(name, depth: depth, at: event.place)
        case .scalar(let scalar, let tag, let anchor):
            if scalar.text.utf8.count > Limits.scalarBytes {
                problems.add(
                    "a text has \(scalar.text.utf8.count) bytes", expected: "at most \(Limits.scalarBytes)", remedy: "shorten it",
                    path: path,
                    at: event.place, source: source)
                throw Stop()
            }
            let result = Anchored(node: tagged(scalar, tag, at: event.place), nodes: 1, depth: 1)
            if let anchor { anchors[anchor] = result }
            return result
        case .sequenceStart(let tag, let anchor):
            checkTag(tag, allowed: "tag:yaml.org,2002:seq", at: event.place)
            return try anchored(anchor) { (reader) throws(Stop) in try reader.sequence(start: event.place, depth: depth) }
        case .mappingStart(let tag, let anchor):
            checkTag(tag, allowed: "tag:yaml.org,2002:map", at: event.place)
            return try anchored(anchor) { (reader) throws(Stop) in try reader.mapping(start: event.place, depth: depth) }
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            preconditionFailure("libyaml's events are out of order")
        }
    }

    private mutating func anchored(
        _ anchor: String?, _ build: (inout DocumentReader) throws(Stop) -> Anchored
    ) throws(Stop) -> Anchored {
        guard let anchor else { return try build(&self) }
        // An older anchor of the same name is out of reach from here on.
        anchors[anchor] = nil
        openAnchors.insert(anchor)
        let result = try build(&self)
        openAnchors.remove(anchor)
        anchors[anchor] = result
        return result
    }

    private mutating func sequence(start: Document.Place, depth: Int) throws(Stop) -> Anchored {
        var elements: [Document.Node] = []
        var size = (nodes: 1, depth: 1)
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind {
                return Anchored(node: collection(.sequence(elements), from: start, to: event.place), nodes: size.nodes, depth: size.depth)
            }
            steps.append(.index(elements.count))
            let element = try node(event, depth: depth + 1)
            steps.removeLast()
            elements.append(element.node)
            size = (size.nodes + element.nodes, max(size.depth, element.depth + 1))
        }
    }

    private mutating func mapping(start: Document.Place, depth: Int) throws(Stop) -> Anchored {
        var entries: [Document.Entry] = []
        var places: [String: Document.Place] = [:]
        var isDamaged = false
        var size = (nodes: 1, depth: 1)
        while true {
            let keyEvent = try next()
            if case .mappingEnd = keyEvent.kind {
                var node = collection(.mapping(entries), from: start, to: keyEvent.place)
                node.isDamaged = isDamaged
                return Anchored(node: node, nodes: size.nodes, depth: size.depth)
            }
            let keyNode = try node(keyEvent, depth: depth + 1)
            let key = key(of: keyNode.node, at: keyEvent.place)
            steps.append(.key(key ?? "?"))
            let value = try node(try next(), depth: depth + 1)
            if let key {
                if let first = places[key] {
                    isDamaged = true
                    problems.add(
                        "the key is already given on line \(first.line), column \(first.column)", remedy: "keep one of the two", path: path,
                        at: keyEvent.place, source: source)
                } else {
                    places[key] = keyEvent.place
                    entries.append(Document.Entry(key: key, keyPlace: keyEvent.place, value: value.node))
                }
            } else {
                isDamaged = true
            }
            steps.removeLast()
            size = (size.nodes + keyNode.nodes + value.nodes, max(size.depth, value.depth + 1))
        }
    }

    private func collection(_ content: Document.Node.Content, from start: Document.Place, to end: Document.Place) -> Document.Node {
        let place = Document.Place(line: start.line, column: start.column, endLine: end.endLine, endColumn: end.endColumn)
        return Document.Node(content: content, place: place, source: source)
    }

    // MARK: Single checks

    /// The key's text, or nil (and a problem) for what cannot be a name.
    private mutating func key(of node: Document.Node, at place: Document.Place) -> String? {
        guard case .scalar(let scalar) = node.content else {
            problems.add(
                "a key is a list or a mapping", expected: "a name", remedy: "remove the ? or the brackets", path: path, at: place,
                source: source)
            return nil
        }
        guard scalar.text != "<<" || !scalar.isPlain else {
            problems.add(
                "merge keys (<<) are not supported", remedy: "write the shared keys out, or use one alias per value", path: path, at: place,
                source: source)
            return nil
        }
        switch ScalarKind(scalar) {
        case .text(let text): return text
        case .null, .boolean, .integer, .float, .booleanWord, .oddNumber:
            let shown = Quoting.visible(scalar.text)
            problems.add(
                "the key \(shown.isEmpty ? "is empty" : "\(shown) is not text") to a reader of YAML", expected: "a name",
                remedy: shown.isEmpty ? "write a name before the colon" : "put it in quotes: \"\(shown)\"", path: path, at: place,
                source: source)
            return nil
        }
    }

    private mutating func alias(_ name: String, depth: Int, at place: Document.Place) throws(Stop) -> Anchored {
        guard let target = anchors[name] else {
            let isOpen = openAnchors.contains(name)
            problems.add(
                isOpen
                    ? "the alias *\(Quoting.visible(name)) is inside the value it stands for"
                    : "no anchor &\(Quoting.visible(name)) comes before this alias",
                remedy: isOpen
                    ? "write the value out" : "add &\(Quoting.visible(name)) to an earlier value, or quote a text that starts with *",
                path: path, at: place, source: source)
            throw Stop()
        }
        // The alias itself was counted as one node already.
        try count(target.nodes - 1, depth: depth + target.depth - 1, at: place)
        return target
    }

    private mutating func count(_ more: Int, depth: Int, at place: Document.Place) throws(Stop) {
        nodes += more
        if nodes > Limits.nodes {
            problems.add(
                "the text has more than \(Limits.nodes) values once aliases are expanded", expected: "at most \(Limits.nodes)",
                remedy: "split the config, or write fewer aliases", path: path, at: place, source: source)
            throw Stop()
        }
        if depth > Limits.depth {
            problems.add(
                "values are nested deeper than \(Limits.depth) levels", expected: "at most \(Limits.depth) levels",
                remedy: "no key needs more than 4; check brackets and indentation", path: path, at: place, source: source)
            throw Stop()
        }
    }

    /// A scalar as its tag wants it: text for `!!str`, else by its looks, which must agree with the tag.
    private mutating func tagged(_ scalar: Document.Scalar, _ tag: String?, at place: Document.Place) -> Document.Node {
        var result = Document.Node(content: .scalar(scalar), place: place, source: source)
        guard let tag else { return result }
        let plain = Document.Scalar(text: scalar.text, isPlain: true)
        let kind = ScalarKind(plain)
        var holds = false
        switch (tag, kind) {
        case ("!", _), ("tag:yaml.org,2002:str", _):
            result.content = .scalar(Document.Scalar(text: scalar.text, isPlain: false))
            return result
        case ("tag:yaml.org,2002:int", .integer), ("tag:yaml.org,2002:float", .integer), ("tag:yaml.org,2002:float", .float),
            ("tag:yaml.org,2002:bool", .boolean), ("tag:yaml.org,2002:null", .null):
            holds = true
        case ("tag:yaml.org,2002:int", _), ("tag:yaml.org,2002:float", _), ("tag:yaml.org,2002:bool", _), ("tag:yaml.org,2002:null", _):
            problems.add(
                "\(Quoting.visible(scalar.text)) is not what its tag says", remedy: "remove the tag", path: path, at: place, source: source)
        default: foreign(tag, at: place)
        }
        result.content = .scalar(plain)
        result.isDamaged = !holds
        return result
    }

    private mutating func checkTag(_ tag: String?, allowed: String, at place: Document.Place) {
        if let tag, tag != allowed, tag != "!" { foreign(tag, at: place) }
    }

    private mutating func foreign(_ tag: String, at place: Document.Place) {
        problems.add("the tag \(Quoting.visible(tag)) has no meaning here", remedy: "remove the tag", path: path, at: place, source: source)
    }

    /// The key path of the value being read.
    private var path: String {
        var result = ""
        for step in steps {
            switch step {
            case .key(let key): result += (result.isEmpty ? "" : ".") + Quoting.visible(key, limit: 40)
            case .index(let index): result += "[\(index)]"
            }
        }
        return result
    }
}
