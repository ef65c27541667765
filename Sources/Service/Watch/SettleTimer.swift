/// When the directory has been quiet for long enough to be read (W4).
///
/// ```
/// event  event     event                         read
/// --|------|---------|---------------------------|      quiet time after the last event, at most maxWait after the first
/// ```
/// While a file was modified and not yet closed its writer is at work, so the quiet time does not count.
struct SettleTimer: Sendable {
    let quiet: Duration
    let maxWait: Duration
    private var first: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?
    private var writing: Set<Place> = []

    init(quiet: Duration, maxWait: Duration) {
        self.quiet = quiet
        self.maxWait = maxWait
    }

    /// When to read; nil while there is no reason to.
    var deadline: ContinuousClock.Instant? {
        guard let first, let last else { return nil }
        let latest = first + maxWait
        return writing.isEmpty ? min(last + quiet, latest) : latest
    }

    /// Something happened.
    mutating func touch(at now: ContinuousClock.Instant) {
        first = first ?? now
        last = now
    }

    /// Something happened to `place`.
    mutating func touch(_ place: Place, _ mask: InotifyEvent.Mask, at now: ContinuousClock.Instant) {
        touch(at: now)
        if mask.contains(.modify) { writing.insert(place) }
        if !mask.isDisjoint(with: [.closeWrite, .delete, .movedFrom, .movedTo]) { writing.remove(place) }
    }

    /// The directory is read; what comes now is new.
    mutating func reset() {
        first = nil
        last = nil
        writing = []
    }
}
