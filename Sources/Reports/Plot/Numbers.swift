/// Numbers as people read them; the same digits everywhere, because nothing here asks the C library or a locale.
package enum Numbers {
    /// Thousands with commas: 1234567 as `1,234,567`.
    package static func grouped(_ value: Int) -> String {
        var digits = Substring(String(value.magnitude))
        var groups: [Substring] = []
        while digits.utf8.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        return (value < 0 ? "\u{2212}" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// So many decimals, thousands with commas, a true minus sign.
    package static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "\u{2013}" : value < 0 ? "\u{2212}\u{221E}" : "\u{221E}" }
        let scale = power(decimals)
        guard (value * scale).magnitude < 9e15 else { return "\(value)" }
        let whole = Int((value * scale).rounded())
        let (integer, rest) = (whole.magnitude / UInt(scale), whole.magnitude % UInt(scale))
        var text = (whole < 0 ? "\u{2212}" : "") + grouped(Int(integer))
        if decimals > 0 {
            let digits = String(rest)
            text += "." + String(repeating: "0", count: decimals - digits.utf8.count) + digits
        }
        return text
    }

    /// Four digits or so: `45.02`, `1,234`, `0.0123`.
    package static func readable(_ value: Double) -> String {
        if value == 0 { return "0" }
        return fixed(value, decimals(for: value))
    }

    /// The same without zeros at the end.
    package static func trimmed(_ value: Double) -> String {
        let text = readable(value)
        guard text.contains(".") else { return text }
        let kept = text.reversed().drop { $0 == "0" }
        return String(kept.first == "." ? kept.dropFirst().reversed() : kept.reversed())
    }

    /// Decimals that give a value about four digits.
    package static func decimals(for value: Double) -> Int {
        var (decimals, limit) = (3, 1.0)
        let size = value.magnitude
        if size >= 1 {
            while decimals > 0, size >= 10 * limit { (decimals, limit) = (decimals - 1, limit * 10) }
            return size >= 1000 ? 0 : min(decimals, 2)
        }
        while decimals < 9, size < limit { (decimals, limit) = (decimals + 1, limit / 10) }
        return decimals
    }

    /// Three significant digits, and all of those before the point: `45.0`, `0.00312`, `1,235`, `3.10e-7`. An ordinary minus sign, for terminals and logs.
    package static func significant(_ value: Double) -> String {
        let size = value.magnitude
        guard size > 1e-290, size < 1e290 else { return value == 0 ? "0" : "\(value)" }
        var exponent = 0
        if size >= 1 {
            while size >= power(exponent + 1) { exponent += 1 }
        } else {
            while size * power(-exponent) < 1 { exponent -= 1 }
        }
        var digits = Int((exponent > 2 ? size / power(exponent - 2) : size * power(2 - exponent)).rounded())
        if digits == 1000 { (digits, exponent) = (100, exponent + 1) }
        let sign = value < 0 ? "-" : ""
        func text(_ decimals: Int) -> String {
            let rest = String(digits % Int(power(decimals)))
            return "\(digits / Int(power(decimals)))." + String(repeating: "0", count: decimals - rest.utf8.count) + rest
        }
        if exponent >= 15 || exponent < -4 { return sign + text(2) + "e\(exponent)" }
        return sign + (exponent >= 2 ? grouped(Int(size.rounded())) : text(2 - exponent))
    }

    /// A share of one in per cent: `0.50 %`.
    package static func percent(_ share: Double) -> String { fixed(share * 100, 2) + " %" }

    /// Bytes with a binary unit: `1.2 MiB`.
    package static func bytes(_ value: UInt64) -> String {
        var scaled = Double(value)
        for unit in ["bytes", "KiB", "MiB", "GiB"] {
            if scaled < 1024 { return fixed(scaled, unit == "bytes" ? 0 : 1) + " " + unit }
            scaled /= 1024
        }
        return fixed(scaled, 1) + " TiB"
    }

    /// For machines: so many decimals, no commas, an ordinary minus sign; empty where there is no value.
    package static func plain(_ value: Double?, _ decimals: Int) -> String {
        guard let value, value.isFinite else { return "" }
        let scale = power(decimals)
        guard (value * scale).magnitude < 9e15 else { return "\(value)" }
        let whole = Int((value * scale).rounded())
        guard decimals > 0 else { return String(whole) }
        let rest = String(whole.magnitude % UInt(scale))
        return (whole < 0 ? "-" : "") + String(whole.magnitude / UInt(scale)) + "."
            + String(repeating: "0", count: decimals - rest.utf8.count) + rest
    }

    /// A power of ten.
    package static func power(_ exponent: Int) -> Double { (0..<max(0, exponent)).reduce(1.0) { power, _ in power * 10 } }
}
