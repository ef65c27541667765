import Core
import Logging
import Service
import Systemd

extension FleetService {
    /// Answers a request of the control socket.
    func answer(_ request: ControlRequest) async -> ControlResponse {
        switch request {
        case .version: return .version(Version.text)
        case .metrics: return .metrics(await metricsText())
        case .status(let dataset):
            if let dataset, !known.contains(dataset) { return .unknownDataset(dataset) }
            return .status(await report(dataset))
        case .trigger(let dataset):
            guard datasets[dataset] != nil else { return .unknownDataset(dataset) }
            return ControlResponse(await executor.trigger(RunRequest(dataset, .manual)), dataset: dataset)
        case .pause(let dataset):
            guard datasets[dataset] != nil else { return .unknownDataset(dataset) }
            let changed = await executor.pause(dataset)
            if let error = await keep(dataset, { $0.isPaused = true }) { return .notKept("\(dataset) is paused", error) }
            return .done(changed ? "\(dataset) is paused; a run in progress ends normally" : "\(dataset) is paused already")
        case .resume(let dataset):
            guard datasets[dataset] != nil else { return .unknownDataset(dataset) }
            datasets[dataset]?.memory?.resume(now: WallClockTimer.now)
            let changed = await executor.resume(dataset)
            restartTimekeeping()
            if let error = await keep(dataset, { $0.isPaused = false }) { return .notKept("\(dataset) is resumed", error) }
            return .done(changed ? "\(dataset) is resumed" : "\(dataset) is not paused")
        case .reload, .rescan: return .reloaded(await reload())
        }
    }

    /// Reads every config again and waits for the verdicts. One reload follows the other, so that RELOADING and READY never nest, and none
    /// begins before the first scan is over. A wish that comes while another waits for its turn is met by that one.
    func reload() async -> ReloadReport {
        if let waiting = waitingReload { return await waiting.value }
        let before = lastReload
        let task = Task {
            await firstScan()
            _ = await before?.value
            waitingReload = nil
            return await reloadNow()
        }
        waitingReload = task
        lastReload = task
        return await task.value
    }

    /// READY follows whatever the verdicts are (S3, S4).
    private func reloadNow() async -> ReloadReport {
        guard !isStopping else { return ReloadReport([], interruption: "the service is stopping") }
        notifier.reloading(status: "reading the configs again")
        let report = await readAgain()
        metrics.note(report)
        notifier.ready(status: await statusLine())
        return report
    }

    private func readAgain() async -> ReloadReport {
        let before = versions
        guard let rescan = await watcher.rescan() else { return ReloadReport([], interruption: "the service is stopping") }
        // The change sets of this rescan are in the stream already; let the one reader take them.
        guard await haveTaken(rescan.generation) else { return ReloadReport([], interruption: "the service is stopping") }
        if let problem = rescan.directory.problem(of: settings.configDirectory, isKeeping: rescan.inForce > 0) {
            log.warning("reload: \(problem)", metadata: ["event": "reload-failed"])
            return ReloadReport([], interruption: problem)
        }
        let report = ReloadReport(
            before: before, after: versions, refused: rescan.refused.map { ReloadReport.Refusal($0) }, directory: settings.configDirectory,
            interruption: rescan.isComplete ? nil : "files were still changing")
        let event = report.exitCode == 0 ? "reload-done" : "reload-failed"
        log.notice("reload: \(report.configs.count) configs, \(rescan.refused.count) refused", metadata: ["event": "\(event)"])
        return report
    }
    /// Every file that there is a word about.
    private var versions: [ReloadReport.Version] {
        let inForce = datasets.values.map { ReloadReport.Version(file: $0.config.file, dataset: $0.config.dataset, hash: $0.config.hash) }
        let files = Set(datasets.values.map(\.config.file))
        return inForce
            + refused.values.filter { !files.contains($0.file) }
            .map { ReloadReport.Version(file: $0.file, dataset: $0.dataset, hash: nil) }
    }
}
