public import Core

extension RunQueue {
    /// A run that was started.
    public struct Run: Hashable, Sendable {
        /// Its name in logs and manifests.
        public let id: String
        /// The dataset.
        public let dataset: String
        /// The strongest of `reasons`.
        public let reason: RunReason
        /// Everything that asked for it.
        public let reasons: Set<RunReason>
        /// The latest scheduled time that it covers.
        public let due: Moment?
        /// When it was started.
        public let started: Moment
        /// The same on the clock that does not jump.
        public let begun: ContinuousClock.Instant
        /// 1, and one more for every retry.
        public let attempt: Int
    }

    /// What the owner of the queue has to do.
    public enum Action: Hashable, Sendable {
        /// Begin this run, and call `finished` when it ends.
        case start(Run)
        /// Ask this run to stop; `finished` is still to be called.
        case cancel(Run)
        /// Tell whoever reads the log.
        case note(Note)
    }

    /// What did not happen, or happens later, and why.
    public enum Note: Hashable, Sendable {
        /// A scheduled time was left out, because this run was in progress.
        case skipped(RunRequest, blockedBy: String)
        /// A run waited until it was too late for it.
        case expired(dataset: String, reason: RunReason, due: Moment?)
        /// A failed run is tried again.
        case retrying(Run, after: Duration, failures: Int)
        /// A failed run is not tried again, because it would come too late.
        case gaveUp(Run, failures: Int)
    }

    /// What became of a request.
    public enum Acceptance: Hashable, Sendable {
        /// It runs.
        case started(runID: String)
        /// It waits for its turn.
        case queued(ahead: Int)
        /// A run that waits already does it.
        case merged
        /// One more run follows this one.
        case afterRunning(runID: String)
        /// It is kept until the pause ends.
        case held
        /// Nothing happens, because this run is in progress.
        case skipped(blockedBy: String)
        /// Nothing happens.
        case refused(Refusal)
    }

    /// Why nothing happens.
    public enum Refusal: String, Hashable, Sendable {
        /// A person paused the dataset, and only a person's `resume` ends that.
        case paused
        /// The service is stopping.
        case stopping
        /// The request had expired when it came.
        case tooLate
    }
}
