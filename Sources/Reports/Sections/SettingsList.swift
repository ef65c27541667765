import Core

/// What the config asks for beyond signal and noise: incidents, mess, changes, lives of servers, kinds of servers. As the config says it.
struct SettingsList {
    /// The effective config.
    let config: CanonicalJSON

    private static let sections = ["incidents", "changes", "mess", "lifetime", "archetypes", "metadata_effects", "aggregation"]
    private static let mostEntries = 60

    /// Nil where there is nothing.
    func markup() -> Markup? {
        guard let data = config["data_generation"] else { return nil }
        var entries: [(name: String, text: String)] = []
        for section in Self.sections {
            guard case .object(let members)? = data[section] else { continue }
            for (name, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                if let text = Self.words(value) { entries.append(("\(section).\(name)", text)) }
            }
        }
        guard !entries.isEmpty else { return nil }
        var out = Markup()
        out.raw("<dl class=\"settings\">")
        for entry in entries.prefix(Self.mostEntries) {
            out.raw("<dt><bdi>")
            out.text(entry.name)
            out.raw("</bdi><dd><bdi>")
            out.text(entry.text)
            out.raw("</bdi>")
        }
        out.raw("</dl>\n")
        if entries.count > Self.mostEntries {
            out.raw("<p>and \(Numbers.grouped(entries.count - Self.mostEntries)) more, which the config below has.</p>\n")
        }
        return out
    }

    /// A value as one line: `kind failover, at 2025-03-04T22:00:00Z, metrics (cpu_p95 0.15)`; nil for one that says nothing.
    private static func words(_ value: CanonicalJSON) -> String? {
        switch value {
        case .null: return nil
        case .bool(let flag): return flag ? "yes" : nil
        case .number(let text): return text
        case .string(let text): return text
        case .array(let values):
            let shown = values.prefix(12).compactMap(words)
            return shown.isEmpty ? nil : shown.joined(separator: ", ") + (values.count > 12 ? " and \(values.count - 12) more" : "")
        case .object(let members):
            // A rate of 0 switches its whole entry off.
            for name in ["per_year", "rate", "share"] { if case .number(let text)? = members[name], Double(text) == 0 { return nil } }
            let parts = members.sorted { ($0.key == "kind" ? "" : $0.key) < ($1.key == "kind" ? "" : $1.key) }.compactMap { name, value in
                words(value).map { text in if case .object = value { "\(name) (\(text))" } else { "\(name) \(text)" } }
            }
            return parts.isEmpty ? nil : parts.joined(separator: ", ")
        }
    }
}
