/// How long to wait before a failed run is tried again: exponential back-off with full jitter.
///
/// ```
/// wait = random in 0..<1  *  min(cap, base * 2^(failures - 1))
/// ```
/// Full jitter spreads datasets that failed together, on a full disk or a store that is down, over the whole interval.
///
/// Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
public struct RetryPolicy: Hashable, Sendable {
    /// The ceiling of the first wait.
    public var base: Duration
    /// The ceiling of every wait.
    public var cap: Duration
    /// No try begins later than this after the end of the first one.
    public var maximumAge: Duration

    /// - Parameters: As the properties of the same names, positive. By default 5 s, 5 min and 24 h.
    public init(base: Duration = .seconds(5), cap: Duration = .seconds(300), maximumAge: Duration = .seconds(86_400)) {
        precondition(base > .zero && cap >= base && maximumAge > .zero, "a wait is positive, and its cap not below its base")
        self.base = base
        self.cap = cap
        self.maximumAge = maximumAge
    }

    /// The longest that a wait may be.
    /// - Parameter failures: Failed tries so far, 1 or more.
    public func ceiling(afterFailures failures: Int) -> Duration {
        precondition(failures >= 1, "a retry follows a failure")
        var ceiling = base
        for _ in 1..<failures where ceiling < cap { ceiling = min(cap, ceiling * 2) }
        return ceiling
    }

    /// The wait.
    /// - Parameters:
    ///   - failures: Failed tries so far, 1 or more.
    ///   - random: Any random number.
    public func delay(afterFailures failures: Int, random: UInt64) -> Duration {
        // The upper 53 bits, as many as a Double in 0..<1 holds.
        ceiling(afterFailures: failures) * (Double(random >> 11) * 0x1p-53)
    }
}
