import Core
import Glibc
import Service
import Testing

@Suite("How watching is shown")
struct WatchReportTests {
    private func report(_ change: (inout WatchStatus) -> Void) -> WatchReport {
        var status = WatchStatus()
        status.rescans = 1
        status.directory = .present
        change(&status)
        return WatchReport(status, of: "/conf", now: QueueBench().now)
    }

    private func table(_ watch: WatchReport) -> String {
        let report = StatusReport(
            version: "0.1.0", started: QueueBench.moment(0), now: QueueBench.moment(0), configDirectory: "/conf", watch: watch, datasets: []
        )
        return StatusTable(report, width: nil).text
    }

    private func line(_ watch: WatchReport) -> String {
        StatusLine(datasets: 1, refused: [], running: [], next: nil, failed: [], directory: "/conf", problems: watch.problems).text
    }

    @Test("W17: as long as all is well nothing is said of it, except in the JSON")
    func normal() {
        let watch = report { status in
            status.events = 7
            status.lastSuccess = QueueBench.at(-60)
        }
        #expect(watch.problems.isEmpty && watch.lastSuccess == QueueBench.moment(-60))
        #expect(table(watch) == "fleetsynth 0.1.0, up 0 s, /conf: 0 datasets")
        #expect(line(watch) == "1 dataset in /conf")
        let json = StatusReport(
            version: "1", started: QueueBench.moment(0), now: QueueBench.moment(0), configDirectory: "/", watch: watch, datasets: []
        ).json
        for name in [
            "directory", "events", "in_force", "last_change", "last_success", "missed", "mode", "overflows", "problems", "refused",
            "rescans", "waiting",
        ] { #expect(json.contains("\"\(name)\": ")) }
        // Before the first look nobody knows.
        #expect(WatchReport(WatchStatus(), of: "/conf", now: QueueBench().now).problems.isEmpty)
    }

    @Test(
        "W8 W9: polling and a directory that cannot be read are in the table and in the manager's line",
        arguments: [
            (WatchStatus.Directory.missing, WatchReport.Directory.missing, "/conf: there is no such directory; waiting for it"),
            (.replacedByEmpty, .replaced, "took its place; waiting for one (reload to believe it)"),
            (.unreadable(WatchFailure(code: EACCES, action: "list /conf")), .unreadable, "Permission denied"),
        ])
    func away(_ directory: WatchStatus.Directory, _ word: WatchReport.Directory, _ text: String) {
        let watch = report { $0.directory = directory }
        #expect(watch.directory == word && !watch.isPolling)
        #expect(table(watch).contains(text) && line(watch).contains(text))
        let keeping = report { status in
            status.directory = directory
            status.inForce = 1
        }
        #expect(table(keeping).contains("; keeping the configs in force and "))
    }

    @Test("W8: polling names the sysctl")
    func polling() {
        let watch = report { $0.mode = .polling(WatchFailure(code: EMFILE, action: "use inotify")) }
        #expect(watch.isPolling && watch.problems.count == 1)
        #expect(table(watch).contains("max_user_instances") && line(watch).contains("max_user_instances"))
    }

    @Test("A config that waits for another to go is named")
    func waiting() {
        let watch = report { $0.waiting = ["db.yaml"] }
        #expect(table(watch).hasSuffix("\nwaiting until the config in their way is gone for good: db.yaml"))
    }
}
