/// One look at both clocks, the one that is set and the one that never jumps: the next look tells whether the first was set in between.
public struct ClockReading: Sendable {
    private var wall: Int64
    private var instant: ContinuousClock.Instant

    /// - Parameters:
    ///   - wall: The time of day, Unix seconds.
    ///   - instant: The same moment on the clock that never jumps.
    public init(wall: Int64 = WallClockTimer.now, instant: ContinuousClock.Instant = .now) {
        self.wall = wall
        self.instant = instant
    }

    /// The next look.
    /// - Parameters:
    ///   - wall: The time of day, Unix seconds.
    ///   - instant: The same moment on the clock that never jumps.
    /// - Returns: What happened to the time of day since the last one.
    public mutating func advance(to wall: Int64, instant: ContinuousClock.Instant = .now) -> ClockStep {
        let expected = self.wall + Int64((instant - self.instant) / .seconds(1))
        self = ClockReading(wall: wall, instant: instant)
        return ClockStep(expected: expected, actual: wall)
    }
}
