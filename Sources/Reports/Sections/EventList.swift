import Core

/// What happened in the window: how much of each kind, and one line for each event where there are few.
struct EventList {
    let events: [TruthEvent]

    /// Fleets and lists up to which events are found and told one by one.
    static let mostServers = 500
    static let mostRows = 40

    func markup() -> Markup {
        var out = Markup()
        var kinds: [String: Int] = [:]
        for event in events { kinds[event.kind, default: 0] += 1 }
        let counts = kinds.sorted { $0.key < $1.key }.map { "\(Numbers.grouped($0.value)) \($0.key)" }.joined(separator: ", ")
        out.raw("<p>")
        out.text("In the window: \(counts).")
        out.raw("</p>\n")
        let told = Self.telling(events)
        guard !told.isEmpty else { return out }
        if told.count < events.count { out.raw("<p class=\"note\">Those of more than one server:</p>\n") }
        out.raw("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Events\"><table data-chart=\"events\">")
        out.raw("<caption class=\"sr\">Events in the window</caption><thead><tr>")
        out.raw("<th scope=\"col\">from<th scope=\"col\">to<th scope=\"col\">kind")
        out.raw("<th scope=\"col\">whom<th scope=\"col\" class=\"n\">servers<th scope=\"col\">metrics</thead><tbody>")
        for event in told {
            out.raw("<tr><td class=\"n\">\(Self.time(event.start))<td class=\"n\">\(event.end.map(Self.time) ?? "on")<th scope=\"row\">")
            out.text(event.kind)
            out.raw("<td><bdi>")
            out.text(event.scopeLabel.map { "\(event.scopeColumn ?? "") \($0)" } ?? "the fleet")
            out.raw("</bdi><td class=\"n\">\(Numbers.grouped(event.servers.count))<td><bdi>")
            out.text(event.metrics.joined(separator: ", "))
            out.raw("</bdi>")
        }
        out.raw("</tbody></table></div>\n")
        return out
    }

    /// All where there are few, else those of more than one server where these are few, else none.
    static func telling(_ events: [TruthEvent]) -> [TruthEvent] {
        if events.count <= mostRows { return events }
        let shared = events.filter { $0.servers.count > 1 }
        return shared.count <= mostRows ? shared : []
    }

    /// Seconds since 1970 as `2024-03-31 02:00`.
    private static func time(_ seconds: Int64) -> String {
        let day = Day(number: Int(seconds >= 0 ? seconds / 86_400 : -((86_399 - seconds) / 86_400)))
        let minute = Int(seconds - Int64(day.number) * 86_400) / 60
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(day.iso) \(two(minute / 60)):\(two(minute % 60))"
    }
}
