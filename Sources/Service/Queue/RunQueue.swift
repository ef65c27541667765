public import Core

/// Decides which runs start, wait, merge, are tried again or end. A value: methods take the time and return what to do.
///
/// ```
///             trigger                    room                     finished
///   (idle) ------------> ready (FIFO) -----------> running ---------------------> (idle), or ready again if one more is wanted
///                          ^                          | retryable failure
///                          +------ back-off over ---- waiting
/// ```
/// Invariants: at most `parallelism` runs; one run per dataset; at most one more run waits behind it, whatever the number of triggers.
/// Every dataset stands in the line once and goes to its end after a run, so none can starve another.
///
/// A failure that trying again cannot mend (permanent, quality) is not tried again by itself: the next change of the config, the next
/// scheduled time (another day, another window) or somebody's `trigger` is the next run.
public struct RunQueue: Sendable {
    /// The bounds of the queue.
    public struct Policy: Hashable, Sendable {
        /// Runs at the same time, 1 or more.
        public var parallelism: Int
        /// How failed runs are tried again.
        public var retry: RetryPolicy
        /// How long runs may go on after `shutdown` before they are stopped.
        public var drain: Duration

        /// - Parameters: As the properties of the same names.
        public init(parallelism: Int, retry: RetryPolicy = RetryPolicy(), drain: Duration = .seconds(10)) {
            precondition(parallelism >= 1, "without a run at a time nothing ever runs")
            self.parallelism = parallelism
            self.retry = retry
            self.drain = drain
        }
    }

    /// The time of a call and a random number for it: the run's id and the length of a wait come from there.
    public struct Now: Hashable, Sendable {
        /// A clock that never jumps.
        public var instant: ContinuousClock.Instant
        /// The time of day, for ids and records.
        public var moment: Moment
        /// Drawn anew for every call.
        public var random: UInt64

        /// - Parameters: As the properties of the same names.
        public init(instant: ContinuousClock.Instant, moment: Moment, random: UInt64) {
            self.instant = instant
            self.moment = moment
            self.random = random
        }
    }

    let policy: Policy
    var datasets: [String: Entry] = [:]
    /// The line: datasets that could start now.
    var ready: [String] = []
    var runningCount = 0
    /// When running runs are stopped; nil before `shutdown`.
    var drainDeadline: ContinuousClock.Instant?

    /// An empty queue.
    public init(_ policy: Policy) { self.policy = policy }

    /// Asks for a run.
    public mutating func trigger(_ request: RunRequest, at now: Now) -> (acceptance: Acceptance, actions: [Action]) {
        let name = request.dataset
        guard drainDeadline == nil else { return (.refused(.stopping), []) }
        var entry = datasets[name] ?? Entry()
        if entry.isPaused && request.reason == .manual { return (.refused(.paused), []) }
        if let expires = request.expires, expires <= now.instant {
            return (.refused(.tooLate), [.note(.expired(dataset: name, reason: request.reason, due: request.due))])
        }

        var actions: [Action] = []
        if let running = entry.running, !request.reason.isPrompt {
            switch request.whileRunning {
            case .skip where entry.next == nil && !request.isLaterDay(than: running.run):
                return (.skipped(blockedBy: running.run.id), [.note(.skipped(request, blockedBy: running.run.id))])
            case .cancelOld: actions += entry.cancel()
            case .skip, .queue: break
            }
        }
        let wasWanted = entry.next != nil
        entry.merge(request)
        datasets[name] = entry
        enqueue(name)
        actions += advance(at: now)
        return (acceptance(of: name, wasWanted: wasWanted), actions)
    }

    /// Takes note of a run's end. An id that does not run is ignored.
    public mutating func finished(_ id: String, of dataset: String, _ result: RunResult, at now: Now) -> [Action] {
        guard var entry = datasets[dataset], let running = entry.running, running.run.id == id else { return [] }
        runningCount -= 1
        entry.running = nil
        var actions: [Action] = []
        if case .failed(let failure) = result, failure.kind == .retryable, drainDeadline == nil, !entry.isRemoved {
            actions += retry(running, in: &entry, at: now)
        }
        datasets[dataset] = entry.isRemoved && entry.next == nil ? nil : entry
        enqueue(dataset)
        return actions + advance(at: now)
    }

    /// Holds a dataset: a run in progress goes on, wishes of config and schedule are kept as one, `manual` is refused.
    /// - Returns: False if it is paused already.
    public mutating func pause(_ dataset: String) -> Bool {
        var entry = datasets[dataset] ?? Entry()
        guard !entry.isPaused else { return false }
        entry.isPaused = true
        entry.isReady = false
        ready.removeAll { $0 == dataset }
        datasets[dataset] = entry
        return true
    }

    /// Ends a pause; what was kept runs now, unless it is too late for it.
    /// - Returns: `changed` is false if the dataset is not paused.
    public mutating func resume(_ dataset: String, at now: Now) -> (changed: Bool, actions: [Action]) {
        guard datasets[dataset]?.isPaused == true else { return (false, []) }
        datasets[dataset]?.isPaused = false
        wakeRetry(of: dataset, at: now)
        enqueue(dataset)
        return (true, advance(at: now))
    }

    /// Forgets a dataset whose config is gone: a run in progress ends normally and is not tried again, and nothing new starts (W10).
    public mutating func remove(_ dataset: String) {
        guard var entry = datasets[dataset] else { return }
        ready.removeAll { $0 == dataset }
        guard entry.running != nil else {
            datasets[dataset] = nil
            return
        }
        entry.next = nil
        entry.isReady = false
        entry.isPaused = false
        entry.isRemoved = true
        datasets[dataset] = entry
    }

    /// To be called at `nextWake`; at any other time it does no harm.
    public mutating func wake(at now: Now) -> [Action] {
        if let deadline = drainDeadline {
            guard now.instant >= deadline else { return [] }
            return datasets.keys.sorted().flatMap { datasets[$0]?.cancel() ?? [] }
        }
        let due = datasets.filter { _, entry in
            !entry.isPaused && entry.running == nil && (entry.retryAt.map { $0 <= now.instant } ?? false)
        }
        // The longest waiting first.
        for (name, _) in due.sorted(by: { ($0.value.retryAt ?? now.instant, $0.key) < ($1.value.retryAt ?? now.instant, $1.key) }) {
            wakeRetry(of: name, at: now)
            enqueue(name)
        }
        return advance(at: now)
    }

    /// After `shutdown`: stops what still runs now. Before it, does nothing.
    public mutating func hurry(at now: Now) -> [Action] {
        guard drainDeadline != nil else { return [] }
        drainDeadline = now.instant
        return wake(at: now)
    }

    /// Starts nothing any more; what runs may go on until the drain deadline. Calling it again changes nothing.
    public mutating func shutdown(at now: Now) -> [Action] {
        guard drainDeadline == nil else { return [] }
        drainDeadline = now.instant + policy.drain
        ready = []
        for name in datasets.keys {
            datasets[name]?.next = nil
            datasets[name]?.isReady = false
        }
        return wake(at: now)
    }
}

extension RunQueue {
    /// Puts a dataset at the end of the line if it could start.
    private mutating func enqueue(_ name: String) {
        guard drainDeadline == nil, var entry = datasets[name], entry.canStart, !entry.isReady else { return }
        entry.isReady = true
        datasets[name] = entry
        ready.append(name)
    }

    /// Starts what there is room for.
    private mutating func advance(at now: Now) -> [Action] {
        var actions: [Action] = []
        while runningCount < policy.parallelism, !ready.isEmpty {
            let name = ready.removeFirst()
            guard var entry = datasets[name], let next = entry.next else { continue }
            entry.isReady = false
            entry.next = nil
            if let expires = next.expires, expires <= now.instant {
                actions.append(.note(.expired(dataset: name, reason: next.reason, due: next.due)))
            } else {
                let run = Run(
                    id: RunID.make(dataset: name, at: now.moment, salt: UInt16(truncatingIfNeeded: now.random)), dataset: name,
                    reason: next.reason, reasons: next.reasons, due: next.due, started: now.moment, begun: now.instant,
                    attempt: next.failures + 1)
                entry.running = Running(run: run, wish: next)
                runningCount += 1
                actions.append(.start(run))
            }
            datasets[name] = entry
        }
        return actions
    }

    /// Plans another try, unless something newer is wanted anyway or it would come too late.
    private func retry(_ running: Running, in entry: inout Entry, at now: Now) -> [Action] {
        if let next = entry.next, next.reason.isPrompt { return [] }
        var wish = running.wish
        wish.failures += 1
        let since = wish.failingSince ?? now.instant
        wish.failingSince = since
        let delay = policy.retry.delay(afterFailures: wish.failures, random: now.random)
        let retryAt = now.instant + delay
        guard retryAt < min(since + policy.retry.maximumAge, wish.expires ?? since + policy.retry.maximumAge) else {
            return [.note(.gaveUp(running.run, failures: wish.failures))]
        }
        wish.retryAt = retryAt
        if let next = entry.next { wish.absorb(next) }
        entry.next = wish
        return [.note(.retrying(running.run, after: delay, failures: wish.failures))]
    }

    private mutating func wakeRetry(of name: String, at now: Now) {
        guard let at = datasets[name]?.retryAt, at <= now.instant else { return }
        datasets[name]?.next?.retryAt = nil
    }

    private func acceptance(of name: String, wasWanted: Bool) -> Acceptance {
        guard let entry = datasets[name] else { return .merged }
        if let running = entry.running { return entry.next == nil ? .started(runID: running.run.id) : .afterRunning(runID: running.run.id) }
        if entry.isPaused { return .held }
        if wasWanted && entry.retryAt != nil { return .merged }
        guard let place = ready.firstIndex(of: name) else { return .merged }
        return wasWanted ? .merged : .queued(ahead: place)
    }
}
