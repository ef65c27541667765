import Core
import Logging
import Service

/// What is said about configs. Constant message, data in metadata; `event` names the kind of event for the journal's catalog.
struct ConfigLog {
    private let log: Logger
    private let directory: String

    init(_ log: Logger, directory: String) {
        self.log = log
        self.directory = directory
    }

    func accepted(file: String, dataset: String, note: String) {
        log.notice(
            "config accepted\(note.isEmpty ? "" : ": \(note)")",
            metadata: ["event": "config-accepted", "dataset": "\(dataset)", "config_file": "\(directory)/\(file)"])
    }

    func refused(_ config: RefusedConfig) {
        for problem in config.problems where problem.severity == .error {
            var data: Logger.Metadata = [
                "event": "config-refused", "dataset": "\(config.dataset)", "config_file": "\(directory)/\(config.file)",
            ]
            if let line = problem.line { data["config_line"] = "\(line)" }
            log.error(
                "\(problem.headline); \(config.keeps == nil ? "there is no earlier version" : "keeping the last good version")\(Self.remedy(problem))",
                metadata: data)
        }
    }

    private static func remedy(_ problem: ConfigProblem) -> String { problem.remedy.map { "; remedy: \($0)" } ?? "" }

    func removed(file: String, dataset: String) {
        log.notice(
            "config removed; its runs end, what is published stays",
            metadata: ["event": "config-removed", "dataset": "\(dataset)", "config_file": "\(directory)/\(file)"])
    }
}

/// What is said about runs.
struct RunLog {
    private let log: Logger

    init(_ log: Logger) { self.log = log }

    func note(_ event: RunExecutor.Event) {
        switch event {
        case .started(let run): log.info("run started", metadata: data("run-started", run))
        case .cancelling(let run): log.notice("stopping the run", metadata: data("run-cancelled", run))
        case .finished(let run, let result): finished(run, result)
        case .noted(let note): noted(note)
        case .progressed, .turned: break
        }
    }

    /// What a run tells on its way.
    func note(_ event: DatasetRun.Event, run: RunQueue.Run) {
        switch event {
        case .recovered(let report):
            var data = data("recovery-done", run)
            if let generation = report.rolledForward { data["generation"] = "\(generation)" }
            log.notice("finished or removed what an earlier run left", metadata: data)
            for generation in report.damaged {
                log.warning("generation \(generation) is damaged; its files stay as they are, this run publishes a new one", metadata: data)
            }
        case .swept(let report) where !report.deletedGenerations.isEmpty:
            log.info("deleted \(report.deletedGenerations.count) old generations", metadata: data("retention-deleted", run))
        case .sweepFailed(let error):
            log.warning("\(error.message) The new generation is published; the next run tries again.", metadata: data(nil, run))
        case .judged(let report, _): judged(report, run)
        case .started, .progress, .swept: break
        }
    }

    /// Each failed check is a line of its own, so that one can be searched for by name and metric.
    private func judged(_ report: QualityReport, _ run: RunQueue.Run) {
        var totals = data(nil, run)
        totals["checks_passed"] = "\(report.passCount)"
        totals["checks_failed"] = "\(report.failures.count)"
        totals["checks_inconclusive"] = "\(report.inconclusiveCount)"
        totals["checks_not_applicable"] = "\(report.notApplicableCount)"
        log.info("quality gate: \(report.passed ? "passed" : "failed")", metadata: totals)
        for failure in report.failures {
            var data = data("quality-check-failed", run)
            data["check"] = "\(failure.name)"
            if let metric = failure.metric { data["metric"] = "\(metric)" }
            if let scope = failure.scope { data["scope"] = "\(scope)" }
            for (name, value) in [("requested", failure.requested), ("realised", failure.realised), ("tolerance", failure.tolerance)] {
                if let value { data[name] = "\(value)" }
            }
            log.warning("\(failure.sentence)", metadata: data)
        }
    }

    private func finished(_ run: RunQueue.Run, _ result: RunResult) {
        let duration = Int64((ContinuousClock.now - run.begun) / .microseconds(1))
        func data(_ event: String?, _ run: RunQueue.Run) -> Logger.Metadata {
            self.data(event, run).merging(["duration_usec": "\(duration)"]) { own, _ in own }
        }
        switch result {
        case .published(let own, let bytes):
            var data = data("run-published", run)
            data["generation"] = "\(own.number)"
            data["rows"] = "\(own.rows)"
            data["bytes"] = "\(bytes)"
            let failed = own.failedChecks ?? 0
            data["checks_failed"] = "\(failed)"
            let verdict = failed == 0 ? "" : ", which failed \(failed) \(failed == 1 ? "check" : "checks") of the quality gate"
            log.notice("published generation \(own.number)\(verdict)", metadata: data)
        case .upToDate(let own):
            var data = data("run-up-to-date", run)
            data["generation"] = "\(own.number)"
            log.info("up to date", metadata: data)
        case .failed(let failure):
            let kind = failure.kind == .quality ? "run-failed-quality" : failure.kind == .retryable ? "run-failed-store" : "run-failed"
            log.error("\(failure.message)", metadata: data(kind, run))
        case .cancelled: log.notice("the run was stopped; nothing was published", metadata: data("run-cancelled", run))
        }
    }

    private func noted(_ note: RunQueue.Note) {
        switch note {
        case .skipped(let request, let blocker):
            log.notice(
                "skipped, because a run is in progress",
                metadata: [
                    "event": "run-skipped", "dataset": "\(request.dataset)", "reason": "\(request.reason.rawValue)",
                    "blocked_by": "\(blocker)",
                ])
        case .retrying(let run, let delay, let failures):
            let seconds = max(1, delay.components.seconds)
            log.notice(
                "trying again in \(seconds) s, after \(failures) failed \(failures == 1 ? "try" : "tries")",
                metadata: data("run-retried", run))
        case .gaveUp(let run, let failures):
            log.error(
                "given up after \(failures) failed \(failures == 1 ? "try" : "tries"); the next change, scheduled time or trigger begins anew",
                metadata: data("run-failed", run))
        case .expired(let dataset, let reason, let due):
            var data: Logger.Metadata = ["event": "schedule-missed", "dataset": "\(dataset)", "reason": "\(reason.rawValue)"]
            if let due { data["due"] = "\(due)" }
            log.warning("left out, because it would have begun later than schedule.max_age allows", metadata: data)
        }
    }

    private func data(_ event: String?, _ run: RunQueue.Run) -> Logger.Metadata {
        var data: Logger.Metadata = ["dataset": "\(run.dataset)", "run_id": "\(run.id)", "reason": "\(run.reason.rawValue)"]
        if let event { data["event"] = "\(event)" }
        if let due = run.due { data["due"] = "\(due)" }
        return data
    }
}
