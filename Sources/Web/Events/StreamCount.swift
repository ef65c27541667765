import Synchronization

/// How many streams of events are open.
final class StreamCount: Sendable {
    /// A place among the open streams, given back with its last reference: an answer that is never sent gives it back, too.
    final class Lease: Sendable {
        private let count: StreamCount

        fileprivate init(_ count: StreamCount) { self.count = count }

        deinit { count.open.withLock { $0 -= 1 } }
    }

    private let limit: Int
    private let open = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// A place, or nil where all are taken.
    func enter() -> Lease? {
        let isFree = open.withLock { open in
            guard open < limit else { return false }
            open += 1
            return true
        }
        return isFree ? Lease(self) : nil
    }
}
