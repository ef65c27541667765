/// When a call that failed is tried again, and after how long.
///
/// Full jitter: a wait is drawn evenly from zero to `base * 2^(try - 1)`, at most `cap`. Source: AWS SDKs reference guide, "Retry behavior"; the numbers
/// are its values of 2026.
package struct RetryPolicy: Sendable {
    /// Why a call failed, as far as waiting goes.
    package enum Cause: Sendable, Hashable {
        /// A dropped connection, a timeout, an error inside the service.
        case transient
        /// The service asks for fewer requests.
        case throttled

        /// Tokens that a retry takes from the quota.
        var cost: Int { self == .transient ? 14 : 5 }
        /// Upper bound of the first wait.
        var base: Duration { self == .transient ? .milliseconds(50) : .seconds(1) }
    }

    /// Tries in all, the first one included.
    package var attempts: Int
    /// Upper bound of every wait.
    package var cap: Duration

    /// - Parameters: As the properties of the same names.
    package init(attempts: Int = 6, cap: Duration = .seconds(20)) {
        self.attempts = attempts
        self.cap = cap
    }

    /// The wait before a retry.
    ///
    /// - Parameters:
    ///   - failed: Tries that have failed, 1 or more.
    ///   - share: Drawn evenly from 0..<1.
    ///   - asked: What the service asked for; it counts up to 5 s above our own bound.
    package func wait(after failed: Int, _ cause: Cause, share: Double, asked: Duration? = nil) -> Duration {
        let bound = min(cap, cause.base * (1 << min(failed - 1, 20)))
        let own = bound * share
        guard let asked else { return own }
        return max(own, min(asked, bound + .seconds(5)))
    }
}

/// The retry quota of one store: a bucket of tokens that retries take from and successes refill, so that a store in trouble sees fewer
/// retries, not more.
package struct RetryQuota: Sendable {
    /// Tokens of a full bucket.
    package static let capacity = 500
    /// Tokens left.
    package private(set) var tokens = RetryQuota.capacity

    /// A full bucket.
    package init() {}

    /// Takes the tokens of one retry.
    /// - Returns: False where there are too few; nothing was taken then.
    package mutating func take(_ cause: RetryPolicy.Cause) -> Bool {
        guard tokens >= cause.cost else { return false }
        tokens -= cause.cost
        return true
    }

    /// A call succeeded: gives back what its last retry took, or one token where it needed none.
    package mutating func succeed(after cause: RetryPolicy.Cause?) { tokens = min(Self.capacity, tokens + (cause?.cost ?? 1)) }
}
