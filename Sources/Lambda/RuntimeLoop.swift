/// Serves invocations one after the other: waits for an event, lets the handler work on it ahead of its deadline, reports.
///
/// ```
/// |-- work --|-- cancelled: margin, 2 to 15 s --|-- 0.5 s --|     an answer goes out before the last half second, whatever the work does
/// now                                                  deadline
/// ```
/// An invocation leaves nothing behind for the next one but what the handler itself keeps: work that goes on after its end ends the process. The
/// loop ends when the Runtime API is gone, which is how Lambda ends a function.
public struct RuntimeLoop: Sendable {
    /// What happened, for logs.
    public enum Event: Sendable, Hashable {
        case began(Invocation)
        case answered(requestID: String, bytes: Int)
        case failed(requestID: String, InvocationFailure)
        /// The service did not take an answer or an error; the next event is waited for.
        case answerRefused(requestID: String, status: UInt)
    }

    private let api: RuntimeAPI
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - api: Where events come from.
    ///   - now: The wall clock in milliseconds since 1970, which deadlines are told in.
    public init(_ api: RuntimeAPI, now: @escaping @Sendable () -> Int64) {
        self.api = api
        self.now = now
    }

    /// Serves until the Runtime API is gone, or until a run cannot be stopped.
    ///
    /// - Parameters:
    ///   - observe: Called on the main actor.
    ///   - handler: Works on an event and returns the answer's JSON text. It runs on the main actor, is cancelled ahead of the deadline, and throws
    ///     `InvocationFailure`, or `CancellationError` where it was cancelled.
    @MainActor
    public func run(
        observe: @MainActor (Event) -> Void, handler: @escaping @MainActor @Sendable (Invocation) async throws -> [UInt8]
    ) async throws(RuntimeAPI.Problem) {
        while true {
            let (id, found) = try await api.next()
            var result: Outcome
            switch found {
            case .success(let invocation):
                observe(.began(invocation))
                result = await work(on: invocation, handler)
            case .failure(let failure): result = .failed(failure)
            }
            if case .answer(let answer) = result {
                switch try await api.respond(id, answer) {
                case .accepted: observe(.answered(requestID: id, bytes: answer.count))
                case .refused(413):
                    let reason = "The answer of \(answer.count) bytes is larger than Lambda takes."
                    result = .failed(InvocationFailure("Answer.TooLarge", reason))
                case .refused(let status): observe(.answerRefused(requestID: id, status: status))
                }
            }
            if let failure = result.failure {
                observe(.failed(requestID: id, failure))
                if case .refused(let status) = try await api.fail(id, failure) { observe(.answerRefused(requestID: id, status: status)) }
            }
            if case .stuck = result {
                throw RuntimeAPI.Problem(description: "A run did not end when it was stopped, so the function ends and starts afresh.")
            }
        }
    }

    /// How the work on an invocation ended.
    private enum Outcome: Sendable {
        case answer([UInt8])
        case failed(InvocationFailure)
        /// It goes on although it was cancelled, so it would meet the next invocation.
        case stuck(InvocationFailure)

        var failure: InvocationFailure? {
            switch self {
            case .answer: nil
            case .failed(let failure), .stuck(let failure): failure
            }
        }
    }

    @MainActor
    private func work(
        on invocation: Invocation, _ handler: @escaping @MainActor @Sendable (Invocation) async throws -> [UInt8]
    ) async -> Outcome {
        let budget = TimeBudget(deadline: invocation.deadline, now: now())
        guard budget.work > 0 else {
            return .failed(
                InvocationFailure(
                    "Deadline.TooNear",
                    "The function is ended in \(budget.remaining) ms, and \(budget.margin) ms are kept for ending in order, so nothing was begun. "
                        + "Give the function a longer timeout."))
        }
        let task = Task { @MainActor () -> Outcome? in
            do {
                return .answer(try await handler(invocation))
            } catch let failure as InvocationFailure {
                return .failed(failure)
            } catch {
                return nil
            }
        }
        let over =
            "The function's time is over, \(budget.margin) ms of it kept for ending in order, so the run was stopped. What was published before is "
            + "untouched. Give the function a longer timeout, or make more shards."
        let first = FirstOutcome()
        // Not on the main actor, which the handler may keep busy.
        let timer = Task.detached {
            guard (try? await Task.sleep(for: .milliseconds(budget.work))) != nil else { return }
            task.cancel()
            guard (try? await Task.sleep(for: .milliseconds(budget.end - budget.work))) != nil else { return }
            let more = " It had not ended when this was sent; the next run removes its traces."
            first.offer(.stuck(InvocationFailure("Deadline.Exceeded", over + more)))
        }
        Task { first.offer(await task.value ?? .failed(InvocationFailure("Deadline.Exceeded", over + " Nothing was published."))) }
        let outcome = await first.value()
        timer.cancel()
        return outcome
    }

    /// The first of several outcomes; later ones are dropped.
    private final class FirstOutcome: Sendable {
        private let stream = AsyncStream.makeStream(of: Outcome.self, bufferingPolicy: .bufferingOldest(1))

        func offer(_ outcome: Outcome) { stream.continuation.yield(outcome) }

        func value() async -> Outcome {
            var iterator = stream.stream.makeAsyncIterator()
            guard let outcome = await iterator.next() else { preconditionFailure("nobody finishes the stream") }
            return outcome
        }
    }
}
