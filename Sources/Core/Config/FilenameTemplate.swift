/// `output.filename` taken apart: plain text and placeholders.
enum FilenameTemplate {
    enum Part: Equatable {
        case text(String)
        case placeholder(String)
    }

    static let placeholders = ["dataset", "generation", "start_date", "end_date"]

    /// The parts in order, or nil when braces do not match.
    static func parts(of template: String) -> [Part]? {
        var result: [Part] = []
        var text = ""
        var name: String?
        for scalar in template.unicodeScalars {
            switch (scalar, name) {
            case ("{", nil):
                if !text.isEmpty { result.append(.text(text)) }
                text = ""
                name = ""
            case ("}", let current?):
                result.append(.placeholder(current))
                name = nil
            case ("{", _), ("}", nil): return nil
            case (_, let current?): name = current + String(scalar)
            default: text.unicodeScalars.append(scalar)
            }
        }
        if !text.isEmpty { result.append(.text(text)) }
        return name == nil ? result : nil
    }

    static func complaint(about template: String) -> TextRule.Complaint? {
        guard let parts = parts(of: template) else {
            return TextRule.Complaint(
                "the braces of \(Quoting.quoted(template)) do not match", remedy: "write placeholders as {start_date}")
        }
        for case .placeholder(let name) in parts where !placeholders.contains(name) {
            let near = Suggestions.nearest(to: name, among: placeholders)
            return TextRule.Complaint(
                "the placeholder {\(Quoting.visible(name))} is unknown",
                remedy: "use \(ConfigKey.alternatives(placeholders.map { "{\($0)}" }))",
                suggestion: near.map { "{\($0)}" })
        }
        return nil
    }
}

extension FilenameTemplate {
    /// A checked template with its placeholders filled.
    static func fill(_ template: String, _ values: [String: String]) -> String {
        (parts(of: template) ?? []).map { part in
            switch part {
            case .text(let text): text
            case .placeholder(let name): values[name] ?? ""
            }
        }.joined()
    }
}
