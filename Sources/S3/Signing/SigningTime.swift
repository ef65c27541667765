import Core

/// An instant as Signature V4 writes it: `20130524T000000Z`, and its day `20130524`.
package struct SigningTime: Hashable, Sendable {
    /// Day and time, UTC.
    package let stamp: String
    /// The first eight digits of `stamp`.
    package var day: String { String(stamp.prefix(8)) }

    /// - Parameter seconds: Unix seconds.
    package init(seconds: Int64) {
        stamp = String(Moment(secondsSince1970: seconds).description.filter { $0 != "-" && $0 != ":" })
    }

    /// - Parameter stamp: Already in the form above.
    package init(stamp: String) { self.stamp = stamp }
}

/// Dates of HTTP headers, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
package enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Unix seconds, or nil for any other form.
    package static func seconds(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), (1...31).contains(day), let year = Int(parts[3]),
            (1970...9999).contains(year), let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        let time = parts[4].split(separator: ":").compactMap { Int64($0) }
        guard time.count == 3, (0..<24).contains(time[0]), (0..<60).contains(time[1]), (0...60).contains(time[2]) else { return nil }
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        guard let date = Day(iso: "\(year)-\(padded(month + 1))-\(padded(day))") else { return nil }
        return Int64(date.number) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    }
}
