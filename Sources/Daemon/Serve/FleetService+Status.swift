import Core
import Service
import Systemd

/// What `systemctl status` and `fleetsynth status` show.
extension FleetService {
    /// Tells the manager how things are, soon: the line is worked out once a second at most, however much happens.
    func tellStatus() {
        guard telling == nil else { return }
        telling = Task {
            do { try await ContinuousClock().sleep(until: lastTold + .seconds(1)) } catch { return }
            // What happens from here on needs another line.
            telling = nil
            lastTold = .now
            // READY may have taken a line along within the second.
            if notifier.status(await statusLine()) == .held { tellStatus() }
        }
    }

    /// One line for `systemctl status`.
    func statusLine() async -> String {
        let queue = await executor.snapshot
        let now = WallClockTimer.now
        var next: StatusLine.Next?
        for (name, dataset) in datasets where !queue.isPaused(name) {
            guard let schedule = dataset.schedule, let due = dataset.memory?.next(schedule, now: now)?.due else { continue }
            let moment = Moment(secondsSince1970: due)
            // By name where times are equal, so that the line does not flicker.
            if next.map({ (moment.seconds, name) < ($0.due.seconds, $0.dataset) }) ?? true {
                next = StatusLine.Next(dataset: name, due: moment)
            }
        }
        return StatusLine(
            datasets: datasets.count, refused: refused.keys.sorted(),
            running: queue.running.map { StatusLine.Running(dataset: $0.dataset, percent: board.percent($0.id)) },
            next: next, failed: await states.failed.filter { datasets[$0] != nil }, directory: settings.configDirectory,
            problems: WatchReport(watcher.status, of: settings.configDirectory, now: SystemRunClock(wall: { WallClock.now }).now).problems
        ).text
    }

    /// What `fleetsynth status` asks for.
    /// - Parameter only: One dataset, or nil for all.
    func report(_ only: String?) async -> StatusReport {
        let queue = await executor.snapshot
        let now = SystemRunClock(wall: { WallClock.now }).now
        var rows: [DatasetStatus] = []
        for name in known.sorted() where only == nil || only == name {
            let problems = refused.values.filter { $0.dataset == name }.flatMap(\.problems)
            let next = datasets[name].flatMap { dataset in
                dataset.schedule.flatMap { dataset.memory?.next($0, now: now.moment.seconds)?.due }
            }
            var row = DatasetStatus(
                name, queue: queue, memory: await states[name], problems: problems,
                nextScheduled: next.map(Moment.init(secondsSince1970:)), now: now)
            if case .running(let run) = queue.phase(of: name) { row.percent = board.percent(run.id) }
            rows.append(row)
        }
        return StatusReport(
            version: Version.text, started: started, now: now.moment, configDirectory: settings.configDirectory,
            watch: WatchReport(watcher.status, of: settings.configDirectory, now: now), datasets: rows)
    }

    /// Every dataset that there is a word about.
    var known: Set<String> { Set(datasets.keys).union(refused.values.map(\.dataset)) }
}
