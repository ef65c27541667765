/// Points in time as the config writes them: `2024-03-31`, `2024-03-31T02:00`, `2024-03-31T02:00:00Z`; always UTC.
enum TimestampText {
    /// What follows the day, as a regular expression.
    static let timePattern = "(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?Z?)?"

    /// Seconds since 1970-01-01T00:00Z; nil for any other form and for days that do not exist.
    static func seconds(_ text: String) -> Int64? {
        var bytes = Array(text.utf8)[...]
        guard bytes.count >= 10, let day = Day(iso: String(decoding: bytes.prefix(10), as: UTF8.self)) else { return nil }
        bytes = bytes.dropFirst(10)
        let midnight = Int64(day.number) * 86_400
        guard !bytes.isEmpty else { return midnight }
        if bytes.last == UInt8(ascii: "Z") { bytes.removeLast() }
        guard bytes.popFirst() == UInt8(ascii: "T") else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard 2...3 ~= parts.count, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isDigit) }) else { return nil }
        let numbers = parts.compactMap { Int64(String(decoding: $0, as: UTF8.self)) }
        guard numbers[0] < 24, numbers.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
        return midnight + numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
    }

    /// The shortest of these texts: a day for midnight.
    static func text(_ seconds: Int64) -> String {
        let day = floorDivide(Int(seconds), 86_400)
        let rest = Int(seconds) - day * 86_400
        return Day(number: day).iso + (rest == 0 ? "" : time(rest))
    }

    /// The longest of these texts, of the same length for all times of four-digit years.
    static func full(_ seconds: Int64) -> String {
        let day = floorDivide(Int(seconds), 86_400)
        return Day(number: day).iso + time(Int(seconds) - day * 86_400)
    }

    private static func time(_ rest: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }
}
