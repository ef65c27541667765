package import Core

/// The date as HTTP writes it (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    package static func text(_ moment: Moment) -> String {
        let text = moment.description
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        // Day 0, 1970-01-01, was a Thursday.
        let day = Int((moment.seconds / 86_400) % 7)
        let month = Int(text.dropFirst(5).prefix(2)) ?? 1
        return
            "\(days[max(0, day)]), \(text.dropFirst(8).prefix(2)) \(months[month - 1]) \(text.prefix(4)) \(text.dropFirst(11).prefix(8)) GMT"
    }
}
