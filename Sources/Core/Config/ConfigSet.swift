/// Datasets side by side: what no single config can show.
public enum ConfigSet {
    /// Finds datasets that would write the same file, and files that give the same dataset twice.
    ///
    /// The files are the panel and the tables of the ground truth beside it. Two templates meet when some choice of generation and of relative dates makes them the same key of the same store.
    ///
    /// - Parameter datasets: Path and spec of each config file.
    /// - Returns: One problem per file of each pair, in the order of the paths.
    /// - Complexity: O(n log n) for n datasets, and O(1) for each pair of a name or of a store whose keys begin alike.
    public static func conflicts(_ datasets: [(path: String, spec: DatasetSpec)]) -> [ConfigProblem] {
        let sorted = datasets.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        var problems: [ConfigProblem] = []
        let keys = sorted.map { KeyPattern.all(of: $0.spec) }
        let names = sorted.map(\.spec.name)
        let candidates = candidates(names, keys)
        for first in sorted.indices {
            for second in candidates[first].sorted() {
                let isSame = names[first] == names[second]
                guard isSame || keys[first].contains(where: { key in keys[second].contains { key.meets($0) } }) else { continue }
                let (a, b) = (sorted[first], sorted[second])
                if isSame {
                    problems += pair(a.path, b.path) { "the dataset \(a.spec.name) is also given by \($0)" }
                        .map { problem(at: $0.path, "", $0.message, remedy: "keep one of the two files, or rename one") }
                } else {
                    let ofPanels = keys[first][0].meets(keys[second][0])
                    problems += pair(a.path, b.path) { other in
                        ofPanels ? "the panel may have the same key as that of \(other)" : "a file may have the same key as one of \(other)"
                    }
                    .map {
                        problem(
                            at: $0.path, "output.filename", $0.message,
                            remedy: "put {dataset} into output.filename, or give one another storage.raw_prefix")
                    }
                }
            }
        }
        return problems.sorted { $0.source.utf8.lexicographicallyPrecedes($1.source.utf8) }
    }

    /// Whether two versions of a dataset claim the very same keys of the same store.
    public static func claimSameKeys(_ first: DatasetSpec, _ second: DatasetSpec) -> Bool {
        let (first, second) = (KeyPattern.all(of: first), KeyPattern.all(of: second))
        return first.map(\.store) == second.map(\.store) && first.map(\.elements) == second.map(\.elements)
    }

    /// For each dataset the later ones that it may conflict with.
    private static func candidates(_ names: [String], _ datasets: [[KeyPattern]]) -> [Set<Int>] {
        var candidates = [Set<Int>](repeating: [], count: names.count)
        func note(_ a: Int, _ b: Int) { candidates[min(a, b)].insert(max(a, b)) }
        for group in Dictionary(grouping: names.indices, by: { names[$0] }).values where group.count > 1 {
            for (place, first) in group.enumerated() { for second in group[(place + 1)...] { note(first, second) } }
        }
        let keys = datasets.flatMap { $0 }
        let owners = datasets.indices.flatMap { [Int](repeating: $0, count: datasets[$0].count) }
        // Two patterns can only meet where the plain beginning of one continues that of the other; sorted, these stand together.
        for group in Dictionary(grouping: keys.indices, by: { keys[$0].store }).values where group.count > 1 {
            let sorted = group.sorted { keys[$0].beginning.lexicographicallyPrecedes(keys[$1].beginning) }
            for (place, first) in sorted.enumerated() {
                for second in sorted[(place + 1)...] {
                    guard keys[second].beginning.starts(with: keys[first].beginning) else { break }
                    if owners[first] != owners[second] { note(owners[first], owners[second]) }
                }
            }
        }
        return candidates
    }

    private static func pair(_ first: String, _ second: String, _ message: (String) -> String) -> [(path: String, message: String)] {
        [(first, message(Quoting.visible(second, limit: 200))), (second, message(Quoting.visible(first, limit: 200)))]
    }

    private static func problem(at path: String, _ key: String, _ message: String, remedy: String) -> ConfigProblem {
        ConfigProblem(severity: .error, source: path, path: key, message: message, remedy: remedy)
    }
}

/// The keys that one of a dataset's files can have.
struct KeyPattern {
    enum Element: Equatable {
        case byte(UInt8)
        case digit
        /// One digit or more.
        case digits

        var byte: UInt8? { if case .byte(let byte) = self { byte } else { nil } }
    }

    /// The store: two local folders or buckets with different texts here are different stores.
    let store: String
    /// The bytes up to the first that may vary.
    let beginning: [UInt8]
    let elements: [Element]

    /// Those of the panel, then those of each table beside it.
    static func all(of spec: DatasetSpec) -> [KeyPattern] {
        let panel = KeyPattern(spec)
        return [panel] + spec.truth.tables.map { KeyPattern(panel, table: $0.rawValue) }
    }

    /// The table of that name beside a panel, as `ArtifactKeys` names it.
    private init(_ panel: KeyPattern, table: String) {
        store = panel.store
        let name = panel.elements.lastIndex(of: .byte(UInt8(ascii: "/"))).map { $0 + 1 } ?? 0
        func plain(_ text: String) -> [Element] { text.utf8.map { .byte($0) } }
        var stem = panel.elements[name...]
        if stem.suffix(8).elementsEqual(plain(".parquet")) { stem = stem.dropLast(8) }
        elements = Array(panel.elements[..<name]) + plain("_truth/") + Array(stem) + plain(".\(table).parquet")
        beginning = elements.prefix { $0.byte != nil }.compactMap(\.byte)
    }

    private init(_ spec: DatasetSpec) {
        store =
            spec.storage.useS3
            ? "s3 \(spec.storage.endpointURL ?? "") \(spec.storage.bucketName)" : "local \(Self.normalised(spec.storage.localBasePath))"
        var elements = spec.storage.rawPrefix.utf8.map { Element.byte($0) }
        for part in FilenameTemplate.parts(of: spec.output.filename) ?? [] {
            switch part {
            case .text(let text): elements += text.utf8.map { .byte($0) }
            case .placeholder("dataset"): elements += spec.name.utf8.map { .byte($0) }
            case .placeholder("start_date"): elements += Self.elements(of: spec.data.start)
            case .placeholder("end_date"): elements += Self.elements(of: spec.data.end)
            case .placeholder: elements.append(.digits)
            }
        }
        self.elements = elements
        beginning = elements.prefix { $0.byte != nil }.compactMap(\.byte)
    }

    private static func elements(of date: DateExpression) -> [Element] {
        if case .fixed(let day) = date { return day.description.utf8.map { .byte($0) } }
        return "0000-00-00".utf8.map { $0 == UInt8(ascii: "0") ? .digit : .byte($0) }
    }

    /// Without empty and `.` components.
    private static func normalised(_ path: String) -> String {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
        return (path.utf8.first == UInt8(ascii: "/") ? "/" : "") + parts.map { String(Substring($0)) }.joined(separator: "/")
    }

    /// Whether some key fits both patterns: a walk over pairs of positions, each visited once.
    func meets(_ other: KeyPattern) -> Bool {
        // Most pairs part at a plain byte: comparing up to it costs nothing, where the walk costs a set.
        var start = 0
        while start < elements.count, start < other.elements.count, case .byte(let a) = elements[start],
            case .byte(let b) = other.elements[start]
        {
            if a != b { return false }
            start += 1
        }
        guard store == other.store else { return false }
        var seen: Set<Pair> = [Pair(left: start, right: start)]
        var open = [Pair(left: start, right: start)]
        while let pair = open.popLast() {
            if pair.left == elements.count, pair.right == other.elements.count { return true }
            guard pair.left < elements.count, pair.right < other.elements.count else { continue }
            let (a, b) = (elements[pair.left], other.elements[pair.right])
            guard Self.overlap(a, b) else { continue }
            // After one common byte each side goes on; a side of many digits may also stay.
            for left in a == .digits ? [pair.left, pair.left + 1] : [pair.left + 1] {
                for right in b == .digits ? [pair.right, pair.right + 1] : [pair.right + 1] {
                    let next = Pair(left: left, right: right)
                    if seen.insert(next).inserted { open.append(next) }
                }
            }
        }
        return false
    }

    private struct Pair: Hashable {
        let left: Int
        let right: Int
    }

    private static func overlap(_ left: Element, _ right: Element) -> Bool {
        switch (left, right) {
        case (.byte(let a), .byte(let b)): a == b
        case (.byte(let a), _), (_, .byte(let a)): a.isDigit
        default: true
        }
    }
}
