import Glibc
import Logging
import Synchronization
import Systemd
import Testing

@Suite("Log style")
struct LogStyleTests {
    private let journal = FileIdentity(device: 9, inode: 4711)

    @Test(
        "S18: native entries only if standard error is the journal's stream",
        arguments: [
            ("9:4711", .journal), ("9:4712", .text(colour: false)), ("8:4711", .text(colour: false)), ("9", .text(colour: false)),
            ("9:4711:1", .text(colour: false)), ("", .text(colour: false)), (nil, .text(colour: false)),
        ] as [(String?, LogStyle)])
    func journalStream(stream: String?, expected: LogStyle) {
        let environment = stream.map { ["JOURNAL_STREAM": $0] } ?? [:]
        #expect(LogStyle.choose(environment: environment, isTerminal: false, standardError: journal) == expected)
        #expect(LogStyle.choose(environment: environment, isTerminal: false, standardError: nil) == .text(colour: false))
    }

    @Test("Colour only on a terminal that has it, and not against NO_COLOR")
    func colour() {
        #expect(LogStyle.choose(environment: ["TERM": "xterm"], isTerminal: true, standardError: journal) == .text(colour: true))
        #expect(LogStyle.choose(environment: ["NO_COLOR": ""], isTerminal: true, standardError: journal) == .text(colour: true))
        #expect(LogStyle.choose(environment: ["NO_COLOR": "1"], isTerminal: true, standardError: journal) == .text(colour: false))
        #expect(LogStyle.choose(environment: ["TERM": "dumb"], isTerminal: true, standardError: journal) == .text(colour: false))
        #expect(LogStyle.choose(environment: [:], isTerminal: false, standardError: journal, requested: .text) == .text(colour: false))
    }

    @Test("What was asked for wins over what was found")
    func requested() {
        let environment = ["JOURNAL_STREAM": "9:4711"]
        #expect(LogStyle.choose(environment: environment, isTerminal: false, standardError: journal, requested: .json) == .json)
        #expect(LogStyle.choose(environment: [:], isTerminal: true, standardError: nil, requested: .journal) == .journal)
    }

    @Test("S18: identities come from descriptors")
    func identity() throws {
        var pair: [Int32] = [0, 0]
        try #require(pipe(&pair) == 0)
        var status = stat()
        try #require(fstat(pair[1], &status) == 0)
        let stream = FileIdentity(journalStream: "\(status.st_dev):\(status.st_ino)")
        #expect(FileIdentity(descriptor: pair[1]) == stream && stream != nil)
        for descriptor in pair { close(descriptor) }
        #expect(FileIdentity(descriptor: -1) == nil)
    }
}

@Suite("Log lines")
struct LineFormatTests {
    private let record = LogRecord(
        event(.warning, "no room", ["dataset": "web", "free": .stringConvertible(12), "event": "run-failed-store", "why": "disk full"]))

    @Test("Lines for people: level, message, data; the kind is for machines")
    func text() {
        #expect(LineFormat.text(colour: false).line(record) == "warning: no room dataset=web free=12 why=\"disk full\"")
        #expect(
            LineFormat.text(colour: false).line(record, time: "2026-01-31T02:15:00Z").hasPrefix("2026-01-31T02:15:00Z warning: no room"))
        #expect(LineFormat.text(colour: true).line(record).hasPrefix("\u{1B}[33mwarning:\u{1B}[0m no room\u{1B}[2m dataset=web"))
    }

    @Test("S18: prefixed lines carry the priority and never a second line")
    func prefixed() {
        let forged = LogRecord(event(.error, "bad\n<0>forged", ["text": "a\nb \"c\" \\ \u{1B}[2J"]))
        #expect(LineFormat.prefixed.line(forged) == "<3>bad\\n<0>forged text=\"a\\nb \\\"c\\\" \\\\ \\u{1b}[2J\"")
    }

    @Test("JSON lines keep numbers, nesting and every character")
    func json() {
        let nested = LogRecord(
            event(
                .info, "a \"quote\"\n",
                ["rows": .stringConvertible(3), "ok": .stringConvertible(true), "list": ["x", ["k": "\u{1}\\"]], "level": "own"]))
        let start = #"{"time":"T","level":"info","message":"a \"quote\"\n","source":"Service/Queue.swift:12","#
        let data = #""field_level":"own","list":["x",{"k":"\u0001\\"}],"ok":true,"rows":3}"#
        #expect(LineFormat.json.line(nested, time: "T") == start + data)
    }

    @Test("Metadata of the call wins over the provider's, and that over the logger's; an error is data")
    func merged() {
        struct Broken: Error, CustomStringConvertible { let description = "broken pipe" }
        var call = event(.info, "m", ["c": "call"])
        call.error = Broken()
        let provider = Logger.MetadataProvider { ["b": "task", "c": "task"] }
        let record = LogRecord(call, logger: ["a": "logger", "b": "logger", "c": "logger"], provider: provider)
        #expect(LineFormat.text(colour: false).line(record) == "info: m a=logger b=task c=call error=\"broken pipe\"")
    }

    @Test("A handler writes through a logger, with its metadata and clock")
    func handler() {
        let sink = FakeLines()
        var logger = Logger(label: "t") { _ in LineLogHandler(format: .text(colour: false), sink: sink, clock: { "T" }) }
        logger[metadataKey: "run_id"] = "web-1"
        logger.notice("started", metadata: ["dataset": "web"])
        logger.debug("left out")
        #expect(sink.lines.all == ["T notice: started dataset=web run_id=web-1"])
    }
}

@Suite("Standard error")
struct StandardErrorSinkTests {
    @Test("S18: a full pipe does not hold up the service, and a closed one is no error", .timeLimit(.minutes(1)))
    func full() throws {
        signal(SIGPIPE, SIG_IGN)
        var pair: [Int32] = [0, 0]
        try #require(pipe(&pair) == 0)
        let sink = StandardErrorSink(mayBlock: false, descriptor: pair[1])
        #expect(sink.write("first"))
        var buffer = [UInt8](repeating: 0, count: 64)
        #expect(read(pair[0], &buffer, 64) == 6)
        #expect(String(decoding: buffer[..<6], as: UTF8.self) == "first\n")
        let line = String(repeating: "x", count: 1000)
        var taken = 0
        while taken < 1000, sink.write(line) { taken += 1 }
        #expect((1..<100).contains(taken))
        close(pair[0])
        #expect(!sink.write("nobody reads"))
        close(pair[1])
        #expect(!StandardErrorSink(mayBlock: true, descriptor: -1).write("closed"))
    }
}

@Suite("Repeats")
struct RepeatTests {
    private let start = ContinuousClock.now

    @Test("S20: the first entries pass, the rest becomes one summary when the window ends")
    func summary() {
        var filter = RepeatFilter<String, Int>(burst: 2, window: .seconds(30))
        let passed = (1...100).filter { filter.admit("full", $0, now: start + .milliseconds(10 * $0)).passes }
        #expect(passed == [1, 2])
        #expect(filter.nextDue == start + .seconds(30) + .milliseconds(10))
        #expect(filter.due(now: start + .seconds(30)).isEmpty)
        let summaries = filter.due(now: start + .seconds(31))
        #expect(summaries.map(\.count) == [98])
        #expect(summaries.map(\.sample) == [100])
        #expect(summaries.map(\.span) == [.milliseconds(990)])
        #expect(filter.nextDue == nil)
        #expect(filter.admit("full", 101, now: start + .seconds(32)).passes)
    }

    @Test("S20: keys do not hold each other back, and an ended window is reported before the next entry")
    func keys() {
        var filter = RepeatFilter<String, Int>(burst: 1, window: .seconds(30))
        #expect(filter.admit("a", 1, now: start).passes)
        #expect(filter.admit("b", 2, now: start + .seconds(1)).passes)
        #expect(!filter.admit("a", 3, now: start + .seconds(2)).passes)
        let next = filter.admit("c", 4, now: start + .seconds(30))
        #expect(next.passes && next.summaries.map(\.sample) == [3])
        #expect(filter.drain().isEmpty)
    }

    @Test("S20: memory is bounded; a key that gives way is summarised")
    func bounded() {
        var filter = RepeatFilter<Int, Int>(burst: 1, window: .seconds(30), capacity: 2)
        #expect(filter.admit(1, 10, now: start).passes)
        #expect(!filter.admit(1, 11, now: start).passes)
        #expect(filter.admit(2, 20, now: start + .seconds(1)).passes)
        let third = filter.admit(3, 30, now: start + .seconds(2))
        #expect(third.passes && third.summaries.map(\.sample) == [11])
    }

    @Test("S20: one message about one dataset is summarised with its kind; another dataset, level or message is another matter")
    func limiter() {
        let sink = FakeLines()
        let clock = ManualClock()
        let limiter = RepeatLimiter(burst: 1, window: .seconds(30), now: { clock.now })
        let logger = Logger(label: "t") { _ in SummarisingLogHandler(LineLogHandler(format: .json, sink: sink), limiter: limiter) }
        for attempt in 1...4 {
            logger.warning("retry", metadata: ["dataset": "web", "event": "run-retried", "attempt": .stringConvertible(attempt)])
            clock.advance(by: .seconds(2))
        }
        logger.warning("retry", metadata: ["dataset": "db"])
        logger.error("retry", metadata: ["dataset": "web", "event": "run-retried"])
        #expect(sink.lines.all.count == 3)
        #expect(limiter.flush() != nil)
        clock.advance(by: .seconds(30))
        limiter.flush()
        #expect(sink.lines.all.count == 4)
        let last = sink.lines.all.last ?? ""
        #expect(last.contains(#""message":"repeated: retry""#) && last.contains(#""repeats":3"#) && last.contains(#""repeat_seconds":6"#))
        #expect(last.contains(#""attempt":4"#) && last.contains(#""event":"run-retried""#))
        logger.warning("retry", metadata: ["dataset": "web", "event": "run-retried"])
        logger.warning("retry", metadata: ["dataset": "web", "event": "run-retried"])
        limiter.finish()
        #expect(sink.lines.all.count == 6)
    }
}
