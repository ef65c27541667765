/// Does what the queue decides: starts, stops and counts runs, and keeps its timer.
///
/// Every call changes the queue and acts before the next one; runs go on beside it, off the actor. The executor neither logs nor stores:
/// the owner does, in `perform` and `observe`.
public actor RunExecutor {
    /// Makes one run, from the durable note that it begins to its result. It never runs on the executor itself, and it answers
    /// cancellation by ending soon. The closure that it gets is to be called whenever the run made progress.
    public typealias Perform = @concurrent @Sendable (RunQueue.Run, @escaping @Sendable () -> Void) async -> RunResult

    /// What happens, in order.
    public enum Event: Hashable, Sendable {
        case started(RunQueue.Run)
        /// The run got on: the heartbeat of work.
        case progressed(RunQueue.Run)
        case cancelling(RunQueue.Run)
        case finished(RunQueue.Run, RunResult)
        case noted(RunQueue.Note)
        /// The executor did something: the heartbeat of the loop. `running` is 0 where no progress is to be expected of runs.
        case turned(running: Int)
    }

    private var queue: RunQueue
    private let clock: any RunClock
    private let perform: Perform
    private let observe: @Sendable (Event) -> Void
    private var tasks: [String: Task<Void, Never>] = [:]
    private var timer: (at: ContinuousClock.Instant, task: Task<Void, Never>)?
    private var drained: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - policy: The queue's bounds.
    ///   - clock: Time and random numbers.
    ///   - observe: Hears every event; called in their order, except `progressed`, which comes from the run's own thread. It must
    ///     not block.
    ///   - perform: Makes a run.
    public init(
        _ policy: RunQueue.Policy, clock: any RunClock, observe: @escaping @Sendable (Event) -> Void, perform: @escaping Perform
    ) {
        queue = RunQueue(policy)
        self.clock = clock
        self.observe = observe
        self.perform = perform
    }

    /// Asks for a run; see `RunQueue.trigger`.
    @discardableResult
    public func trigger(_ request: RunRequest) -> RunQueue.Acceptance {
        let (acceptance, actions) = queue.trigger(request, at: clock.now)
        act(on: actions)
        return acceptance
    }

    /// Asks for several runs as one step: no event of another caller comes between them.
    public func trigger(_ requests: [RunRequest]) { act(on: requests.flatMap { queue.trigger($0, at: clock.now).actions }) }

    /// Holds a dataset; see `RunQueue.pause`.
    @discardableResult
    public func pause(_ dataset: String) -> Bool {
        let changed = queue.pause(dataset)
        act(on: [])
        return changed
    }

    /// Ends a pause; see `RunQueue.resume`.
    @discardableResult
    public func resume(_ dataset: String) -> Bool {
        let (changed, actions) = queue.resume(dataset, at: clock.now)
        act(on: actions)
        return changed
    }

    /// Forgets a dataset whose config is gone; see `RunQueue.remove`.
    public func remove(_ dataset: String) {
        queue.remove(dataset)
        act(on: [])
    }

    /// Shows that the executor answers, also while nothing happens: `turned` is observed. For a watchdog's question.
    public func beat() { act(on: []) }

    /// The queue as it is now, for status.
    public var snapshot: RunQueue { queue }

    /// Starts nothing any more; what runs goes on until the drain deadline.
    public func close() { act(on: queue.shutdown(at: clock.now)) }

    /// After `close`: stops what still runs without waiting for the drain deadline.
    public func hurry() { act(on: queue.hurry(at: clock.now)) }

    /// Starts nothing any more, stops what still runs at the drain deadline, and returns when nothing runs. Any number of callers may wait.
    public func shutdown() async {
        act(on: queue.shutdown(at: clock.now))
        if queue.isDrained { return }
        await withCheckedContinuation { drained.append($0) }
    }

    private func wake() {
        timer = nil
        act(on: queue.wake(at: clock.now))
    }

    private func finish(_ run: RunQueue.Run, _ result: RunResult) {
        tasks[run.id] = nil
        observe(.finished(run, result))
        act(on: queue.finished(run.id, of: run.dataset, result, at: clock.now))
    }

    private func act(on actions: [RunQueue.Action]) {
        for action in actions {
            switch action {
            case .start(let run): start(run)
            case .cancel(let run):
                observe(.cancelling(run))
                tasks[run.id]?.cancel()
            case .note(let note): observe(.noted(note))
            }
        }
        setTimer()
        observe(.turned(running: tasks.count))
        if queue.isDrained {
            for waiting in drained { waiting.resume() }
            drained = []
        }
    }

    private func start(_ run: RunQueue.Run) {
        observe(.started(run))
        let (perform, observe) = (perform, observe)
        // Runs wait for disks on the threads they have; of a lower priority, these are not the threads that answer, tell and keep time.
        tasks[run.id] = Task(priority: .utility) {
            let result = await perform(run) { observe(.progressed(run)) }
            finish(run, result)
        }
    }

    private func setTimer() {
        let next = queue.nextWake
        guard next != timer?.at else { return }
        timer?.task.cancel()
        timer = next.map { instant in
            let clock = clock
            let task = Task {
                // A cancelled timer was replaced, so it must not wake.
                do { try await clock.sleep(until: instant) } catch { return }
                if !Task.isCancelled { wake() }
            }
            return (instant, task)
        }
    }
}
