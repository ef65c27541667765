import Core
import Service
import Testing

@Suite("Control messages") struct ControlMessageTests {
    private static let everyRequest: [ControlRequest] = [
        .status(dataset: nil), .status(dataset: "web"), .trigger("web"), .reload, .pause("web"), .resume("web"), .rescan, .version,
        .metrics,
    ]

    @Test("A request is one line that reads back", arguments: everyRequest)
    func requests(_ request: ControlRequest) throws {
        #expect(request.line.last == 0x0A && request.line.dropLast().allSatisfy { $0 != 0x0A })
        #expect(try ControlRequest(reading: request.line) == request)
        #expect(try ControlRequest(reading: request.line.dropLast()) == request)
    }

    @Test("The request's text is a promise to other programs")
    func requestText() {
        let text = String(decoding: ControlRequest.trigger("web").line, as: UTF8.self)
        #expect(text == #"{"dataset": "web","protocol": 1,"verb": "trigger"}"# + "\n")
    }

    @Test(
        "A line that is no request is refused with its reason",
        arguments: [
            ("", ControlRefusal.Code.badRequest, "no JSON"), ("hello", .badRequest, "no JSON"), ("[1]", .badRequest, "no JSON object"),
            ("{\"verb\":\"status\"}", .badRequest, "lacks its protocol version"),
            ("{\"protocol\":2,\"verb\":\"status\"}", .unknownProtocol, "version 2, and this service speaks 1"),
            ("{\"protocol\":1}", .badRequest, "no verb"),
            ("{\"protocol\":1,\"verb\":\"destroy\"}", .unknownVerb, "'destroy'; it knows status, trigger"),
            ("{\"protocol\":1,\"verb\":\"\\u001b[2J\"}", .unknownVerb, "'?[2J'"),
            ("{\"protocol\":1,\"verb\":\"trigger\"}", .badRequest, "needs a dataset"),
            ("{\"protocol\":1,\"verb\":\"pause\",\"dataset\":\"\"}", .badRequest, "needs a dataset"),
            ("{\"protocol\":1,\"verb\":\"trigger\",\"dataset\":7}", .badRequest, "a name"),
            ("{\"protocol\":1,\"verb\":\"reload\",\"dataset\":\"web\"}", .badRequest, "takes no dataset"),
            ("{\"protocol\":1,\"verb\":\"status\",\"force\":true}", .badRequest, "'force'"),
            ("{\"protocol\":1,\"protocol\":1,\"verb\":\"status\"}", .badRequest, "twice"),
            (String(repeating: "[", count: 60_000), .badRequest, "levels deep"),
        ])
    func refusals(_ line: String, _ code: ControlRefusal.Code, _ words: String) {
        let refusal = #expect(throws: ControlRefusal.self) { try ControlRequest(reading: Array(line.utf8)) }
        #expect(refusal?.code == code && refusal?.message.contains(words) == true)
    }

    private static let problem = ConfigProblem(
        severity: .error, source: "web.yaml", line: 12, column: 7, path: "data_generation.num_servers", message: "-3 is below 1",
        expected: "a number from 1", suggestion: "3", remedy: "write 3", excerpt: "  num_servers: -3\n               ^~")

    static var status: StatusReport {
        var failed = DatasetStatus(dataset: "b", state: .failed, errors: ["b.yaml:1:1: one", "two \u{e9}\n\"three\""])
        failed.lastRun = DatasetState.LastRun(
            id: "b-1", reason: .catchUp, due: QueueBench.moment(1), started: QueueBench.moment(2),
            end: DatasetState.End(at: QueueBench.moment(3), verdict: .quality, message: "x"))
        let running = DatasetStatus(
            dataset: "a", state: .running, published: DatasetState.Published(.test(3, rows: 9), checked: QueueBench.moment(1)),
            lastRun: DatasetState.LastRun(id: "a-1", reason: .config, due: nil, started: QueueBench.moment(2), end: nil),
            nextRun: QueueBench.moment(4))
        var watch = WatchReport()
        (watch.isPolling, watch.directory, watch.problems, watch.waiting) = (true, .unreadable, ["one"], ["x.yaml"])
        (watch.events, watch.overflows, watch.rescans, watch.missed, watch.inForce, watch.refused) = (1, 2, 3, 4, 5, 6)
        (watch.lastChange, watch.lastSuccess) = (QueueBench.moment(6), QueueBench.moment(7))
        return StatusReport(
            version: "0.1.0", started: QueueBench.moment(0), now: QueueBench.moment(5), configDirectory: "/etc/fleetsynth", watch: watch,
            datasets: [failed, running])
    }

    private static let everyResponse: [ControlResponse] =
        [
            .status(status), .done("web  is\nrunning"), .done("x", runID: "web-1"), .version("0.1.0"),
            .metrics("# HELP a \"b\" \\n\na 1\n"),
            .reloaded(ReloadReport([])),
            .reloaded(
                ReloadReport(
                    [
                        .init(file: "web.yaml", dataset: "web", outcome: .refused, problems: [problem]),
                        .init(file: "a.yaml", dataset: "a", outcome: .applied),
                        .init(
                            file: "b.yaml", dataset: "b", outcome: .unchanged,
                            problems: [ConfigProblem(severity: .warning, source: "b.yaml", path: "", message: "m")]),
                    ], interruption: "the service is stopping")),
        ] + ControlRefusal.Code.allCases.map { .refused(ControlRefusal($0, "because")) }

    @Test("An answer is one line that reads back, with everything in it", arguments: everyResponse)
    func responses(_ response: ControlResponse) {
        #expect(response.line.last == 0x0A && response.line.dropLast().allSatisfy { $0 != 0x0A })
        #expect(ControlResponse(reading: response.line) == response)
    }

    @Test(
        "What is no answer of this protocol is not read",
        arguments: ["", "{}", "{\"protocol\":2,\"result\":\"done\",\"message\":\"x\"}", "{\"protocol\":1,\"result\":\"maybe\"}"])
    func noResponse(_ line: String) { #expect(ControlResponse(reading: Array(line.utf8)) == nil) }

    @Test(
        "Every answer to trigger says what happens, and refusals have the exit code 75",
        arguments: [
            (RunQueue.Acceptance.started(runID: "web-1"), "web is running now: web-1", Int32(0)),
            (.queued(ahead: 1), "behind 1 other dataset", 0), (.queued(ahead: 3), "behind 3 other datasets", 0),
            (.merged, "queued already", 0), (.afterRunning(runID: "web-1"), "again after web-1", 0), (.held, "paused", 0),
            (.skipped(blockedBy: "web-1"), "web-1", 0), (.refused(.paused), "`fleetsynth resume web` first", 75),
            (.refused(.stopping), "stopping", 75), (.refused(.tooLate), "too late", 75),
        ])
    func acceptances(_ acceptance: RunQueue.Acceptance, _ words: String, _ exitCode: Int32) {
        switch ControlResponse(acceptance, dataset: "web") {
        case .done(let message, _): #expect(message.contains(words) && exitCode == 0)
        case .refused(let refusal): #expect(refusal.message.contains(words) && refusal.exitCode == exitCode)
        default: Issue.record("trigger is answered with a sentence")
        }
    }

    @Test(
        "Reload ends with 78 if any config is wrong, else 75 if it was cut short, else 0 (S5)",
        arguments: [
            ([ReloadReport.Outcome.applied, .unchanged, .removed], nil, Int32(0)), ([.applied, .refused], nil, 78),
            ([.applied], "stopping", 75), ([.refused], "stopping", 78), ([], nil, 0),
        ])
    func reloadExitCode(_ outcomes: [ReloadReport.Outcome], _ interruption: String?, _ exitCode: Int32) {
        let configs = outcomes.map { ReloadReport.Config(file: "f", dataset: "d", outcome: $0) }
        #expect(ReloadReport(configs, interruption: interruption).exitCode == exitCode)
    }

    @Test("Reload prints every problem as validate does, with file, line, column and rule, and what stays in force (S5)")
    func reloadText() {
        let report = ReloadReport([
            .init(file: "a.yaml", dataset: "a", outcome: .applied),
            .init(file: "web.yaml", dataset: "web", outcome: .refused, problems: [Self.problem]),
        ])
        #expect(
            report.text == Self.problem.text + "\nreload: 1 applied, 1 refused\n"
                + "A refused config changes nothing: its last good version stays in force.")
        let place = "web.yaml:12:7: data_generation.num_servers: -3 is below 1"
        #expect(report.text.hasPrefix("\(place); expected a number from 1; did you mean 3?\n"))
        #expect(report.json.contains("\"exit_code\": 78") && report.json.contains("\"line\": 12"))
        #expect(ReloadReport([]).text == "reload: no configs")
        #expect(ReloadReport([.init(file: "x", dataset: "x", outcome: .refused, problems: [])]).text.hasPrefix("x: refused\n"))
        var hostile = Self.problem
        hostile.message = "\u{1B}[31m"
        #expect(!ReloadReport([.init(file: "x", dataset: "x", outcome: .refused, problems: [hostile])]).text.contains("\u{1B}"))
    }
}
