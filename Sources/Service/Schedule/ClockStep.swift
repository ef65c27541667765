/// What a jump of the wall clock means for schedules, as cron(8) has it.
public enum ClockStep: Equatable, Sendable {
    /// No jump worth the name.
    case none
    /// Forward, or the machine slept: times in between were missed.
    case forward(seconds: Int64)
    /// Back by less than three hours: fixed times that had their turn have none again.
    case shortlyBack(seconds: Int64)
    /// Back by three hours or more: the clock was wrong before, so the new time counts.
    case farBack(seconds: Int64)

    /// Jumps back by this many seconds or more make the new time count.
    public static let far: Int64 = 3 * 3_600

    /// Differences up to this many seconds are no jump: the two clocks are read one after the other, and time synchronisation slews.
    public static let tolerance: Int64 = 1

    /// An instant that every machine running this program has passed, 2026-01-01. A clock before it has not been set since the machine
    /// started without a battery; schedules wait for it.
    public static let earliestPlausibleTime: Int64 = 1_767_225_600

    /// - Parameters:
    ///   - expected: What the clock would show had nobody touched it: an earlier reading plus the monotonic time since.
    ///   - actual: What it shows.
    public init(expected: Int64, actual: Int64) {
        let jump = actual - expected
        switch jump {
        case -Self.tolerance...Self.tolerance: self = .none
        case (Self.tolerance + 1)...: self = .forward(seconds: jump)
        case (-Self.far + 1)...: self = .shortlyBack(seconds: -jump)
        default: self = .farBack(seconds: -jump)
        }
    }
}
