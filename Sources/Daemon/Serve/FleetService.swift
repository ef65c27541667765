import Core
import Logging
import Reports
import S3
import Service
import Synchronization
import Systemd

/// The service: joins the watcher, the schedules, the run queue and the control socket. It decides nothing that one of them can decide.
///
/// ```
/// DirectoryWatcher --change sets--> FleetService --wishes--> RunExecutor --perform--> DatasetRun
/// WallClockTimer  --due times--->        |                        |
/// ControlServer   --requests---->        +---- StateStore <-------+
/// ```
actor FleetService {
    /// What a caller may choose.
    struct Settings {
        var configDirectory: String
        var host: String
        var threads: Int
        var parallelism: Int
        /// How often the manager wants to hear of progress; nil: not at all.
        var watchdogInterval: Duration?
    }

    /// One dataset in force.
    struct Dataset {
        let config: WatchedConfig
        let schedule: Schedule?
        var memory: ScheduleState?
    }

    let settings: Settings
    let log: Logger
    let notifier: Notifier
    let watcher: DirectoryWatcher
    let states: StateStore
    let started = WallClock.now
    let timer: WallClockTimer
    var datasets: [String: Dataset] = [:]
    /// Problems of the files that are refused now, by file.
    var refused: [String: RefusedConfig] = [:]
    /// The last set of changes that was taken over.
    private var lastChangeSet = 0
    /// The last reload that was asked for: one follows the other.
    var lastReload: Task<ReloadReport, Never>?
    /// The reload that was asked for and has not begun.
    var waitingReload: Task<ReloadReport, Never>?
    /// How far the runs are.
    let board = ProgressBoard()
    /// Counts what happens.
    let metrics = ServiceMetrics()
    /// Will tell the manager how things are.
    var telling: Task<Void, Never>?
    var lastTold = ContinuousClock.now - .seconds(1)
    /// When the clock was looked at last: a step is noticed whatever happened in between.
    var clockReading = ClockReading()
    /// The log says that the clock has not been set.
    var isWaitingForClock = false
    private(set) var isStopping = false
    private var isScanned = false
    /// What the first scan asked for, until READY.
    private var firstWishes: [RunRequest] = []
    private var waitingForScan: [CheckedContinuation<Void, Never>] = []
    private var waitingForChanges: [(generation: Int, waiter: CheckedContinuation<Void, Never>)] = []
    private var madeExecutor: RunExecutor?
    private var timekeeping: Task<Void, Never>?
    private let zones = TimeZoneDatabase()
    let watchdog: Watchdog?
    /// Seconds after which the clock shows the watchdog that it goes; nil where nobody watches.
    let pulsePeriod: Int64?
    let connector: S3Connector

    init(
        settings: Settings, log: Logger, notifier: Notifier, watchdog: Watchdog?, watcher: DirectoryWatcher, states: StateStore,
        timer: WallClockTimer
    ) {
        self.settings = settings
        self.log = log
        self.notifier = notifier
        self.watchdog = watchdog
        self.watcher = watcher
        self.states = states
        self.timer = timer
        let metrics = metrics
        connector = .ofThisProcess(log: log) { metrics.note($0) }
        pulsePeriod = settings.watchdogInterval.map { max(1, $0.components.seconds / 8) }
    }

    var executor: RunExecutor {
        if let madeExecutor { return madeExecutor }
        let (log, watchdog, metrics) = (log, watchdog, metrics)
        let executor = RunExecutor(
            RunQueue.Policy(parallelism: settings.parallelism), clock: SystemRunClock(wall: { WallClock.now }),
            observe: { event in
                Self.beat(event, watchdog)
                RunLog(log).note(event)
                metrics.note(event)
                if case .finished = event { Task { await self.tellStatus() } }
            },
            perform: { run, progress in await self.perform(run, progress: progress) })
        madeExecutor = executor
        return executor
    }

    /// Reads what earlier lives left, before the first config.
    /// - Throws: Where the state directory cannot be used: what must be durable before a run begins could not be.
    func open() async throws(StoreError) {
        for warning in try await states.open() { log.warning("\(warning.message)", metadata: ["dataset": "\(warning.dataset)"]) }
        for dataset in await states.datasets where await states[dataset].isPaused { await executor.pause(dataset) }
        var incumbents: [String: String] = [:]
        for dataset in await states.datasets { incumbents[dataset] = await states[dataset].configHash }
        watcher.remember(incumbents)
    }

    /// Takes over a set of changes that belong together.
    func apply(_ set: ConfigChangeSet) async {
        var wishes: [RunRequest] = []
        for change in set.changes {
            switch change {
            case .apply(let config):
                refused[config.file] = nil
                await adopt(config)
                wishes.append(RunRequest(config.dataset, .config))
            case .refuse(let config):
                refused[config.file] = config
                ConfigLog(log, directory: settings.configDirectory).refused(config)
            case .restore(let file, let dataset):
                refused[file] = nil
                ConfigLog(log, directory: settings.configDirectory).accepted(file: file, dataset: dataset, note: "what is in force already")
            case .remove(let file, let dataset):
                refused[file] = nil
                await letGo(of: dataset, file)
                ConfigLog(log, directory: settings.configDirectory).removed(file: file, dataset: dataset)
            }
        }
        // Nothing begins before READY: the first scan has the machine to itself.
        if isScanned { await executor.trigger(wishes) } else { firstWishes += wishes }
        metrics.note(set)
        lastChangeSet = set.generation
        releaseWaiting { $0 <= set.generation }
        restartTimekeeping()
        tellStatus()
    }

    /// Waits until all sets of changes up to this one are taken over.
    /// - Returns: False where the service stops before.
    func haveTaken(_ generation: Int) async -> Bool {
        if lastChangeSet < generation, !isStopping { await withCheckedContinuation { waitingForChanges.append((generation, $0)) } }
        return lastChangeSet >= generation
    }

    private func releaseWaiting(_ isOver: (Int) -> Bool) {
        for (generation, waiter) in waitingForChanges where isOver(generation) { waiter.resume() }
        waitingForChanges.removeAll { isOver($0.generation) }
    }

    /// Works out anew what is due next; called whenever schedules change.
    func restartTimekeeping() {
        guard isScanned else { return }
        let old = timekeeping
        old?.cancel()
        // One sleeper at a time: the new loop begins when the old one has let go of the timer.
        timekeeping = Task {
            await old?.value
            await keepTime()
        }
    }

    /// The first scan is over: READY, and reloads may begin (S1, S2).
    func becomeReady() async {
        notifier.ready(status: await statusLine())
        endScan()
        let wishes = firstWishes
        firstWishes = []
        await executor.trigger(wishes)
        restartTimekeeping()
    }

    /// Returns when the first scan is over, or the service stops before.
    func firstScan() async {
        if !isScanned { await withCheckedContinuation { waitingForScan.append($0) } }
    }

    private func endScan() {
        isScanned = true
        for waiting in waitingForScan { waiting.resume() }
        waitingForScan = []
    }

    /// Starts nothing any more. What is told from here on cannot be followed by a beginning.
    func close() async {
        isStopping = true
        timekeeping?.cancel()
        watchdog?.remove("clock")
        releaseWaiting { _ in true }
        await executor.close()
        endScan()
    }

    /// Runs in progress.
    var running: Int { get async { await executor.snapshot.running.count } }

    /// Stops the runs that `stop` waits for.
    func hurry() async { await executor.hurry() }

    /// Ends the runs: what runs may finish within the drain time and is stopped then.
    func stop() async { await executor.shutdown() }

    /// For the watchdog: shows that the service and its queue answer.
    func beat() async {
        watchdog?.beat("service")
        await executor.beat()
    }

    /// A refused second file of a dataset that goes takes nothing with it.
    private func letGo(of dataset: String, _ file: String) async {
        if let inForce = datasets[dataset], inForce.config.file != file { return }
        datasets[dataset] = nil
        metrics.forget(dataset)
        await executor.remove(dataset)
        await keep(dataset) { state in
            state.configHash = nil
            state.schedule = nil
        }
    }

    private func adopt(_ config: WatchedConfig) async {
        let dataset = config.dataset
        let schedule = schedule(of: config)
        var memory: ScheduleState?
        if let schedule {
            memory = await states[dataset].schedule.flatMap(ScheduleState.init(_:)) ?? ScheduleState(schedule, now: WallClockTimer.now)
        }
        datasets[dataset] = Dataset(config: config, schedule: schedule, memory: memory)
        // A person's pause outlives the config's absence.
        let isPaused = await states[dataset].isPaused
        if isPaused { await executor.pause(dataset) }
        let (hash, text) = (config.hash.hex, memory?.description)
        let change: @Sendable (inout DatasetState) -> Void = { state in
            state.configHash = hash
            state.schedule = text
        }
        // The run that follows makes it durable when it begins: a disk takes seconds for a thousand writes before READY. Until then a crash
        // leaves a config that is seen for the first time once more. A paused dataset has no run that follows.
        if isPaused { await keep(dataset, change) } else { await states.note(dataset, change) }
        ConfigLog(log, directory: settings.configDirectory).accepted(file: config.file, dataset: dataset, note: "")
    }

    private func schedule(of config: WatchedConfig) -> Schedule? {
        guard let spec = config.loaded.spec.schedule else { return nil }
        do throws(TimeZoneError) {
            return Schedule(spec, zone: try zones.rules(spec.timeZone), dataset: config.dataset, host: settings.host)
        } catch {
            // The judge refuses unknown zones, so this one was taken away since.
            log.error("\(error) The schedule of \(config.dataset) rests until the zone is back.")
            return nil
        }
    }

    /// Makes something of a dataset durable; a disk that refuses stops nothing.
    ///
    /// - Returns: Nil when it is durable, otherwise what went wrong; it is logged, and tried again at the next change.
    @discardableResult
    func keep(_ dataset: String, _ change: @escaping @Sendable (inout DatasetState) -> Void) async -> StoreError? {
        do {
            try await states.update(dataset, change)
            return nil
        } catch {
            log.error("\(error.message) The service goes on and tries again at the next change.", metadata: ["dataset": "\(dataset)"])
            return error
        }
    }

    /// One run, from the durable note that it begins to the one how it ended.
    @concurrent
    private func perform(_ run: RunQueue.Run, progress: @escaping @Sendable () -> Void) async -> RunResult {
        guard let config = await datasets[run.dataset]?.config else { return .cancelled }
        await keep(run.dataset) { $0.begin(run) }
        let result = await make(config.loaded, run: run, progress: progress)
        await keep(run.dataset) { $0.end(run, result, at: WallClock.now) }
        board.remove(run.id)
        return result
    }

    @concurrent
    private func make(
        _ config: LoadedConfig, run: RunQueue.Run, progress: @escaping @Sendable () -> Void
    ) async -> RunResult {
        let target: PublishTarget
        do throws(S3Settings.Problem) {
            target = try PublishTarget(config.spec.storage, connector)
        } catch {
            return .failed(RunFailure(.permanent, error.description, exitCode: 78))
        }
        var options = DatasetRun.Options(runID: run.id, reason: run.reason.rawValue, threads: settings.threads, toolVersion: Version.text)
        options.report = HTMLReport()
        do throws(RunError) {
            let outcome = try await DatasetRun(config, today: WallClock.today, options: options)(
                in: target.store, clock: { WallClock.now },
                observe: { event in
                    progress()
                    note(event, run)
                })
            metrics.note(outcome.manifest, of: run)
            return RunResult(outcome)
        } catch {
            return RunResult(error)
        }
    }

    private nonisolated func note(_ event: DatasetRun.Event, _ run: RunQueue.Run) {
        switch event {
        case .started(let rows, _, _): board.begin(run.id, rows: rows)
        case .progress(let rows):
            // The line changes with the percent, not with every chunk.
            if board.note(run.id, rows: rows) { Task { await tellStatus() } }
        default: break
        }
        metrics.note(event, of: run)
        RunLog(log).note(event, run: run)
    }

    private static func beat(_ event: RunExecutor.Event, _ watchdog: Watchdog?) {
        switch event {
        case .progressed: watchdog?.beat("runs")
        case .turned(let running):
            watchdog?.beat("queue")
            if running == 0 { watchdog?.idle("runs") } else { watchdog?.beat("runs") }
        default: break
        }
    }
}
