/// Lets at most one status through per interval and keeps only the newest of those that come too soon.
///
/// Pure: the caller passes the time in and sends what comes out.
public struct StatusThrottle: Sendable {
    private let interval: Duration
    private var lastSent: (text: String, at: ContinuousClock.Instant)?
    private var held: String?

    /// - Parameter interval: Least time between two statuses.
    public init(interval: Duration = .seconds(1)) { self.interval = interval }

    /// When the held status may go, or nil if none is held.
    public var nextDue: ContinuousClock.Instant? { held == nil ? nil : lastSent.map { $0.at + interval } }

    /// A new status.
    /// - Returns: The text to send now, or nil: it is held, or it is the one last sent.
    public mutating func offer(_ text: String, now: ContinuousClock.Instant) -> String? {
        if let lastSent {
            if lastSent.text == text {
                held = nil
                return nil
            }
            if now < lastSent.at + interval {
                held = text
                return nil
            }
        }
        return send(text, now: now)
    }

    /// The held status, if its time has come.
    public mutating func due(now: ContinuousClock.Instant) -> String? {
        guard let held, let nextDue, now >= nextDue else { return nil }
        return send(held, now: now)
    }

    /// A status went along with another message: it replaces a held one, and counts.
    public mutating func noteSent(_ text: String, now: ContinuousClock.Instant) { _ = send(text, now: now) }

    private mutating func send(_ text: String, now: ContinuousClock.Instant) -> String {
        held = nil
        lastSent = (text, now)
        return text
    }
}
