/// How long an invocation may work: until some time before the function is ended, which is kept for taking back what was begun.
struct TimeBudget: Sendable, Hashable {
    /// Milliseconds to the deadline.
    let remaining: Int64

    /// - Parameters:
    ///   - deadline: When the function is ended, in milliseconds since 1970.
    ///   - now: The same clock.
    init(deadline: Int64, now: Int64) {
        // A year at most, so that no sum overflows.
        remaining = min(max(0, deadline.subtractingReportingOverflow(now).partialValue), 31_536_000_000)
    }

    /// A tenth of what is left, at least 2 and at most 15 seconds: enough for aborting uploads and giving a lock back.
    var margin: Int64 { min(max(2_000, remaining / 10), 15_000) }

    /// Milliseconds after which an answer goes out although the work has not ended: half a second before the deadline.
    var end: Int64 { max(0, remaining - 500) }

    /// Milliseconds of work; 0 where there is time for none.
    var work: Int64 { max(0, remaining - margin) }
}
