import Core

extension ServiceMetrics {
    /// What is so at one moment and nobody counts.
    public struct Surroundings: Sendable {
        /// How every dataset is.
        public var status: StatusReport
        /// The datasets whose config file is refused.
        public var refused: Set<String>
        /// Most runs at the same time.
        public var parallelism: Int
        /// The manager's watchdog interval; nil without one.
        public var watchdog: Duration?
        /// The process; nil where the kernel does not tell.
        public var process: ProcessReading?

        /// - Parameters: As the properties of the same names.
        public init(status: StatusReport, refused: Set<String>, parallelism: Int, watchdog: Duration?, process: ProcessReading?) {
            self.status = status
            self.refused = refused
            self.parallelism = parallelism
            self.watchdog = watchdog
            self.process = process
        }
    }

    /// Everything, in Prometheus's text format.
    public func text(_ now: Surroundings) -> String {
        var (values, without) = retaining(Set(now.status.datasets.map(\.dataset)))
        values.set(.datasetsWithoutSeries, to: Double(without))
        values.set(.buildInfo, [now.status.version, "\(PanelPlan.algorithmVersion)"], to: 1)
        values.set(.runningLimit, to: Double(now.parallelism))
        values.set(.watchdogInterval, to: now.watchdog.map { $0 / .seconds(1) } ?? 0)
        values.take(now.status.watch)
        values.take(now.status.datasets, refused: now.refused)
        if let process = now.process { values.take(process) }
        return MetricsText.text(values)
    }
}

extension MetricsState {
    fileprivate mutating func take(_ watch: WatchReport) {
        let isPresent = watch.directory == .present
        set(.reloadSucceeded, to: isPresent && watch.refused == 0 ? 1 : 0)
        if let moment = watch.lastSuccess { set(.reloadSuccess, to: Double(moment.seconds)) }
        set(.configsInForce, to: Double(watch.inForce))
        set(.configsRefused, to: Double(watch.refused))
        set(.configsWaiting, to: Double(watch.waiting.count))
        set(.directoryPresent, to: isPresent ? 1 : 0)
        set(.inotifyEvents, to: Double(watch.events))
        set(.inotifyOverflows, to: Double(watch.overflows))
        set(.rescans, to: Double(watch.rescans))
        set(.rescanFinds, to: Double(watch.missed))
        set(.polling, to: watch.isPolling ? 1 : 0)
    }

    fileprivate mutating func take(_ rows: [DatasetStatus], refused: Set<String>) {
        for state in DatasetStatus.State.allCases { set(.datasets, [state.rawValue], to: Double(rows.count { $0.state == state })) }
        set(.queueLength, to: Double(rows.count { $0.state == .queued }))
        set(.running, to: Double(rows.count { $0.state == .running }))
        for row in rows {
            let name = [row.dataset]
            set(.paused, name, to: row.state == .paused ? 1 : 0)
            set(.datasetRefused, name, to: refused.contains(row.dataset) ? 1 : 0)
            if let next = row.nextRun { set(.nextRun, name, to: Double(next.seconds)) }
            if let published = row.published {
                set(.lastSuccess, name, to: Double(published.checked.seconds))
                set(.generation, name, to: Double(published.generation.number))
                set(.rows, name, to: Double(published.generation.rows))
            }
            if let end = row.lastRun?.end {
                set(.lastRunEnd, name, to: Double(end.at.seconds))
                let hasFailed = end.verdict == .failed || end.verdict == .quality
                set(.lastFailed, name, to: hasFailed ? 1 : 0)
                if !has(.qualityPassed, name), end.verdict != .failed, end.verdict != .cancelled {
                    // A run that publishes or finds data that failed a check ends well all the same where the policy is to warn.
                    set(.qualityPassed, name, to: hasFailed || row.published?.generation.failedChecks ?? 0 > 0 ? 0 : 1)
                }
            }
        }
    }

    fileprivate mutating func take(_ process: ProcessReading) {
        set(.processCPU, to: process.cpuSeconds)
        set(.processResident, to: process.residentBytes)
        set(.processVirtual, to: process.virtualBytes)
        set(.processDescriptors, to: process.descriptors)
        set(.processDescriptorLimit, to: process.descriptorLimit)
        set(.processStart, to: process.startSeconds)
    }
}
