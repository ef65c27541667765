import Core
import Service
import Testing

@Suite("Status") struct StatusTableTests {
    private func report(_ datasets: [DatasetStatus]) -> StatusReport {
        StatusReport(
            version: "0.1.0", started: QueueBench.moment(-3 * 86_400), now: QueueBench.moment(0), configDirectory: "/etc/fleetsynth",
            datasets: datasets)
    }

    private func row(
        _ name: String, _ state: DatasetStatus.State, generation: Int = 41, rows: Int = 175_320, age: Double = 300,
        _ verdict: DatasetState.Verdict? = .published, next: Double? = 72_000, errors: [String] = []
    ) -> DatasetStatus {
        DatasetStatus(
            dataset: name, state: state, published: DatasetState.Published(.test(generation, rows: rows), checked: QueueBench.moment(-age)),
            lastRun: DatasetState.LastRun(
                id: "x", reason: .config, due: nil, started: QueueBench.moment(-age),
                end: verdict.map { DatasetState.End(at: QueueBench.moment(-age), verdict: $0) }),
            nextRun: next.map(QueueBench.moment), errors: errors)
    }

    private let place = "web.yaml:12:7: data_generation.num_servers: -3 is below 1; expected a whole number from 1 to 1000000"

    @Test("The table shows each dataset in a row, by name, with its errors below")
    func table() {
        let text = StatusTable(
            report([
                row("web", .refused, errors: [place]),
                row("batch", .running, generation: 7, rows: 365_000, age: 7200, .upToDate, next: nil),
                DatasetStatus(dataset: "new", state: .queued),
            ]), width: nil
        ).text
        #expect(
            text == """
                fleetsynth 0.1.0, up 3 d, /etc/fleetsynth: 3 datasets, 1 running, 1 queued, 1 refused
                DATASET  STATE    GENERATION     ROWS  LAST RESULT  AGE    NEXT RUN
                batch    running           7  365,000  up to date   2 h    -
                new      queued            -        -  -            -      -
                web      refused          41  175,320  published    5 min  in 20 h
                    \(place)
                """)
    }

    @Test("No datasets is one line")
    func empty() { #expect(StatusTable(report([]), width: 80).text == "fleetsynth 0.1.0, up 3 d, /etc/fleetsynth: 0 datasets") }

    @Test(
        "No line is wider than the terminal, and every dataset can be told at any width",
        arguments: [1, 20, 24, 30, 40, 50, 60, 72, 80, 200])
    func fits(_ width: Int) {
        let name = "warehouse-of-the-north-" + String(repeating: "x", count: 60)
        let rows = [row(name, .retrying, errors: [place, "\u{6771}\u{4EAC}" + place]), row("web", .idle)]
        let text = StatusTable(report(rows), width: width).text
        let lines = text.split(separator: "\n")
        for line in lines {
            let columns = line.reduce(0) { $0 + ("\u{6771}\u{4EAC}".contains($1) ? 2 : 1) }
            #expect(columns <= max(20, width))
        }
        #expect(lines[2].hasPrefix("warehou") && lines[2].contains("retry") && lines.last?.hasPrefix("web") == true)
        #expect(width < 200 || lines[2].contains(name))
        #expect(width < 80 || lines[1].hasSuffix("NEXT RUN"))
    }

    @Test("Text from a config cannot drive the terminal")
    func hostile() {
        let text = StatusTable(report([row("we\u{1B}[2Jb", .refused, errors: ["a\u{1B}]0;x\u{7}b\u{202E}c\rd\ne"])]), width: 80).text
        #expect(text.contains("we?[2Jb") && text.contains("    a?]0;x?b?c\n    d\n    e"))
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x202E) })
    }

    @Test(
        "Lengths of time are short",
        arguments: zip([0.0, 119, 120, 7199, 7200, 172_799, 172_800], ["0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 d"]))
    func ages(_ age: Double, _ text: String) {
        let line = StatusTable(report([row("web", .idle, age: age, next: age)]), width: nil).text.split(separator: "\n")[2]
        #expect(line.contains(" \(text) ") && line.hasSuffix(age == 0 ? "now" : "in \(text)"))
    }

    @Test("An error is wrapped at the terminal's edge, so that what to do at its end is seen")
    func wrapped() {
        let error = "web.yaml:1:20: data_generation.num_server: unknown key; did you mean num_servers?"
        let lines = StatusTable(report([DatasetStatus(dataset: "web", state: .refused, errors: [error])]), width: 40).text.split(
            separator: "\n")
        let tail = lines.dropFirst(3).joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(tail == error)
        #expect(lines.allSatisfy { $0.count <= 40 } && lines[3].hasPrefix("    web") && lines[4].hasPrefix("        "))
    }

    @Test("The JSON has every member for every dataset")
    func json() {
        let json = report([DatasetStatus(dataset: "new", state: .queued)]).json
        for name in [
            "checked_at", "config_directory", "dataset", "due", "failed_checks", "errors", "generation", "last_message", "last_result",
            "next_run", "now", "percent",
            "published_at",
            "reason", "rows", "run_ended", "run_id", "run_started", "started", "state", "version",
        ] { #expect(json.contains("\"\(name)\": ")) }
    }

    @Test("A refused config shows its place beside the last good generation, and a right one ends that (S5)")
    func refused() {
        var memory = DatasetState()
        memory.published = DatasetState.Published(.test(41, rows: 9), checked: QueueBench.moment(0))
        let problem = ConfigProblem(severity: .error, source: "web.yaml", line: 12, column: 7, path: "a", message: "b")
        let warning = ConfigProblem(severity: .warning, source: "web.yaml", path: "a", message: "c")
        let bench = QueueBench()
        func status(_ problems: [ConfigProblem]) -> DatasetStatus {
            DatasetStatus(
                "web", queue: bench.queue, memory: memory, problems: problems, nextScheduled: QueueBench.moment(60), now: bench.now)
        }
        let refused = status([problem, warning])
        #expect(refused.state == .refused && refused.errors == ["web.yaml:12:7: a: b"] && refused.published?.generation.number == 41)
        #expect(refused.nextRun == QueueBench.moment(60))
        #expect(status([warning]).state == .idle && status([warning]).errors.isEmpty)
    }

    @Test("The state follows the queue: running, queued, retrying with its time, failed, paused")
    func states() throws {
        var bench = QueueBench()
        bench.random = 1 << 63
        var memory = DatasetState()
        func status(_ name: String) -> DatasetStatus {
            DatasetStatus(name, queue: bench.queue, memory: memory, problems: [], nextScheduled: QueueBench.moment(60), now: bench.now)
        }
        let run = try #require(bench.trigger("web").actions.started.first)
        _ = bench.trigger("other")
        #expect(status("web").state == .running && status("other").state == .queued)
        memory.end(run, .storeBusy, at: QueueBench.moment(0))
        _ = bench.finish(run, .storeBusy)
        #expect(status("web").state == .retrying && status("web").nextRun == QueueBench.moment(2))
        #expect(status("web").errors == ["the store is busy"])
        memory.end(run, .badQuality, at: QueueBench.moment(0))
        #expect(status("third").state == .failed && status("third").errors == ["the gate refused"])
        _ = bench.queue.pause("third")
        #expect(status("third").state == .paused && status("third").nextRun == nil)
        _ = bench.queue.pause("other")
        #expect(status("other").state == .running)
    }
}
