import Core

extension RunQueue {
    /// What is wanted of a dataset and not begun: one run, however many asked for it.
    struct Wish: Hashable, Sendable {
        var reasons: Set<RunReason>
        var due: Moment?
        var expires: ContinuousClock.Instant?
        /// Failed tries of this wish.
        var failures = 0
        /// The end of the first of them.
        var failingSince: ContinuousClock.Instant?
        /// Not before; nil: now.
        var retryAt: ContinuousClock.Instant?

        init(_ request: RunRequest) {
            reasons = [request.reason]
            due = request.due
            expires = request.expires
        }

        /// The strongest reason.
        var reason: RunReason { reasons.max() ?? .catchUp }

        /// One run for both: the latest scheduled time, and the longer patience.
        mutating func absorb(_ other: Wish) {
            reasons.formUnion(other.reasons)
            due = [due, other.due].compactMap { $0 }.max()
            if let mine = expires, let theirs = other.expires { expires = max(mine, theirs) } else { expires = nil }
        }
    }

    struct Running: Hashable, Sendable {
        let run: Run
        let wish: Wish
        var isCancelled = false
    }

    /// Everything about one dataset.
    struct Entry: Hashable, Sendable {
        var isPaused = false
        /// The config went away while the dataset was running.
        var isRemoved = false
        /// It stands in the line.
        var isReady = false
        var running: Running?
        var next: Wish?

        var retryAt: ContinuousClock.Instant? { next?.retryAt }
        var canStart: Bool { !isPaused && running == nil && next != nil && retryAt == nil }

        mutating func merge(_ request: RunRequest) {
            isRemoved = false
            guard var wish = next else {
                next = Wish(request)
                return
            }
            wish.absorb(Wish(request))
            if request.reason.isPrompt {
                // A new config or a person's wish does not wait for the back-off of what went before.
                wish.failures = 0
                wish.failingSince = nil
                wish.retryAt = nil
            }
            next = wish
        }

        /// Stops the run, once.
        mutating func cancel() -> [Action] {
            guard let running, !running.isCancelled else { return [] }
            self.running?.isCancelled = true
            return [.cancel(running.run)]
        }
    }
}

extension RunQueue {
    /// Where a dataset stands.
    public enum Phase: Hashable, Sendable {
        case idle
        /// In the line, behind so many others.
        case queued(ahead: Int)
        case running(Run)
        /// For the next try after a failure.
        case waiting(until: ContinuousClock.Instant, failures: Int)
    }

    /// Where a dataset stands; one that was never heard of is idle.
    /// - Complexity: O(datasets in the line).
    public func phase(of dataset: String) -> Phase {
        guard let entry = datasets[dataset] else { return .idle }
        if let running = entry.running { return .running(running.run) }
        if let next = entry.next, let retryAt = next.retryAt { return .waiting(until: retryAt, failures: next.failures) }
        return ready.firstIndex(of: dataset).map { .queued(ahead: $0) } ?? .idle
    }

    /// Whether `pause` holds the dataset.
    public func isPaused(_ dataset: String) -> Bool { datasets[dataset]?.isPaused ?? false }

    /// The runs in progress, sorted by dataset.
    public var running: [Run] { datasets.values.compactMap { $0.running?.run }.sorted { $0.dataset < $1.dataset } }

    /// Whether `shutdown` was called and nothing runs any more.
    public var isDrained: Bool { drainDeadline != nil && runningCount == 0 }

    /// When `wake` is to be called next; nil: nothing waits for a time.
    /// - Complexity: O(datasets).
    public var nextWake: ContinuousClock.Instant? {
        if let drainDeadline {
            let isWaiting = datasets.values.contains { $0.running.map { !$0.isCancelled } ?? false }
            return isWaiting ? drainDeadline : nil
        }
        return datasets.values.compactMap { $0.isPaused || $0.running != nil ? nil : $0.retryAt }.min()
    }
}
