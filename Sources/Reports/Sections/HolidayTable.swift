import Core

/// The holidays that the charts mark, by calendar and name: what a mark says to who points at it, for paper and phones.
struct HolidayTable {
    let calendars: [CalendarMarks.Lane]

    private static let mostNames = 400

    func markup() -> Markup {
        var out = Markup()
        out.raw(
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Holidays\"><table class=\"holidays\" data-chart=\"holidays\">"
        )
        out.raw("<caption class=\"sr\">Holidays in the window</caption><thead><tr><th scope=\"col\">holiday<th scope=\"col\">days</thead>")
        var left = Self.mostNames
        for calendar in calendars {
            let names = Self.names(calendar)
            out.raw("<tbody data-calendar=\"")
            out.text(calendar.name)
            out.raw("\"><tr><th scope=\"rowgroup\" colspan=\"2\"><bdi>")
            out.text(calendar.regions.isEmpty ? calendar.name : "\(calendar.name): \(calendar.regions.joined(separator: ", "))")
            out.raw("</bdi>")
            for (label, days) in names.prefix(left) {
                out.raw("<tr><th scope=\"row\"><bdi>")
                out.text(label)
                out.raw("</bdi><td>")
                out.raw(days.map { "<time>\($0.iso)</time>" }.joined(separator: ", "))
            }
            if names.count > left { out.raw("<tr><td colspan=\"2\" class=\"more\">and \(Numbers.grouped(names.count - left)) more names") }
            left = max(0, left - names.count)
            out.raw("</tbody>")
        }
        out.raw("</table></div>\n")
        return out
    }

    /// Names in the order of their first day, with all their days.
    private static func names(_ calendar: CalendarMarks.Lane) -> [(label: String, days: [Day])] {
        var (names, places): ([(label: String, days: [Day])], [String: Int]) = ([], [:])
        for holiday in calendar.holidays {
            if let place = places[holiday.label] {
                names[place].days.append(holiday.day)
            } else {
                places[holiday.label] = names.count
                names.append((holiday.label, [holiday.day]))
            }
        }
        return names
    }
}
