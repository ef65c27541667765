import Core

/// The quality gate's questions and answers: what was requested, what came out, how far the two may be apart, and the verdict.
struct CheckTable {
    let quality: QualityReport

    private static let mostRows = 1500

    func markup() -> Markup {
        var out = Markup()
        out.raw("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Checks\"><table class=\"checks\" data-chart=\"checks\">")
        out.raw("<caption class=\"sr\">Checks of the quality gate</caption><thead><tr><th scope=\"col\">result<th scope=\"col\">check")
        out.raw("<th scope=\"col\">of<th scope=\"col\" class=\"n\">requested<th scope=\"col\" class=\"n\">realised")
        out.raw("<th scope=\"col\" class=\"n\">tolerance<th scope=\"col\" class=\"drawn\">realised within tolerance</thead>")
        // What failed comes first where not all fit.
        let shown = quality.checks.count <= Self.mostRows ? quality.checks : Self.mostTelling(quality)
        var group: String??
        for check in shown {
            if group != .some(check.metric) {
                group = .some(check.metric)
                out.raw("<tbody><tr><th scope=\"rowgroup\" colspan=\"7\"><bdi>")
                out.text(check.metric ?? "the whole panel")
                out.raw("</bdi>")
            }
            row(check, into: &out)
        }
        out.raw("</table></div>\n")
        if shown.count < quality.checks.count {
            out.raw("<p>\(Numbers.grouped(shown.count)) of \(Numbers.grouped(quality.checks.count)) checks are shown, all that failed ")
            out.raw("among them; the summary beside the panel has every one.</p>\n")
        }
        return out
    }

    private static func mostTelling(_ quality: QualityReport) -> [QualityCheck] {
        var room = max(0, mostRows - quality.failures.count)
        return quality.checks.filter { check in
            if check.verdict == .fail { return true }
            room -= 1
            return room >= 0
        }
    }

    private func row(_ check: QualityCheck, into out: inout Markup) {
        let (look, sign, words) = Self.verdict(check)
        out.raw("<tr class=\"\(look)\" data-check=\"")
        out.text(check.name)
        out.raw("\"><td class=\"verdict\"><span aria-hidden=\"true\">\(sign)</span> \(words)<th scope=\"row\">")
        out.text(check.name.replacing("_", with: " "))
        out.raw("<td><bdi>")
        out.text(check.scope ?? (check.metric == nil ? "" : "all servers"))
        out.raw("</bdi>")
        if check.requested == nil || check.realised == nil || check.verdict == .fail {
            out.raw("<td colspan=\"4\" class=\"sentence\">")
            out.text(check.sentence)
            return
        }
        for (sign, value) in [("", check.requested), ("", check.realised), ("\u{00B1}", check.tolerance)] {
            out.raw("<td class=\"n\">")
            guard let value else { continue }
            out.raw(sign)
            out.raw(Self.fine(value, besides: check.tolerance))
        }
        out.raw("<td class=\"drawn\">")
        if let requested = check.requested, let realised = check.realised, let tolerance = check.tolerance, tolerance > 0 {
            gauge((realised - requested) / tolerance, into: &out)
        }
    }

    /// The tolerance as a line, the realised value as a dot on it.
    private func gauge(_ place: Double, into out: inout Markup) {
        let x = Plot.percent(0.5 + 0.4 * min(max(place, -1.2), 1.2))
        out.raw("<svg class=\"inline\" aria-hidden=\"true\" height=\"14\"><line class=\"reach\" x1=\"10%\" x2=\"90%\" y1=\"7\" y2=\"7\"/>")
        out.raw("<line class=\"rule\" x1=\"50%\" x2=\"50%\" y1=\"2\" y2=\"12\"/><circle r=\"3\" cy=\"7\" cx=\"\(x)\"/></svg>")
    }

    /// Counts as counts; other values with the digits that tell them from their tolerance, which has two that count.
    private static func fine(_ value: Double, besides tolerance: Double? = nil) -> String {
        if value == value.rounded(), value.magnitude < 1e15, tolerance == nil { return Numbers.grouped(Int(value)) }
        guard let tolerance, tolerance > 0, tolerance.isFinite else { return Numbers.trimmed(value) }
        return Numbers.fixed(value, min(9, max(0, Numbers.decimals(for: tolerance) - (tolerance < 1 ? 2 : 1))))
    }

    static func verdict(_ check: QualityCheck) -> (look: String, sign: String, words: String) {
        switch check.verdict {
        case .pass where check.isInconclusive: ("weak", "\u{2248}", "pass, not conclusive")
        case .pass: ("pass", "\u{2713}", "pass")
        case .fail: ("fail", "\u{2717}", "fail")
        case .notApplicable: ("none", "\u{2013}", "not measured")
        }
    }
}
