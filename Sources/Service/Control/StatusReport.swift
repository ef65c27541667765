public import Core

/// How the service and its datasets are at one moment.
public struct StatusReport: Hashable, Sendable {
    /// The service's version.
    public var version: String
    /// When the service started.
    public var started: Moment
    /// When this was true.
    public var now: Moment
    /// The watched directory.
    public var configDirectory: String
    /// How it is watched.
    public var watch: WatchReport
    /// One for every dataset, by name.
    public var datasets: [DatasetStatus]

    /// - Parameters: As the properties of the same names; the datasets in any order.
    public init(
        version: String, started: Moment, now: Moment, configDirectory: String, watch: WatchReport = WatchReport(),
        datasets: [DatasetStatus]
    ) {
        self.version = version
        self.started = started
        self.now = now
        self.configDirectory = configDirectory
        self.watch = watch
        self.datasets = datasets.sorted { $0.dataset.utf8.lexicographicallyPrecedes($1.dataset.utf8) }
    }

    /// One JSON object for programs, with a final newline.
    public var json: String { String(decoding: canonicalJSON.bytes, as: UTF8.self) }
}

/// How one dataset is.
public struct DatasetStatus: Hashable, Sendable {
    /// The state in one word.
    public enum State: String, Hashable, Sendable, CaseIterable {
        case running
        /// In the line for its turn.
        case queued
        /// For the next try after a failure.
        case retrying
        case paused
        /// Its config is wrong; the last good one stays in force, where there was one.
        case refused
        /// The last run failed, and only a new config, the schedule or a person begins another.
        case failed
        case idle
    }

    /// The dataset's name.
    public var dataset: String
    /// The state.
    public var state: State
    /// How much of a run in progress is done, 0...100.
    public var percent: Int?
    /// The last generation that readers find.
    public var published: DatasetState.Published?
    /// The run in progress, or the last one.
    public var lastRun: DatasetState.LastRun?
    /// The next try or scheduled time.
    public var nextRun: Moment?
    /// What is wrong, each with its place: `web.yaml:12:7: ...`.
    public var errors: [String]

    /// - Parameters: As the properties of the same names.
    public init(
        dataset: String, state: State, published: DatasetState.Published? = nil, lastRun: DatasetState.LastRun? = nil,
        nextRun: Moment? = nil, errors: [String] = []
    ) {
        self.dataset = dataset
        self.state = state
        self.published = published
        self.lastRun = lastRun
        self.nextRun = nextRun
        self.errors = errors
    }

    /// Joins what the parts of the service know about a dataset.
    ///
    /// - Parameters:
    ///   - queue: The run queue.
    ///   - memory: The dataset's durable state.
    ///   - problems: The problems of its config file as it is now.
    ///   - nextScheduled: The next time of its schedule.
    ///   - now: The time of the report.
    public init(
        _ dataset: String, queue: RunQueue, memory: DatasetState, problems: [ConfigProblem], nextScheduled: Moment?, now: RunQueue.Now
    ) {
        var errors = problems.filter { $0.severity == .error }.map(\.headline)
        let isRefused = !errors.isEmpty
        let hasFailed = memory.hasFailed
        if hasFailed, let message = memory.lastRun?.end?.message { errors.append(message) }
        var (state, nextRun) = (State.idle, nextScheduled)
        switch queue.phase(of: dataset) {
        case .running: state = .running
        case .queued: state = .queued
        case .waiting(let until, _):
            state = .retrying
            let seconds = (until - now.instant).components.seconds
            nextRun = Moment(secondsSince1970: now.moment.seconds + max(0, seconds))
        case .idle: state = isRefused ? .refused : hasFailed ? .failed : .idle
        }
        if queue.isPaused(dataset), state != .running {
            state = .paused
            nextRun = nil
        }
        self.init(
            dataset: dataset, state: state, published: memory.published, lastRun: memory.lastRun, nextRun: nextRun, errors: errors)
    }
}

extension StatusReport {
    package var canonicalJSON: CanonicalJSON {
        .object([
            "version": .string(version), "started": .string(started.description), "now": .string(now.description),
            "config_directory": .string(configDirectory), "watch": watch.canonicalJSON, "datasets": .array(datasets.map(\.canonicalJSON)),
        ])
    }

    init?(_ json: CanonicalJSON) {
        guard let version = json["version"]?.string, let started = json.moment("started"), let now = json.moment("now"),
            let directory = json["config_directory"]?.string, let watch = json["watch"].flatMap(WatchReport.init(_:)),
            let values = json["datasets"]?.array
        else { return nil }
        let datasets = values.compactMap(DatasetStatus.init(_:))
        guard datasets.count == values.count else { return nil }
        self.init(version: version, started: started, now: now, configDirectory: directory, watch: watch, datasets: datasets)
    }
}

/// Members without a value are null, so that a program finds every name in every dataset.
extension DatasetStatus {
    package var canonicalJSON: CanonicalJSON {
        func text(_ text: String?) -> CanonicalJSON { text.map { .string($0) } ?? .null }
        func number(_ value: Int?) -> CanonicalJSON { value.map { .integer($0) } ?? .null }
        return .object([
            "dataset": .string(dataset), "state": .string(state.rawValue), "percent": number(percent),
            "generation": number(published?.generation.number), "rows": number(published?.generation.rows),
            "failed_checks": number(published?.generation.failedChecks),
            "published_at": text(published?.generation.created?.description), "checked_at": text(published?.checked.description),
            "run_id": text(lastRun?.id), "reason": text(lastRun?.reason.rawValue),
            "due": text(lastRun?.due?.description), "run_started": text(lastRun?.started.description),
            "run_ended": text(lastRun?.end?.at.description), "last_result": text(lastRun?.end?.verdict.rawValue),
            "last_message": text(lastRun?.end?.message), "next_run": text(nextRun?.description),
            "errors": .array(errors.map { .string($0) }),
        ])
    }

    init?(_ json: CanonicalJSON) {
        guard let dataset = json["dataset"]?.string, let state = json["state"]?.string.flatMap(State.init(rawValue:)),
            let errors = json["errors"]?.array
        else { return nil }
        self.init(dataset: dataset, state: state, nextRun: json.moment("next_run"), errors: errors.compactMap(\.string))
        percent = json["percent"]?.integer(Int.self)
        if let generation = json["generation"]?.integer(Int.self), let rows = json["rows"]?.integer(Int.self),
            let checked = json.moment("checked_at")
        {
            let own = PublishedGeneration(
                number: generation, rows: rows, created: json.moment("published_at"),
                failedChecks: json["failed_checks"]?.integer(Int.self))
            published = DatasetState.Published(own, checked: checked)
        }
        if let id = json["run_id"]?.string, let reason = json["reason"]?.string.flatMap(RunReason.init(rawValue:)),
            let started = json.moment("run_started")
        {
            lastRun = DatasetState.LastRun(id: id, reason: reason, due: json.moment("due"), started: started, end: nil)
            if let at = json.moment("run_ended"), let verdict = json["last_result"]?.string.flatMap(DatasetState.Verdict.init(rawValue:)) {
                lastRun?.end = DatasetState.End(at: at, verdict: verdict, message: json["last_message"]?.string ?? "")
            }
        }
    }
}

extension CanonicalJSON {
    fileprivate func moment(_ name: String) -> Moment? { self[name]?.string.flatMap(Moment.init(_:)) }
}
