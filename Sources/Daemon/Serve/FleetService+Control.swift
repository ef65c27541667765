import Core
import Logging
import Service
import Systemd

extension FleetService {
    /// Answers a request of the control socket.
    func answer(_ request: ControlRequest) async -> ControlResponse {
        switch request {
        case .version: return .version(Version.text)
        case .status(let dataset):
            if let dataset, !known.contains(dataset) { return .unknownDataset(dataset) }
            return .status(await report(dataset))
        case .trigger(let dataset):
            guard datasets[dataset] != nil else { return .unknownDataset(dataset) }
            return ControlResponse(await executor.trigger(RunRequest(dataset, .manual)), dataset: dataset)
        case .pause(let dataset):
            guard datasets[dataset] != nil else { return .unknownDataset(dataset) }
            let changed = await executor.pause(dataset)
            await keep(dataset) { $0.isPaused = true }
            return .done(changed ? "\(dataset) is paused; a run in progress ends normally" : "\(dataset) is paused already")
        case .resume(let dataset):
            guard datasets[dataset] != nil else { return .unknownDataset(dataset) }
            datasets[dataset]?.memory?.resume(now: WallClockTimer.now)
            let changed = await executor.resume(dataset)
            await keep(dataset) { $0.isPaused = false }
            restartTimekeeping()
            return .done(changed ? "\(dataset) is resumed" : "\(dataset) is not paused")
        case .reload, .rescan: return .reloaded(await reload())
        }
    }

    /// Reads every config again and waits for the verdicts. Reloads at the same time take turns, so that RELOADING and READY never nest.
    func reload() async -> ReloadReport {
        let before = lastReload
        let task = Task {
            _ = await before?.value
            return await reloadNow()
        }
        lastReload = task
        return await task.value
    }

    /// READY follows whatever the verdicts are (S3, S4).
    private func reloadNow() async -> ReloadReport {
        notifier.reloading(status: "reading the configs again")
        defer {
            notifier.ready()
            tellStatus()
        }
        let before = datasets.mapValues(\.config.hash)
        guard let rescan = await watcher.rescan() else { return ReloadReport([], interruption: "the service is stopping") }
        // The change sets of this rescan are in the stream already; let the one reader take them.
        while lastChangeSet < rescan.generation {
            do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
        }
        var configs = datasets.values.map { dataset in
            ReloadReport.Config(
                file: dataset.config.file, dataset: dataset.config.dataset,
                outcome: before[dataset.config.dataset] == dataset.config.hash ? .unchanged : .applied)
        }
        configs += rescan.refused.map {
            ReloadReport.Config(file: $0.file, dataset: $0.dataset, outcome: .refused, problems: $0.problems)
        }
        configs += before.keys.filter { datasets[$0] == nil }.map { ReloadReport.Config(file: $0, dataset: $0, outcome: .removed) }
        configs.sort { $0.file < $1.file }
        let interruption = rescan.isComplete ? nil : "files were still changing"
        let report = ReloadReport(configs, interruption: interruption)
        let event = report.exitCode == 0 ? "reload-done" : "reload-failed"
        log.notice("reload: \(configs.count) configs, \(rescan.refused.count) refused", metadata: ["event": "\(event)"])
        return report
    }

    private var known: Set<String> { Set(datasets.keys).union(refused.values.map(\.dataset)) }

    private func report(_ only: String?) async -> StatusReport {
        let queue = await executor.snapshot
        let now = SystemRunClock(wall: { WallClock.now }).now
        var rows: [DatasetStatus] = []
        for name in known.sorted() where only == nil || only == name {
            let problems = refused.values.filter { $0.dataset == name }.flatMap(\.problems)
            let next = datasets[name].flatMap { dataset in
                dataset.schedule.flatMap { dataset.memory?.next($0, now: now.moment.seconds)?.due }
            }
            rows.append(
                DatasetStatus(
                    name, queue: queue, memory: await states[name], problems: problems,
                    nextScheduled: next.map(Moment.init(secondsSince1970:)), now: now))
        }
        return StatusReport(
            version: Version.text, started: started, now: now.moment, configDirectory: settings.configDirectory, datasets: rows)
    }
}
