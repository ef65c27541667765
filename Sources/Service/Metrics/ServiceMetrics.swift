public import Core
import Synchronization

/// Counts what happens to the service, from any thread; what is so at one moment is added when somebody reads it.
public final class ServiceMetrics: Sendable {
    private struct State {
        var values: MetricsState
        /// Rows of the runs in progress, by run.
        var rows: [String: Int] = [:]
    }

    private let state: Mutex<State>

    /// - Parameter datasetLimit: Most datasets that have series of their own.
    public init(datasetLimit: Int = MetricsState.defaultDatasetLimit) {
        var values = MetricsState(datasetLimit: datasetLimit)
        // A counter that appears with its first event has no increase that a query could see.
        for result in ["success", "refused", "interrupted"] { values.add(.reloads, [result], 0) }
        for outcome in ["applied", "refused", "restored", "removed"] { values.add(.configChanges, [outcome], 0) }
        values.add(.watchdogStalls, [], 0)
        state = Mutex(State(values: values))
    }

    /// The values as they are now.
    public var values: MetricsState { state.withLock { $0.values } }

    /// Takes note of what the executor does.
    /// - Parameter now: When, for the length of a run that ended.
    public func note(_ event: RunExecutor.Event, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            switch event {
            case .finished(let run, let result):
                state.rows[run.id] = nil
                state.values.finished(run, result, seconds: (now - run.begun) / .seconds(1))
            case .noted(let note): state.values.note(note)
            case .started, .progressed, .cancelling, .turned: break
            }
        }
    }

    /// Takes note of what a run tells on its way.
    public func note(_ event: DatasetRun.Event, of run: RunQueue.Run) {
        state.withLock { state in
            switch event {
            case .started(let rows, _, _): state.rows[run.id] = rows
            case .judged(let report, _):
                state.values.add(.rowsGenerated, [run.dataset], Double(state.rows[run.id] ?? 0))
                state.values.judged(report, run.dataset)
            case .recovered, .progress, .swept, .sweepFailed: break
            }
        }
    }

    /// Takes note of what a run published or found up to date: the verdict may be that of an earlier life.
    public func note(_ manifest: Manifest, of run: RunQueue.Run) {
        guard let verdict = try? CanonicalJSON(parsing: Array(manifest.run.quality.utf8)), case .bool(let passed) = verdict["passed"] else {
            return
        }
        state.withLock { $0.values.set(.qualityPassed, [run.dataset], to: passed ? 1 : 0) }
    }

    /// Takes note of a reload that was asked for.
    public func note(_ report: ReloadReport) {
        let result = report.exitCode == 0 ? "success" : report.exitCode == 78 ? "refused" : "interrupted"
        state.withLock { $0.values.add(.reloads, [result]) }
    }

    /// Takes note of changes of configs.
    public func note(_ set: ConfigChangeSet) {
        state.withLock { state in
            for change in set.changes {
                let outcome =
                    switch change {
                    case .apply: "applied"
                    case .refuse: "refused"
                    case .restore: "restored"
                    case .remove: "removed"
                    }
                state.values.add(.configChanges, [outcome])
            }
        }
    }

    /// Takes note of scheduled times that passed without a run.
    public func missed(_ count: Int, of dataset: String) { state.withLock { $0.values.add(.scheduleMissed, [dataset], Double(count)) } }

    /// Takes note that the watchdog goes unfed.
    public func stalled() { state.withLock { $0.values.add(.watchdogStalls) } }

    /// Takes note of a request that goes out to S3.
    public func storeRequest(_ operation: String) { state.withLock { $0.values.add(.storeRequests, [operation]) } }

    /// Takes note of one more try.
    public func storeRetry(_ operation: String, cause: String) { state.withLock { $0.values.add(.storeRetries, [operation, cause]) } }

    /// Takes note of a try that failed.
    public func storeError(_ operation: String, kind: String) { state.withLock { $0.values.add(.storeErrors, [operation, kind]) } }

    /// Forgets a dataset whose config is gone.
    public func forget(_ dataset: String) { state.withLock { $0.values.forget(dataset) } }

    /// Forgets every dataset but these, and returns the values.
    func retaining(_ names: Set<String>) -> (values: MetricsState, without: Int) {
        state.withLock { state in
            let without = state.values.retain(names)
            return (state.values, without)
        }
    }
}

extension MetricsState {
    fileprivate mutating func finished(_ run: RunQueue.Run, _ result: RunResult, seconds: Double) {
        let word: String
        var hasFailed: Bool? = false
        switch result {
        case .published(let generation, let bytes):
            word = "published"
            add(.bytesPublished, [run.dataset], Double(bytes))
            if seconds > 0 { set(.lastRate, [run.dataset], to: Double(generation.rows) / seconds) }
        case .upToDate: word = "up_to_date"
        case .failed(let failure): (word, hasFailed) = (failure.kind == .quality ? "quality" : "failed", true)
        case .cancelled: (word, hasFailed) = ("cancelled", nil)
        }
        add(.runs, [run.dataset, word, run.reason.rawValue])
        observe(.runDuration, [word], max(0, seconds))
        set(.lastDuration, [run.dataset], to: max(0, seconds))
        // Kept here too: while the next run is in progress, the dataset's state knows only that one.
        set(.lastRunEnd, [run.dataset], to: Double(run.started.seconds) + max(0, seconds).rounded())
        if let hasFailed { set(.lastFailed, [run.dataset], to: hasFailed ? 1 : 0) }
    }

    fileprivate mutating func note(_ note: RunQueue.Note) {
        switch note {
        case .skipped(let request, _): add(.runsLeftOut, [request.dataset, "busy"])
        case .expired(let dataset, _, _): add(.runsLeftOut, [dataset, "late"])
        case .gaveUp(let run, _): add(.runsLeftOut, [run.dataset, "given_up"])
        case .retrying(let run, _, _): add(.runRetries, [run.dataset])
        }
    }

    fileprivate mutating func judged(_ report: QualityReport, _ dataset: String) {
        set(.qualityPassed, [dataset], to: report.passed ? 1 : 0)
        for verdict in [QualityCheck.Verdict.pass, .fail, .notApplicable] {
            set(.qualityChecks, [dataset, verdict.rawValue], to: Double(report.checks.count { $0.verdict == verdict }))
        }
    }
}
