import Systemd
import Testing

@Suite("Heartbeats")
struct HeartbeatsTests {
    private let start = ContinuousClock.now

    @Test("S9: WATCHDOG=1 goes out at most every half interval", arguments: [.milliseconds(200), .seconds(120)] as [Duration])
    func halfInterval(interval: Duration) {
        var beats = Heartbeats(interval: interval, subsystems: ["queue"], now: start)
        beats.beat("queue")
        #expect(beats.check(now: start + interval / 4) == .early(next: start + interval / 2))
        #expect(beats.check(now: start + interval / 2) == .notify(next: start + interval))
        beats.beat("queue")
        #expect(beats.check(now: start + interval * 3 / 4) == .early(next: start + interval))
        #expect(beats.check(now: start + interval) == .notify(next: start + interval * 3 / 2))
    }

    @Test("S9: one busy subsystem without progress holds back WATCHDOG=1", arguments: ["beat", "idle", "remove"])
    func stall(until cure: String) {
        var beats = Heartbeats(interval: .seconds(80), subsystems: ["queue", "watch"], now: start)
        beats.beat("queue")
        beats.beat("watch")
        #expect(beats.check(now: start + .seconds(40)) == .notify(next: start + .seconds(80)))
        beats.beat("queue")
        #expect(beats.check(now: start + .seconds(80)) == .stalled(["watch"], next: start + .seconds(90)))
        beats.beat("queue")
        #expect(beats.check(now: start + .seconds(90)) == .stalled(["watch"], next: start + .seconds(100)))
        switch cure {
        case "beat": beats.beat("watch")
        case "idle": beats.idle("watch")
        default: beats.remove("watch")
        }
        #expect(beats.check(now: start + .seconds(91)) == .notify(next: start + .seconds(131)))
    }

    @Test("S9: subsystems that wait for work owe nothing")
    func idle() {
        var beats = Heartbeats(interval: .seconds(2), subsystems: ["queue", "watch"], now: start)
        for second in 1...10 {
            #expect(beats.check(now: start + .seconds(second)) == .notify(next: start + .seconds(second + 1)))
        }
    }

    @Test("S9: progress counts once: a beat before the last notification is not progress since")
    func countsOnce() {
        var beats = Heartbeats(interval: .seconds(2), subsystems: [], now: start)
        beats.beat("run web")
        #expect(beats.check(now: start + .seconds(1)) == .notify(next: start + .seconds(2)))
        #expect(beats.check(now: start + .seconds(2)) == .stalled(["run web"], next: start + .seconds(2) + .milliseconds(250)))
    }
}

@Suite("Watchdog")
struct WatchdogTests {
    @Test(
        "S9: the interval is read as sd_watchdog_enabled reads it",
        arguments: [
            (["WATCHDOG_USEC": "120000000"], .seconds(120)), (["WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "41"], .milliseconds(1500)),
            (["WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "42"], nil), (["WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "x"], nil),
            (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-5"], nil), (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
        ] as [([String: String], Duration?)])
    func interval(environment: [String: String], expected: Duration?) {
        #expect(Watchdog.interval(environment: environment, processID: 41) == expected)
    }

    @Test("S9: the loop tells the manager while there is progress, reports a stall once, and ends when cancelled")
    func loop() async {
        let sent = Recorder<String>()
        let clock = ManualClock()
        let notifier = Notifier { message in
            sent.add(message.text)
            return .sent
        }
        let watchdog = Watchdog(interval: .seconds(80), subsystems: ["queue"], notifier: notifier, now: clock.now)
        let start = clock.now
        let stalls = Recorder<[String]>()
        // Progress for 100 s, none until 200 s, then progress again.
        await watchdog.run(
            stalled: { stalls.add($0) }, now: { clock.now },
            sleep: { wake in
                guard wake < start + .seconds(300) else { throw CancellationError() }
                clock.advance(by: wake - clock.now)
                let time = clock.now - start
                if time < .seconds(100) || time > .seconds(200) { watchdog.beat("queue") }
            })
        #expect(stalls.all == [["queue"]])
        // At 40 and 80; the stall lasts from 120 until the beat at 210; then at 210, 250 and 290.
        #expect(sent.all == Array(repeating: "WATCHDOG=1", count: 5))
    }
}
