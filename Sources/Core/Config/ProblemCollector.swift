/// Gathers problems while a config is read and checked, then sorts them by place and adds excerpts.
struct ProblemCollector {
    /// More problems than anyone reads; the rest is only counted, so that hostile input costs bounded time and memory.
    static let limit = 200

    private struct Item {
        var problem: ConfigProblem
        var rank: Int
        var place: Document.Place?
    }

    let file: String
    private let bytes: [UInt8]
    private var items: [Item] = []
    private(set) var dropped = 0
    private(set) var errorCount = 0
    var hasErrors: Bool { errorCount > 0 }

    init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    /// Whether a further problem would be kept: costly suggestions are only worth their time then.
    var isOpen: Bool { items.count < Self.limit }

    mutating func add(
        _ message: String, expected: String? = nil, remedy: String? = nil, suggestion: String? = nil, path: String = "",
        at place: Document.Place?, source: Document.Source = .file, severity: ConfigProblem.Severity = .error
    ) {
        let isInFile = source == .file || source == .standard
        let problem = ConfigProblem(
            severity: severity, source: Self.name(of: source, file: file), line: isInFile ? place?.line : nil,
            column: isInFile ? place?.column : nil, path: path, message: message, expected: expected, suggestion: suggestion, remedy: remedy
        )
        let item = Item(problem: problem, rank: Self.rank(of: source), place: isInFile ? place : nil)
        // A value of which an override replaces a part is checked with and without it, and complained of once.
        if isOpen, items.contains(where: { $0.problem == problem && $0.place == item.place }) { return }
        if severity == .error { errorCount += 1 }
        if isOpen { items.append(item) } else { dropped += 1 }
    }

    /// The problems sorted by place: the file's by line and column, then the environment's by name, then those of flags.
    func sorted() -> [ConfigProblem] {
        let order = items.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.rank != b.rank { return a.rank < b.rank }
            if a.rank != 0, a.problem.source != b.problem.source { return a.problem.source < b.problem.source }
            if a.problem.line != b.problem.line { return (a.problem.line ?? 0) < (b.problem.line ?? 0) }
            if a.problem.column != b.problem.column { return (a.problem.column ?? 0) < (b.problem.column ?? 0) }
            return left.offset < right.offset
        }
        var excerpts = SourceExcerpts(bytes)
        var result = order.map { entry in
            var problem = entry.element.problem
            if let place = entry.element.place { problem.excerpt = excerpts.excerpt(of: place) }
            return problem
        }
        if dropped > 0 {
            result.append(
                ConfigProblem(
                    severity: hasErrors ? .error : .warning, source: file, path: "", message: "\(dropped) further problems are not shown",
                    remedy: "repair those above and validate again"))
        }
        return result
    }

    private static func rank(of source: Document.Source) -> Int {
        switch source {
        case .file, .standard: 0
        case .environment: 1
        case .flag: 2
        }
    }

    private static func name(of source: Document.Source, file: String) -> String {
        switch source {
        case .file, .standard: file
        case .environment(let name): "environment \(Quoting.visible(name))"
        case .flag(let path): "flag \(Quoting.visible(path))"
        }
    }
}

/// Text of unknown origin made fit for one line of a message.
package enum Quoting {
    /// Control characters as escapes, cut after `limit` characters.
    package static func visible(_ text: String, limit: Int = 60) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else { return result + "..." }
            count += 1
            result += visible(scalar)
        }
        return result
    }

    /// In quotes when it would otherwise be hard to see where it starts or ends.
    package static func quoted(_ text: String) -> String { "\"\(visible(text))\"" }

    static func visible(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: isInvisible(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
    }

    /// Control, format (bidirectional overrides among them) and private characters: a terminal may act on them instead of showing them.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: return true
        default: return false
        }
    }
}
