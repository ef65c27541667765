extension DateExpression: LosslessStringConvertible {
    /// Reads a date of the config.
    ///
    /// ```
    /// expression = YYYY-MM-DD | "yesterday" | "tomorrow" | "today" offset*
    /// offset     = ("+" | "-") (number unit)+        the sign holds for all its terms: today-1y6m3d
    /// unit       = "d" | "w" | "m" | "y"             each at most once, in any order
    /// ```
    /// The offsets together may not leave 400 years either way. Lower case only, no spaces.
    ///
    /// - Parameter text: For example `2022-01-01`, `yesterday`, `today-4y`, `today+2w`.
    /// - Returns: nil for any other text.
    public init?(_ text: String) {
        switch text {
        case "yesterday": self = .relative(days: -1, months: 0)
        case "tomorrow": self = .relative(days: 1, months: 0)
        case _ where text.hasPrefix("today"):
            guard let offset = Self.offset(text.utf8.dropFirst(5)) else { return nil }
            self = .relative(days: offset.days, months: offset.months)
        default:
            guard let day = Day(iso: text) else { return nil }
            self = .fixed(day)
        }
    }

    /// The day meant on a given day: months first, clamped to the month's end, then days.
    ///
    /// - Parameter today: The civil day of the run.
    public func resolve(today: Day) -> Day {
        switch self {
        case .fixed(let day): day
        case .relative(let days, let months): today.adding(months: months) + days
        }
    }

    /// The canonical text; reading it gives this value again, if it is one that `init(_:)` can give.
    ///
    /// Weeks become days, twelve months a year: `today-2w` is `today-14d`, `today-18m` is `today-1y6m`, `today-1d` is `yesterday`.
    public var description: String {
        switch self {
        case .fixed(let day): return day.iso
        case .relative(-1, 0): return "yesterday"
        case .relative(1, 0): return "tomorrow"
        case .relative(let days, let months):
            var text = "today"
            var written = 0
            for (value, unit) in [(months / 12, "y"), (months % 12, "m"), (days, "d")] where value != 0 {
                if value.signum() != written {
                    written = value.signum()
                    text += value < 0 ? "-" : "+"
                }
                text += "\(value.magnitude)\(unit)"
            }
            return text
        }
    }

    private static func offset(_ text: Substring.UTF8View) -> (days: Int, months: Int)? {
        var days = 0
        var months = 0
        var sign = 0
        var value: Int?
        var termsSinceSign = 0
        var seen: Set<UInt8> = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "+"), UInt8(ascii: "-"):
                guard value == nil, sign == 0 || termsSinceSign > 0 else { return nil }
                sign = byte == UInt8(ascii: "+") ? 1 : -1
                termsSinceSign = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let next = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
                guard sign != 0, next <= maximumDays else { return nil }
                value = next
            case UInt8(ascii: "d"), UInt8(ascii: "w"), UInt8(ascii: "m"), UInt8(ascii: "y"):
                guard let count = value, seen.insert(byte).inserted else { return nil }
                switch byte {
                case UInt8(ascii: "d"): days += sign * count
                case UInt8(ascii: "w"): days += sign * count * 7
                case UInt8(ascii: "m"): months += sign * count
                default: months += sign * count * 12
                }
                value = nil
                termsSinceSign += 1
            default: return nil
            }
        }
        guard value == nil, sign == 0 || termsSinceSign > 0 else { return nil }
        // 4,800 months are exactly 146,097 days, so the sum of both shares of 400 years is exact in integers.
        guard abs(months) * maximumDays + abs(days) * maximumMonths <= maximumDays * maximumMonths else { return nil }
        return (days, months)
    }

    /// 400 years.
    private static let maximumDays = 146_097
    private static let maximumMonths = 4_800
}
