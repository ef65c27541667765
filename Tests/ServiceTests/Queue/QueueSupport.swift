import Core
import Service
import Synchronization

/// A queue with a clock of its own: seconds since the test began.
struct QueueBench {
    static let epoch = ContinuousClock.now
    var queue: RunQueue
    var seconds: Double = 0
    /// What every call draws.
    var random: UInt64 = 0

    init(parallelism: Int = 1, retry: RetryPolicy = RetryPolicy(), drain: Duration = .seconds(10)) {
        queue = RunQueue(RunQueue.Policy(parallelism: parallelism, retry: retry, drain: drain))
    }

    /// The instant so many seconds after the test began.
    static func at(_ seconds: Double) -> ContinuousClock.Instant { epoch + .seconds(seconds) }

    /// Midnight of 2026-01-31 plus so many seconds.
    static func moment(_ seconds: Double) -> Moment { Moment(secondsSince1970: 1_769_817_600 + Int64(seconds)) }

    var now: RunQueue.Now { RunQueue.Now(instant: Self.at(seconds), moment: Self.moment(seconds), random: random) }

    mutating func trigger(
        _ dataset: String, _ reason: RunReason = .manual, due: Double? = nil, expires: Double? = nil, whileRunning: BusyPolicy = .skip
    ) -> (acceptance: RunQueue.Acceptance, actions: [RunQueue.Action]) {
        let request = RunRequest(dataset, reason, due: due.map(Self.moment), expires: expires.map(Self.at), whileRunning: whileRunning)
        return queue.trigger(request, at: now)
    }

    mutating func finish(_ run: RunQueue.Run, _ result: RunResult = .upToDate(.test(1, rows: 1))) -> [RunQueue.Action] {
        queue.finished(run.id, of: run.dataset, result, at: now)
    }

    mutating func wake() -> [RunQueue.Action] { queue.wake(at: now) }
}

extension [RunQueue.Action] {
    var started: [RunQueue.Run] {
        compactMap { action in
            if case .start(let run) = action { run } else { nil }
        }
    }

    var cancelled: [RunQueue.Run] {
        compactMap { action in
            if case .cancel(let run) = action { run } else { nil }
        }
    }

    var notes: [RunQueue.Note] {
        compactMap { action in
            if case .note(let note) = action { note } else { nil }
        }
    }
}

extension RunResult {
    static let storeBusy = RunResult.failed(RunFailure(.retryable, "the store is busy", exitCode: 75))
    static let forbidden = RunResult.failed(RunFailure(.permanent, "access is refused", exitCode: 77))
    static let badQuality = RunResult.failed(RunFailure(.quality, "the gate refused", exitCode: 65))
}

/// Time moves when the test says so.
final class ManualRunClock: RunClock {
    private struct State {
        var seconds = 0.0
        var calls: UInt64 = 0
        var sleepers: [UInt64: (until: ContinuousClock.Instant, waiting: CheckedContinuation<Void, any Error>)] = [:]
    }
    private let state = Mutex(State())

    var now: RunQueue.Now {
        state.withLock { state in
            state.calls += 1
            // The upper bits are all ones, so a wait is as long as its ceiling allows.
            return RunQueue.Now(
                instant: QueueBench.at(state.seconds), moment: QueueBench.moment(state.seconds), random: ~0 << 16 | state.calls)
        }
    }

    func sleep(until instant: ContinuousClock.Instant) async throws {
        let id = state.withLock { state in
            state.calls += 1
            return state.calls
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiting: CheckedContinuation<Void, any Error>) in
                let isOver = state.withLock { state in
                    // Cancellation comes with the lock free, so it finds the sleeper or has happened.
                    if Task.isCancelled || QueueBench.at(state.seconds) >= instant { return true }
                    state.sleepers[id] = (instant, waiting)
                    return false
                }
                if isOver { waiting.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id)?.waiting }?.resume(throwing: CancellationError())
        }
        try Task.checkCancellation()
    }

    func advance(by seconds: Double) {
        let woken = state.withLock { state in
            state.seconds += seconds
            let now = QueueBench.at(state.seconds)
            let due = state.sleepers.filter { $0.value.until <= now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.waiting)
        }
        for waiting in woken { waiting.resume() }
    }
}

/// Runs that end when the test says so, or when they are cancelled.
final class RunGates: Sendable {
    private struct State {
        var waiting: [String: CheckedContinuation<RunResult, Never>] = [:]
        var results: [String: RunResult] = [:]
    }
    private let state = Mutex(State())

    func result(of run: RunQueue.Run) async -> RunResult {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting in
                let result = state.withLock { state -> RunResult? in
                    if let result = state.results.removeValue(forKey: run.id) { return result }
                    if Task.isCancelled { return .cancelled }
                    state.waiting[run.id] = waiting
                    return nil
                }
                if let result { waiting.resume(returning: result) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: run.id) }?.resume(returning: .cancelled)
        }
    }

    func finish(_ run: RunQueue.Run, _ result: RunResult = .upToDate(.test(1, rows: 1))) {
        let waiting = state.withLock { state in
            let waiting = state.waiting.removeValue(forKey: run.id)
            if waiting == nil { state.results[run.id] = result }
            return waiting
        }
        waiting?.resume(returning: result)
    }
}

extension PublishedGeneration {
    /// Published at the bench's beginning, with one check that failed.
    static func test(_ generation: Int, rows: Int) -> PublishedGeneration {
        PublishedGeneration(number: generation, rows: rows, created: QueueBench.moment(0), failedChecks: 1)
    }
}
