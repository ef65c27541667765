import Core

/// Lets an operation that was begun come to its end although the caller's task is cancelled: some seconds later it is cancelled too.
enum Shield {
    static func run<Result: Sendable>(
        grace: Duration = .seconds(4), _ body: @escaping @Sendable () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let work = Task.detached { () -> Swift.Result<Result, StoreError> in
            do throws(StoreError) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            Task.detached {
                try? await Task.sleep(for: grace)
                work.cancel()
            }
        }.get()
    }
}

/// Turns at keys, within this process: for stores that do not honour conditions, where a write looks first.
actor KeyTurns {
    static let shared = KeyTurns()
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    func enter(_ key: String) async {
        guard waiting[key] != nil else {
            waiting[key] = []
            return
        }
        await withCheckedContinuation { waiting[key, default: []].append($0) }
    }

    func leave(_ key: String) {
        guard var line = waiting[key], !line.isEmpty else {
            waiting[key] = nil
            return
        }
        let next = line.removeFirst()
        waiting[key] = line
        next.resume()
    }
}
