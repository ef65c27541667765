import Core
import Logging
import Service
import Systemd

extension FleetService {
    /// Starts what is due, until cancelled. A clock that is set wakes it, so that what is due is worked out anew.
    func keepTime() async {
        while !Task.isCancelled {
            let now = WallClockTimer.now
            await note(clockReading.advance(to: now), at: now)
            var next: Int64?
            if now < ClockStep.earliestPlausibleTime {
                waitForClock(at: now)
                next = ClockStep.earliestPlausibleTime
            } else {
                isWaitingForClock = false
                await tick(at: now)
                next = datasets.values.compactMap { dataset in
                    dataset.schedule.flatMap { schedule in dataset.memory?.nextWake(schedule, now: now) }
                }.min()
            }
            do {
                _ = try await timer.sleep(until: next, pulseEvery: pulsePeriod) { if !isStopping { watchdog?.beat("clock") } }
            } catch {
                return
            }
        }
    }

    /// A machine without a battery begins in 1970; what would be due then is due at the right time, too (C11).
    private func waitForClock(at now: Int64) {
        guard !isWaitingForClock, datasets.values.contains(where: { $0.schedule != nil }) else { return }
        isWaitingForClock = true
        log.warning(
            "the clock says \(Moment(secondsSince1970: now)), which cannot be; schedules wait until it is set",
            metadata: ["event": "clock-not-set"])
    }

    private func note(_ step: ClockStep, at now: Int64) async {
        if case .none = step { return }
        log.notice("the clock was set: \(step); what is due is worked out anew", metadata: ["event": "clock-jumped"])
        for (name, dataset) in datasets {
            guard let schedule = dataset.schedule else { continue }
            datasets[name]?.memory?.clockStepped(step, schedule, now: now)
        }
    }

    private func tick(at now: Int64) async {
        for name in datasets.keys.sorted() {
            guard let schedule = datasets[name]?.schedule, var memory = datasets[name]?.memory else { continue }
            let before = memory
            let tick = memory.tick(schedule, now: now)
            guard memory != before else { continue }
            datasets[name]?.memory = memory
            // Durable before any run starts: a crash in between leaves a time out rather than running it twice.
            let text = memory.description
            await keep(name) { $0.schedule = text }
            if let missed = tick.missed {
                metrics.missed(missed.count, of: name)
                log.warning(
                    """
                    \(missed.countText) scheduled times passed without a run, by the catch-up policy: \(Moment(secondsSince1970: missed.first)) \
                    to \(Moment(secondsSince1970: missed.last))
                    """,
                    metadata: ["event": "schedule-missed", "dataset": "\(name)"])
            }
            for run in tick.runs {
                if run.reason == .catchUp {
                    log.notice(
                        "catching up a scheduled time that was missed", metadata: ["event": "schedule-caught-up", "dataset": "\(name)"])
                }
                await executor.trigger(request(of: run, schedule, dataset: name, now: now))
            }
        }
    }

    /// What is caught up was promised, so it waits for a run in progress whatever the policy: at a start that is the check of every config.
    private func request(of run: DueRun, _ schedule: Schedule, dataset: String, now: Int64) -> RunRequest {
        RunRequest(
            dataset, run.reason == .catchUp ? .catchUp : .schedule, due: Moment(secondsSince1970: run.scheduled),
            expires: schedule.maximumAge.map { ContinuousClock.now + .seconds(max(0, run.due + $0 - now)) },
            whileRunning: run.reason == .catchUp ? .queue : schedule.whileRunning)
    }
}
