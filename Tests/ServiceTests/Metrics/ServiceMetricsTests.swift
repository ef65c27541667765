import Core
import Service
import Testing

@Suite("Metrics of the service")
struct ServiceMetricsTests {
    private static let begun = ContinuousClock.now

    private static func run(_ dataset: String = "web", _ reason: RunReason = .config) throws -> RunQueue.Run {
        var queue = RunQueue(RunQueue.Policy(parallelism: 1))
        let now = RunQueue.Now(instant: begun, moment: QueueBench.moment(100), random: 7)
        let actions = queue.trigger(RunRequest(dataset, reason), at: now).actions
        guard case .start(let run)? = actions.first else { throw Missing() }
        return run
    }

    private struct Missing: Error {}

    private static func status(_ rows: [DatasetStatus] = [], watch: WatchReport = WatchReport()) -> StatusReport {
        StatusReport(
            version: "9.9", started: QueueBench.moment(0), now: QueueBench.moment(500), configDirectory: "/etc/x", watch: watch,
            datasets: rows
        )
    }

    /// The lines of a scrape, by series.
    private static func scrape(_ metrics: ServiceMetrics, _ status: StatusReport, refused: Set<String> = []) -> [String: String] {
        let text = metrics.text(
            .init(status: status, refused: refused, parallelism: 4, watchdog: .seconds(30), process: ProcessReading.now()))
        var lines: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            lines[parts.dropLast().joined(separator: " ")] = parts.last.map(String.init)
        }
        return lines
    }

    private static let web = DatasetStatus(dataset: "web", state: .idle)

    @Test(
        "a run that ends counts once, by result and reason, with its length",
        arguments: [
            (RunResult.published(.test(2, rows: 600), bytes: 1_234), "published", "0"),
            (.upToDate(.test(2, rows: 600)), "up_to_date", "0"),
            (.failed(RunFailure(.retryable, "x", exitCode: 75)), "failed", "1"),
            (.failed(RunFailure(.permanent, "x", exitCode: 75)), "failed", "1"),
            (.failed(RunFailure(.quality, "x", exitCode: 65)), "quality", "1"),
        ])
    func runs(result: RunResult, word: String, failed: String) throws {
        let metrics = ServiceMetrics()
        metrics.note(.finished(try Self.run(), result), at: Self.begun + .seconds(3))
        let lines = Self.scrape(metrics, Self.status([Self.web]))
        #expect(lines["fleetsynth_runs_total{dataset=\"web\",result=\"\(word)\",reason=\"config\"}"] == "1")
        #expect(lines["fleetsynth_run_duration_seconds_bucket{result=\"\(word)\",le=\"2.5\"}"] == "0")
        #expect(lines["fleetsynth_run_duration_seconds_bucket{result=\"\(word)\",le=\"5\"}"] == "1")
        #expect(lines["fleetsynth_last_run_duration_seconds{dataset=\"web\"}"] == "3")
        #expect(lines["fleetsynth_last_run_failed{dataset=\"web\"}"] == failed)
        let isPublished = word == "published"
        #expect(lines["fleetsynth_bytes_published_total{dataset=\"web\"}"] == (isPublished ? "1234" : nil))
        #expect(lines["fleetsynth_last_run_rows_per_second{dataset=\"web\"}"] == (isPublished ? "200" : nil))
    }

    @Test("a cancelled run counts and says nothing about success")
    func cancelled() throws {
        let metrics = ServiceMetrics()
        metrics.note(.finished(try Self.run(), .failed(RunFailure(.permanent, "x", exitCode: 75))), at: Self.begun)
        metrics.note(.finished(try Self.run(), .cancelled), at: Self.begun)
        let lines = Self.scrape(metrics, Self.status([Self.web]))
        #expect(lines["fleetsynth_runs_total{dataset=\"web\",result=\"cancelled\",reason=\"config\"}"] == "1")
        #expect(lines["fleetsynth_last_run_failed{dataset=\"web\"}"] == "1")
    }

    @Test("what does not run is counted by cause")
    func notes() throws {
        let metrics = ServiceMetrics()
        let run = try Self.run()
        metrics.note(.noted(.skipped(RunRequest("web", .schedule), blockedBy: "x")))
        metrics.note(.noted(.expired(dataset: "web", reason: .schedule, due: nil)))
        metrics.note(.noted(.gaveUp(run, failures: 5)))
        metrics.note(.noted(.retrying(run, after: .seconds(1), failures: 1)))
        metrics.missed(3, of: "web")
        let lines = Self.scrape(metrics, Self.status([Self.web]))
        for cause in ["busy", "late", "given_up"] {
            #expect(lines["fleetsynth_runs_left_out_total{dataset=\"web\",cause=\"\(cause)\"}"] == "1")
        }
        #expect(lines["fleetsynth_run_retries_total{dataset=\"web\"}"] == "1")
        #expect(lines["fleetsynth_schedule_missed_total{dataset=\"web\"}"] == "3")
    }

    @Test("rows count when the gate has judged them, whatever it says")
    func rows() throws {
        let metrics = ServiceMetrics()
        let run = try Self.run()
        metrics.note(.started(rows: 600, estimatedBytes: 1, because: nil), of: run)
        metrics.note(.judged(QualityReport(checks: []), []), of: run)
        let lines = Self.scrape(metrics, Self.status([Self.web]))
        #expect(lines["fleetsynth_rows_generated_total{dataset=\"web\"}"] == "600")
        #expect(lines["fleetsynth_quality_passed{dataset=\"web\"}"] == "1")
        #expect(lines["fleetsynth_quality_checks{dataset=\"web\",verdict=\"fail\"}"] == "0")
    }

    @Test("reloads count by result, from 0")
    func reloads() {
        let metrics = ServiceMetrics()
        #expect(Self.scrape(metrics, Self.status())["fleetsynth_config_reloads_total{result=\"refused\"}"] == "0")
        metrics.note(ReloadReport([]))
        metrics.note(ReloadReport([.init(file: "a.yaml", dataset: "a", outcome: .refused)]))
        metrics.note(ReloadReport([], interruption: "x"))
        metrics.note(ReloadReport([]))
        let lines = Self.scrape(metrics, Self.status())
        for (result, count) in [("success", "2"), ("refused", "1"), ("interrupted", "1")] {
            #expect(lines["fleetsynth_config_reloads_total{result=\"\(result)\"}"] == count)
        }
    }

    @Test("what the state remembers is there at once after a restart: last success, last end, failure, verdict")
    func restart() {
        var row = DatasetStatus(dataset: "web", state: .failed)
        row.published = DatasetState.Published(.test(41, rows: 600), checked: QueueBench.moment(200))
        row.lastRun = DatasetState.LastRun(
            id: "web-1", reason: .schedule, due: nil, started: QueueBench.moment(300),
            end: DatasetState.End(at: QueueBench.moment(310), verdict: .quality, message: "x"))
        let lines = Self.scrape(ServiceMetrics(), Self.status([row]))
        #expect(lines["fleetsynth_last_success_timestamp_seconds{dataset=\"web\"}"] == "\(QueueBench.moment(200).seconds)")
        #expect(lines["fleetsynth_last_run_timestamp_seconds{dataset=\"web\"}"] == "\(QueueBench.moment(310).seconds)")
        #expect(lines["fleetsynth_last_run_failed{dataset=\"web\"}"] == "1")
        #expect(lines["fleetsynth_quality_passed{dataset=\"web\"}"] == "0")
        #expect(lines["fleetsynth_dataset_generation{dataset=\"web\"}"] == "41")
        #expect(lines["fleetsynth_datasets{state=\"failed\"}"] == "1" && lines["fleetsynth_datasets{state=\"running\"}"] == "0")

        // Published although a check failed: the run ended well, and the data is none the better.
        row.state = .idle
        row.lastRun?.end = DatasetState.End(at: QueueBench.moment(310), verdict: .upToDate)
        let warned = Self.scrape(ServiceMetrics(), Self.status([row]))
        #expect(warned["fleetsynth_last_run_failed{dataset=\"web\"}"] == "0" && warned["fleetsynth_quality_passed{dataset=\"web\"}"] == "0")
    }

    @Test("a failure is still told while the next run is in progress")
    func running() throws {
        let metrics = ServiceMetrics()
        metrics.note(.finished(try Self.run(), .failed(RunFailure(.retryable, "x", exitCode: 75))), at: Self.begun + .seconds(3))
        var row = DatasetStatus(dataset: "web", state: .running)
        row.lastRun = DatasetState.LastRun(id: "web-2", reason: .config, due: nil, started: QueueBench.moment(400), end: nil)
        let lines = Self.scrape(metrics, Self.status([row]))
        #expect(lines["fleetsynth_last_run_failed{dataset=\"web\"}"] == "1")
        #expect(lines["fleetsynth_last_run_timestamp_seconds{dataset=\"web\"}"] == "\(QueueBench.moment(103).seconds)")
        #expect(lines["fleetsynth_runs_running"] == "1")
    }

    @Test("the watcher's counters and states are told as they are")
    func watch() {
        var watch = WatchReport()
        (watch.directory, watch.isPolling, watch.waiting) = (.present, true, ["x.yaml"])
        (watch.events, watch.overflows, watch.rescans, watch.missed, watch.inForce, watch.refused) = (1, 2, 3, 4, 5, 6)
        watch.lastSuccess = QueueBench.moment(7)
        let lines = Self.scrape(ServiceMetrics(), Self.status([Self.web], watch: watch), refused: ["web"])
        let wanted = [
            "inotify_events_total": "1", "inotify_overflows_total": "2", "watch_rescans_total": "3", "watch_rescan_finds_total": "4",
            "configs_in_force": "5", "configs_refused": "6", "configs_waiting": "1", "watch_polling": "1", "config_directory_present": "1",
            "config_last_reload_successful": "0", "config_last_reload_success_timestamp_seconds": "\(QueueBench.moment(7).seconds)",
            "dataset_config_refused{dataset=\"web\"}": "1", "watchdog_interval_seconds": "30", "runs_running_limit": "4",
        ]
        for (name, value) in wanted { #expect(lines["fleetsynth_" + name] == value, "\(name)") }
        watch.refused = 0
        #expect(Self.scrape(ServiceMetrics(), Self.status(watch: watch))["fleetsynth_config_last_reload_successful"] == "1")
    }

    @Test("a dataset that goes takes its series along, also those of a run that ends after it")
    func forgotten() throws {
        let metrics = ServiceMetrics()
        metrics.note(.finished(try Self.run(), .cancelled), at: Self.begun)
        metrics.forget("web")
        metrics.note(.finished(try Self.run(), .cancelled), at: Self.begun)
        #expect(!Self.scrape(metrics, Self.status([DatasetStatus(dataset: "app", state: .idle)])).keys.contains { $0.contains("\"web\"") })
    }

    @Test("datasets beyond the limit are counted, and the text stays bounded")
    func limit() {
        let metrics = ServiceMetrics(datasetLimit: 2)
        let lines = Self.scrape(metrics, Self.status((0..<5).map { DatasetStatus(dataset: "d\($0)", state: .idle) }))
        #expect(lines["fleetsynth_datasets_without_series"] == "3" && lines["fleetsynth_datasets{state=\"idle\"}"] == "5")
        #expect(lines.keys.count { $0.hasPrefix("fleetsynth_dataset_paused{") } == 2)
    }

    @Test("this process has used time and memory, has files open and a start before now")
    func process() throws {
        let process = try #require(ProcessReading.now())
        #expect(process.cpuSeconds > 0 && process.residentBytes > 1e6 && process.virtualBytes >= process.residentBytes)
        #expect(process.descriptors >= 3 && process.descriptorLimit >= process.descriptors)
        #expect(process.startSeconds > 1.5e9)
    }
}
