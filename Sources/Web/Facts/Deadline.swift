import Hummingbird

/// What must be read from a store before an answer can be made has so long and no longer: a bucket that does not answer must not keep a
/// browser waiting for as long as a run would try.
enum Deadline {
    /// - Throws: What `work` throws, or that the store did not answer.
    static func within<Value: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async throws(WebProblem) -> Value {
        do {
            return try await withThrowingTaskGroup(of: Value.self) { race in
                race.addTask { try await work() }
                race.addTask {
                    try await Task.sleep(for: limit)
                    throw WebProblem(.gatewayTimeout, "store-slow", "The store of the dataset did not answer in time. Try again.")
                }
                defer { race.cancelAll() }
                guard let value = try await race.next() else { throw CancellationError() }
                return value
            }
        } catch let problem as WebProblem {
            throw problem
        } catch {
            throw WebProblem(.serviceUnavailable, "stopping", "The service is stopping. Try again when it is back.")
        }
    }
}
