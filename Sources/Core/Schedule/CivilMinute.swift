/// A minute of a wall clock: a day and the minutes since its midnight, without a time zone.
public struct CivilMinute: Hashable, Comparable, Sendable {
    /// The day.
    public let day: Day
    /// Minutes since midnight as the clock shows them, 0...1439.
    public let minute: Int

    /// - Parameters:
    ///   - day: The day.
    ///   - minute: 0...1439.
    public init(day: Day, minute: Int) {
        precondition(0..<1440 ~= minute, "a day has 1440 minutes")
        self.day = day
        self.minute = minute
    }

    /// The first minute that starts at or after a reading of the clock.
    ///
    /// - Parameter reading: Seconds from 1970-01-01T00:00:00 to the reading, both as the same clock shows them.
    public init(atOrAfter reading: Int64) {
        let minutes = -Self.floor(-reading, 60)
        let day = Self.floor(minutes, 1440)
        self.init(day: Day(number: Int(day)), minute: Int(minutes - day * 1440))
    }

    /// Seconds from 1970-01-01T00:00:00 to this minute, both as the same clock shows them.
    public var reading: Int64 { Int64(day.number) * 86_400 + Int64(minute) * 60 }

    /// Earlier minutes are less.
    public static func < (left: CivilMinute, right: CivilMinute) -> Bool { (left.day, left.minute) < (right.day, right.minute) }

    private static func floor(_ value: Int64, _ unit: Int64) -> Int64 { value >= 0 ? value / unit : -((-value + unit - 1) / unit) }
}

extension CivilMinute: CustomStringConvertible {
    /// `2024-03-31 02:30`.
    public var description: String { "\(day) \(Self.clock(minute))" }

    /// `02:30`.
    static func clock(_ minute: Int) -> String { "\(twoDigits(minute / 60)):\(twoDigits(minute % 60))" }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
