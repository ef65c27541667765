import Core

/// The forms of time in which services and tools write the end of credentials.
package enum ServiceTime {
    /// Unix seconds of `2026-01-31T06:05:04Z`, with an optional fraction (dropped), `UTC` or an offset instead of `Z`; nil for other forms.
    package static func seconds(_ text: String) -> Int64? {
        guard text.utf8.count <= 40, let day = Day(iso: String(text.prefix(10))) else { return nil }
        let rest = text.dropFirst(10)
        guard rest.first == "T" || rest.first == " ", let clock = clock(rest.dropFirst().prefix(8)) else { return nil }
        var zone = rest.dropFirst(9)
        if zone.first == "." {
            let fraction = zone.dropFirst().prefix { $0.isASCII && $0.isNumber }
            guard !fraction.isEmpty else { return nil }
            zone = zone.dropFirst(1 + fraction.count)
        }
        guard let offset = offset(zone) else { return nil }
        return Int64(day.number) * 86_400 + clock - offset
    }

    /// `06:05:04` as seconds.
    private static func clock(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = two(parts[0]), let minute = two(parts[1]), let second = two(parts[2]),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// `Z`, `UTC`, `+02:00` or `-0530` as seconds east of Greenwich.
    private static func offset(_ text: Substring) -> Int64? {
        if text == "Z" || text == "UTC" { return 0 }
        guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
        let digits = text.dropFirst().filter { $0 != ":" }
        guard digits.count == 4, text.count == 5 || (text.count == 6 && Array(text)[3] == ":"),
            let hour = two(digits.prefix(2)), let minute = two(digits.suffix(2)), hour < 24, minute < 60
        else { return nil }
        return (sign == "-" ? -1 : 1) * (hour * 3600 + minute * 60)
    }

    private static func two(_ text: some StringProtocol) -> Int64? {
        text.utf8.count == 2 && text.utf8.allSatisfy { (48...57).contains($0) } ? Int64(text) : nil
    }
}
