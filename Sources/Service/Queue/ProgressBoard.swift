import Synchronization

/// How much of each run in progress is done, written by the runs' own threads.
public final class ProgressBoard: Sendable {
    private struct Share {
        let total: Int
        var percent = 0
    }

    private let shares = Mutex<[String: Share]>([:])

    /// No run.
    public init() {}

    /// A run begins to make rows.
    /// - Parameters:
    ///   - run: The run's id.
    ///   - rows: Rows of the panel, 1 or more.
    public func begin(_ run: String, rows: Int) { shares.withLock { $0[run] = Share(total: max(1, rows)) } }

    /// - Parameters:
    ///   - run: The id of a run that has begun.
    ///   - rows: Rows made so far.
    /// - Returns: Whether the number of percent is another one than before.
    public func note(_ run: String, rows: Int) -> Bool {
        shares.withLock { shares in
            guard let share = shares[run] else { return false }
            let percent = min(100, Int(100 * Double(rows) / Double(share.total)))
            shares[run]?.percent = percent
            return percent != share.percent
        }
    }

    /// The run is over.
    public func remove(_ run: String) { shares.withLock { $0[run] = nil } }

    /// Percent done, 0 for a run that has told nothing yet.
    public func percent(_ run: String) -> Int { shares.withLock { $0[run]?.percent ?? 0 } }
}
