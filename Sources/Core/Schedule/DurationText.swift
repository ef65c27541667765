/// Lengths of time as the config writes them: `90s`, `5m`, `1h30m`, `1d12h`.
public enum DurationText {
    /// The form as a regular expression, without anchors.
    static let pattern = "(?=[0-9])([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?"

    private static let units: [(letter: UInt8, seconds: Int64)] = [
        (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3_600), (UInt8(ascii: "m"), 60), (UInt8(ascii: "s"), 1),
    ]

    /// Reads days, hours, minutes and seconds, in this order, each at most once and at least one, with up to six digits each.
    ///
    /// - Returns: Seconds, or nil for any other form.
    public static func seconds(_ text: some StringProtocol) -> Int64? {
        var rest = Array(text.utf8)[...]
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        for unit in units {
            let digits = rest.prefix(while: \.isDigit)
            guard rest.dropFirst(digits.count).first == unit.letter else { continue }
            guard 1...6 ~= digits.count, let count = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
            total += count * unit.seconds
            rest = rest.dropFirst(digits.count + 1)
        }
        return rest.isEmpty ? total : nil
    }

    /// The canonical text, largest units first: 5400 is `1h30m`, 0 is `0s`.
    ///
    /// - Parameter seconds: 0 or more.
    public static func text(_ seconds: Int64) -> String {
        precondition(seconds >= 0, "a length of time is not negative")
        guard seconds > 0 else { return "0s" }
        var rest = seconds
        var result = ""
        for unit in units where rest >= unit.seconds {
            result += "\(rest / unit.seconds)\(Character(Unicode.Scalar(unit.letter)))"
            rest %= unit.seconds
        }
        return result
    }
}
