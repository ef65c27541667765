/// A point in time in whole seconds, read from the clock by the caller: nothing here looks at a clock.
public struct Moment: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let seconds: Int64

    /// - Parameter seconds: Seconds since 1970-01-01T00:00:00Z.
    public init(secondsSince1970 seconds: Int64) { self.seconds = seconds }

    /// Reads what `description` writes; nil for any other form.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 20, bytes[10] == UInt8(ascii: "T"), bytes[19] == UInt8(ascii: "Z"), let day = Day(iso: String(text.prefix(10)))
        else { return nil }
        let parts = text.dropFirst(11).dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { byte in (48...57).contains(byte) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), let second = Int(parts[2]), hour < 24, minute < 60, second < 60
        else { return nil }
        seconds = Int64(day.number * 86_400 + hour * 3600 + minute * 60 + second)
    }

    /// `2026-01-31T06:05:04Z` (RFC 3339, always UTC).
    public var description: String {
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let second = Int(rest < 0 ? rest + 86_400 : rest)
        let day = Day(number: Int(rest < 0 ? days - 1 : days))
        return "\(day.iso)T\(Self.two(second / 3600)):\(Self.two(second / 60 % 60)):\(Self.two(second % 60))Z"
    }

    /// Orders by time.
    public static func < (left: Moment, right: Moment) -> Bool { left.seconds < right.seconds }

    /// The moment `hours` later.
    public func adding(hours: Int) -> Moment { Moment(secondsSince1970: seconds + Int64(hours) * 3600) }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
