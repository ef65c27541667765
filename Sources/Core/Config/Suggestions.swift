/// Guesses which name was meant.
package enum Suggestions {
    /// The nearest candidate, when near enough to be meant: one edit in three characters.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        // Longer names than this are no slips of the pen, and the distance costs the product of both lengths.
        guard name.utf8.count <= 64 else { return nil }
        let wanted = normalised(name)
        let ranked = candidates.map { ($0, distance(wanted, normalised($0))) }.min { $0.1 < $1.1 }
        if let ranked, ranked.1 <= max(1, min(wanted.count, ranked.0.utf8.count) / 3) { return ranked.0 }
        // `mean` for `base_mean`.
        return candidates.first { candidate in
            wanted.count >= 3 && candidate.split(separator: "_").contains { normalised(String($0)) == wanted }
        }
    }

    /// What to say about an unknown name in a section of the table: the name in that section, else the path elsewhere.
    ///
    /// - Returns: A suggestion, or the section the key belongs to.
    static func forKey(_ name: String, in section: String) -> (meant: String?, belongsUnder: String?) {
        guard name.utf8.count <= 64 else { return (nil, nil) }
        let here = ConfigTable.keys(in: section).map(\.name) + ConfigTable.subsections(of: section)
        let wanted = normalised(name)
        if let same = here.first(where: { normalised($0) == wanted }) { return (same, nil) }
        if let elsewhere = ConfigTable.keys.first(where: { normalised($0.name) == wanted }) { return (nil, shown(elsewhere.section)) }
        for candidate in ConfigTable.sections where candidate.path.contains(".") {
            let last = candidate.path.split(separator: ".").last.map(String.init) ?? ""
            if normalised(last) == wanted { return (nil, shown(String(candidate.path.dropLast(last.count + 1)))) }
        }
        if ConfigTable.subsections(of: "").contains(where: { normalised($0) == wanted }) { return (nil, "the top level") }
        if let near = nearest(to: name, among: here) { return (near, nil) }
        let all = ConfigTable.keys.filter { $0.section != section }
        if let near = nearest(to: name, among: all.map(\.name)), let key = all.first(where: { $0.name == near }) {
            return (shown(key.path), nil)
        }
        return (nil, nil)
    }

    private static func shown(_ path: String) -> String { path.isEmpty ? "the top level" : path }

    private static func normalised(_ name: String) -> [UInt8] {
        name.utf8.map {
            $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: " ") ? UInt8(ascii: "_") : ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0)
        }
    }

    /// Insertions, deletions, substitutions and swaps of neighbours between two names ("optimal string alignment").
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var twoBack: [Int] = []
        var previous = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var current = [i + 1]
            for (j, b) in right.enumerated() {
                var best = min(previous[j] + (a == b ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { best = min(best, twoBack[j - 1] + 1) }
                current.append(best)
            }
            twoBack = previous
            previous = current
        }
        return previous[right.count]
    }
}
