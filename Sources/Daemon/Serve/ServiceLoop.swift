import ArgumentParser
import Core
import Logging
import Service
import Systemd

/// One loop over everything that can happen to the service, from the first scan to the last run.
struct ServiceLoop {
    let service: FleetService
    let watcher: DirectoryWatcher
    let control: ControlServer
    let notifier: Notifier
    let watchdog: Watchdog?
    let interval: Duration?
    let log: Logger
    let limiter: RepeatLimiter
    let signals: ServiceSignals
    let keepsWaiting: Bool
    let directory: String

    /// What a child task came to.
    private enum Ended: Sendable {
        case signal(String)
        case refusedAtStart
        case watchFailed(String)
        case other
    }

    func run() async throws {
        let end = await withTaskGroup(of: Ended.self) { tasks -> Ended in
            tasks.addTask {
                do throws(WatchFailure) {
                    try await watcher.run()
                    return .other
                } catch {
                    return .watchFailed(error.description)
                }
            }
            tasks.addTask { await follow() }
            tasks.addTask {
                await control.run()
                return .other
            }
            tasks.addTask { await listen() }
            tasks.addTask {
                while !Task.isCancelled {
                    let next = limiter.flush() ?? ContinuousClock.now + .seconds(30)
                    do { try await ContinuousClock().sleep(until: next) } catch { break }
                }
                return .other
            }
            if let watchdog, let interval { feed(watchdog, interval, &tasks) }
            var end = Ended.other
            while case .other = end, let next = await tasks.next() { end = next }
            await service.close()
            notifier.stopping(status: "stopping")
            let running = await service.running
            log.notice(
                running == 0
                    ? "stopping"
                    : "stopping; \(running) \(running == 1 ? "run" : "runs") may end within 10 s, a second signal stops them now",
                metadata: ["event": "service-stopping"])
            let impatience = Task {
                for await case .stop in signals.stream {
                    log.notice("a second signal: stopping the runs")
                    await service.hurry()
                }
            }
            await service.stop()
            impatience.cancel()
            watchdog?.remove("control")
            control.stop()
            tasks.cancelAll()
            return end
        }
        switch end {
        case .refusedAtStart: throw ExitCode(78)
        case .watchFailed(let problem):
            log.critical("\(problem)")
            throw ExitCode(74)
        case .signal, .other: return
        }
    }

    /// Takes over what the watcher tells, in order; says READY after the first scan (S1).
    private func follow() async -> Ended {
        for await event in watcher.events {
            switch event {
            case .change(let set): await service.apply(set)
            case .notice(let notice):
                log.log(level: notice.isWarning ? .warning : .notice, "\(notice)", metadata: ["event": "\(Self.name(of: notice))"])
                await service.tellStatus()
            case .rescanned(let request, let report):
                guard request == 0 else { continue }
                if report.inForce == 0, !report.refused.isEmpty, !keepsWaiting {
                    log.critical("every config is wrong; mend one, or start with --keep-waiting")
                    return .refusedAtStart
                }
                await service.becomeReady()
                log.notice(
                    "ready: \(report.inForce) configs in force, \(report.refused.count) refused, watching \(directory)",
                    metadata: ["event": "service-ready"])
            }
        }
        return .other
    }

    private func listen() async -> Ended {
        for await signal in signals.stream {
            switch signal {
            case .hangUp: Task { await service.reload() }
            case .stop(let name): return .signal(name)
            }
        }
        return .other
    }

    /// The watcher's thread owes no progress: a disk that hangs would hang after a restart, too, and runs would be lost with it.
    private func feed(_ watchdog: Watchdog, _ interval: Duration, _ tasks: inout TaskGroup<Ended>) {
        tasks.addTask {
            await watchdog.run(stalled: { names in
                service.metrics.stalled()
                log.error(
                    "no progress of \(names.joined(separator: ", ")); the watchdog is not fed until there is some",
                    metadata: ["event": "progress-stalled", "subsystem": "\(names.joined(separator: ","))"])
            })
            return .other
        }
        tasks.addTask {
            while !Task.isCancelled {
                await service.beat()
                control.probe { watchdog.beat("control") }
                do { try await Task.sleep(for: interval / 8) } catch { break }
            }
            return .other
        }
    }

    private static func name(of notice: WatchNotice) -> String {
        switch notice {
        case .overflow: "watch-overflow"
        case .polling, .unwatched: "polling-fallback"
        case .eventsAgain, .directoryBack: "watch-regained"
        case .directoryAway: "watch-lost"
        case .missed: "rescan-found-change"
        }
    }
}
