/// Which key an override names.
struct OverridePath {
    enum Target {
        case key(ConfigKey)
        /// A part of a key's value, which is a mapping from names.
        case part(ConfigKey, [String])
        /// A section, whose keys a mapping sets.
        case section(String)
        /// One metric, whose keys a mapping sets.
        case wholeMetric(String)
        /// A key of one metric, which is named or counted.
        case metric(String, ConfigKey)
        case unknown(String, suggestion: String?)
    }

    /// The path in the config's spelling, for messages.
    let shown: String
    private let segments: [String]
    let target: Target
    /// Whether upper and lower case are the same: variables' names are upper case.
    let isFolded: Bool

    var isKnown: Bool { if case .unknown = target { false } else { true } }

    /// - Parameter flag: `data_generation.num_servers`, `data_generation.metrics.load.base_mean`, `data_generation.metrics[0].base_mean`.
    init(flag: String) {
        var text = flag
        if let open = text.firstIndex(of: "["), let close = text.lastIndex(of: "]"), open < close {
            text = text[..<open] + "." + text[text.index(after: open)..<close] + text[text.index(after: close)...]
        }
        self.init(text.split(separator: ".", omittingEmptySubsequences: false).map(String.init), isFolded: false)
    }

    /// - Parameter variable: What follows the prefix: `DATA_GENERATION__NUM_SERVERS`.
    init(variable: String) {
        var segments: [String] = []
        var current: [UInt8] = []
        var bytes = Array(variable.lowercased().utf8)[...]
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "_"), bytes.first == UInt8(ascii: "_"), !current.isEmpty {
                bytes.removeFirst()
                segments.append(String(decoding: current, as: UTF8.self))
                current = []
            } else {
                current.append(byte)
            }
        }
        segments.append(String(decoding: current, as: UTF8.self))
        self.init(segments, isFolded: true)
    }

    /// The path of a key that a mapping for this path gives.
    func child(_ key: String) -> OverridePath { OverridePath(segments + [key], isFolded: isFolded) }

    private init(_ segments: [String], isFolded: Bool) {
        shown = Quoting.visible(segments.joined(separator: "."), limit: 200)
        self.segments = segments
        self.isFolded = isFolded
        target = Self.target(segments, isFolded: isFolded)
    }

    private static func target(_ segments: [String], isFolded: Bool) -> Target {
        var section = ""
        for (index, segment) in segments.enumerated() {
            let path = ConfigTable.join(section, segment)
            let rest = segments[(index + 1)...]
            if path == "data_generation.metrics", !rest.isEmpty { return metric(rest, isFolded: isFolded) }
            if let key = ConfigTable.key(path) {
                if rest.isEmpty { return .key(key) }
                return key.kind.isByName
                    ? .part(key, Array(rest)) : .unknown("\(path) is one value and is set as a whole", suggestion: path)
            }
            guard ConfigTable.isSection(path) else {
                let guess = Suggestions.forKey(segment, in: section)
                if let home = guess.belongsUnder {
                    return .unknown("unknown key: \(Quoting.visible(segment)) belongs under \(home)", suggestion: nil)
                }
                let meant = guess.meant.map { (meant: String) in meant.contains(".") ? meant : ConfigTable.join(section, meant) }
                return .unknown(
                    "unknown key", suggestion: meant.map { ([$0] + rest).joined(separator: ".") }.map { Quoting.visible($0, limit: 200) })
            }
            section = path
        }
        return .section(section)
    }

    /// - Parameter rest: The metric's name, perhaps split where a variable's name has two underscores in a row, and the key.
    private static func metric(_ rest: ArraySlice<String>, isFolded: Bool) -> Target {
        guard var last = rest.last, rest.count > 1 else { return .wholeMetric(rest.first ?? "") }
        var selector = rest.dropLast().joined(separator: "__")
        if isFolded {
            // The name may itself end in an underscore, so the key is looked for from the end.
            let whole = rest.joined(separator: "__")
            for key in ConfigTable.metricKeys where whole.hasSuffix("__" + key.name) && whole.utf8.count > key.name.utf8.count + 2 {
                (selector, last) = (String(whole.dropLast(key.name.count + 2)), key.name)
            }
        }
        if let key = ConfigTable.key(ConfigTable.join(ConfigTable.metricSection, last)) { return .metric(selector, key) }
        let guess = Suggestions.forKey(last, in: ConfigTable.metricSection)
        if let home = guess.belongsUnder { return .unknown("unknown key: \(Quoting.visible(last)) belongs under \(home)", suggestion: nil) }
        return .unknown("unknown key", suggestion: guess.meant.map { "data_generation.metrics.\(Quoting.visible(selector)).\($0)" })
    }
}
