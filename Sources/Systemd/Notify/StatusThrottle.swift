/// Lets at most one status through per interval.
///
/// Pure: the caller passes the time in and sends what comes out.
public struct StatusThrottle: Sendable {
    /// What becomes of a status.
    public enum Verdict: Equatable, Sendable {
        /// Send it now.
        case send
        /// It is the one last sent.
        case unchanged
        /// It comes too soon.
        case early
    }

    private let interval: Duration
    private var lastSent: (text: String, at: ContinuousClock.Instant)?

    /// - Parameter interval: Least time between two statuses.
    public init(interval: Duration = .seconds(1)) { self.interval = interval }

    /// A new status; one that may go counts as sent.
    public mutating func offer(_ text: String, now: ContinuousClock.Instant) -> Verdict {
        if let lastSent {
            if lastSent.text == text { return .unchanged }
            if now < lastSent.at + interval { return .early }
        }
        noteSent(text, now: now)
        return .send
    }

    /// A status went along with another message, and counts.
    public mutating func noteSent(_ text: String, now: ContinuousClock.Instant) { lastSent = (text, now) }
}
