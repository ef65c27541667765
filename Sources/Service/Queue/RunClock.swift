public import Core

/// Where the executor's time and random numbers come from.
public protocol RunClock: Sendable {
    /// The time now, with a random number that was not given before.
    var now: RunQueue.Now { get }

    /// Returns at `instant` or later; throws when the task is cancelled.
    func sleep(until instant: ContinuousClock.Instant) async throws
}

/// The system's clocks and random numbers.
public struct SystemRunClock: RunClock {
    private let wall: @Sendable () -> Moment

    /// - Parameter wall: The time of day; it is read where the program reads its clock.
    public init(wall: @escaping @Sendable () -> Moment) { self.wall = wall }

    /// The time now.
    public var now: RunQueue.Now {
        RunQueue.Now(instant: .now, moment: wall(), random: UInt64.random(in: .min ... .max))
    }

    /// Sleeps without a thread.
    public func sleep(until instant: ContinuousClock.Instant) async throws { try await ContinuousClock().sleep(until: instant) }
}
