extension Publisher {
    /// Work within one session, which is closed however that ends: what runs and commits share.
    ///
    /// - Parameters:
    ///   - dataset: The dataset's name.
    ///   - rawPrefix: Where its files are.
    ///   - recovered: Told what an earlier run had left, where it left anything.
    /// - Throws: What `work` throws and what opening throws, as a run's error.
    static func withSession<Result: Sendable>(
        _ store: any ObjectStore, dataset: String, rawPrefix: String, recovered: (RecoveryReport) -> Void,
        _ work: (PublisherSession) async throws -> Result
    ) async throws(RunError) -> Result {
        do {
            let session = try await open(store, dataset: dataset, prefixes: [rawPrefix])
            if !session.recovery.isClean { recovered(session.recovery) }
            do {
                let result = try await work(session)
                await session.close()
                return result
            } catch {
                await session.close()
                throw error
            }
        } catch {
            throw RunError.ending(error)
        }
    }
}

extension RunError {
    /// What a run or a part of one ends with. A store that waits for a network ends a cancelled call with an error of its own.
    static func ending(_ error: any Error) -> RunError {
        if let error = error as? StoreError, Task.isCancelled, error.outcome != .unknown { return .cancelled }
        return RunError(error)
    }
}
