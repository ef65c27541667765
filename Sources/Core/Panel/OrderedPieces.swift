/// Makes pieces of work in parallel and hands them on in order.
///
/// ```
/// make(0), make(1), ... on any thread  ->  [ window of finished pieces ]  ->  take(0), take(1), ... where the caller runs
/// ```
enum OrderedPieces {
    /// - Parameters:
    ///   - count: How many pieces there are.
    ///   - window: Pieces that are begun and not yet handed on, at most: far more than threads, because the caller takes no finished piece in
    ///     while it is busy with one, and small pieces are finished soon.
    ///   - make: Makes a piece by its number.
    ///   - take: Gets the pieces in order, where the caller runs.
    /// - Throws: What `make` or `take` throws, or `CancellationError`.
    static func forEach<Piece: Sendable>(
        count: Int, window: Int, make: @escaping @Sendable (Int) async throws -> Piece, take: (Int, Piece) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, Piece).self) { tasks in
            var next = 0
            var taken = 0
            var waiting: [Int: Piece] = [:]
            func refill() {
                while next < count, next < taken + window {
                    let index = next
                    next += 1
                    tasks.addTask {
                        try Task.checkCancellation()
                        return (index, try await make(index))
                    }
                }
            }
            while taken < count {
                refill()
                guard let (index, piece) = try await tasks.next() else { preconditionFailure("pieces are under way until all are taken") }
                waiting[index] = piece
                while let ready = waiting.removeValue(forKey: taken) {
                    // Before each piece of work of this one.
                    refill()
                    try await take(taken, ready)
                    taken += 1
                }
            }
        }
    }
}
