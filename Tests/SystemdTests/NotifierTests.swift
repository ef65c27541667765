import Glibc
import Systemd
import Testing

/// NOTIFY_SOCKET is the process's, so these run one after the other, and no other suite touches it.
@Suite("The notification socket", .serialized)
struct NotificationSocketTests {
    @Test("S1: READY=1 arrives once, with its status, at a path and at an abstract name", arguments: [false, true])
    func ready(isAbstract: Bool) throws {
        let peer = try DatagramPeer(isAbstract ? "@fleetsynth-tests-\(getpid())" : scratchPath("notify"))
        setenv("NOTIFY_SOCKET", peer.name, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        #expect(Notifier().ready(status: "3 configs") == .sent)
        #expect(peer.receive() == "READY=1\nSTATUS=3 configs")
        #expect(peer.receive() == nil)
    }

    @Test("S3: every reload is announced with its time stamp in one datagram, and ended, also the second time")
    func reloads() throws {
        let peer = try DatagramPeer(scratchPath("notify"))
        setenv("NOTIFY_SOCKET", peer.name, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        let notifier = Notifier()
        for _ in 0..<2 {
            let before = Notifier.monotonicMicroseconds
            notifier.reloading()
            notifier.ready(status: "config refused, keeping generation 3")
            let lines = try #require(peer.receive()).split(separator: "\n")
            #expect(lines.first == "RELOADING=1")
            let stamp = try #require(lines.last?.split(separator: "=").last.flatMap { UInt64($0) })
            #expect(lines.count == 2 && lines[1].hasPrefix("MONOTONIC_USEC="))
            #expect((before...Notifier.monotonicMicroseconds).contains(stamp))
            #expect(peer.receive() == "READY=1\nSTATUS=config refused, keeping generation 3")
        }
    }

    @Test("S8, S9: stopping, the watchdog and a longer timeout have their own datagrams")
    func others() throws {
        let peer = try DatagramPeer(scratchPath("notify"))
        setenv("NOTIFY_SOCKET", peer.name, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        let notifier = Notifier()
        notifier.stopping(status: "finishing web")
        notifier.watchdog()
        #expect(peer.receive() == "STOPPING=1\nSTATUS=finishing web")
        #expect(peer.receive() == "WATCHDOG=1")
    }

    @Test("S1: without NOTIFY_SOCKET every call does nothing, and says so")
    func unsupervised() {
        unsetenv("NOTIFY_SOCKET")
        let notifier = Notifier()
        #expect(notifier.ready() == .notSupervised)
        #expect(notifier.reloading() == .notSupervised)
        #expect(notifier.status("idle") == .notSupervised)
        #expect(notifier.watchdog() == .notSupervised)
        #expect(notifier.stopping() == .notSupervised)
    }

    @Test("A socket that nobody reads is an error to log, not a reason to stop")
    func goneManager() {
        setenv("NOTIFY_SOCKET", scratchPath("nobody"), 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        #expect(Notifier().ready() == .failed(errno: ENOENT))
    }
}

@Suite("Notifier")
struct NotifierTests {
    private let sent = Recorder<String>()
    private let start = ContinuousClock.now
    private var notifier: Notifier {
        Notifier { [sent] message in
            sent.add(message.text)
            return .sent
        }
    }

    @Test("S10: at most one status per second goes out; the caller is told of the others")
    func coalesced() {
        let notifier = notifier
        #expect(notifier.status("1 %", now: start) == .sent)
        #expect(notifier.status("2 %", now: start + .milliseconds(999)) == .held)
        #expect(sent.all == ["STATUS=1 %"])
        #expect(notifier.status("3 %", now: start + .seconds(1)) == .sent)
        #expect(notifier.status("4 %", now: start + .milliseconds(1999)) == .held)
        #expect(notifier.status("5 %", now: start + .seconds(2)) == .sent)
        #expect(sent.all == ["STATUS=1 %", "STATUS=3 %", "STATUS=5 %"])
    }

    @Test("S10: a status that says nothing new is not sent")
    func unchanged() {
        let notifier = notifier
        #expect(notifier.status("idle", now: start) == .sent)
        #expect(notifier.status("idle", now: start + .milliseconds(20)) == .sent)
        #expect(notifier.status("idle", now: start + .seconds(20)) == .sent)
        #expect(sent.all == ["STATUS=idle"])
    }

    @Test("S8: after STOPPING=1 only signs of life go out")
    func stopping() {
        let notifier = notifier
        notifier.status("one", now: start)
        #expect(notifier.stopping(status: "stopping", now: start + .milliseconds(2)) == .sent)
        #expect(notifier.ready(status: "three", now: start + .seconds(3)) == .tooLate)
        #expect(notifier.reloading(status: "four", now: start + .seconds(4)) == .tooLate)
        #expect(notifier.status("five", now: start + .seconds(5)) == .tooLate)
        #expect(notifier.watchdog() == .sent)
        #expect(sent.all == ["STATUS=one", "STOPPING=1\nSTATUS=stopping", "WATCHDOG=1"])
    }

    @Test("S3: READY=1 is never held back, and its status counts")
    func readyReplaces() {
        let notifier = notifier
        notifier.status("starting", now: start)
        notifier.ready(status: "ready", now: start + .milliseconds(20))
        #expect(notifier.status("idle", now: start + .milliseconds(1010)) == .held)
        #expect(sent.all == ["STATUS=starting", "READY=1\nSTATUS=ready"])
    }

    @Test("A status cannot smuggle in an assignment, and stays within a datagram")
    func sanitised() {
        #expect(NotifyMessage.status("bad name\nREADY=1\u{1B}[m").text == "STATUS=bad name READY=1 [m")
        let long = NotifyMessage.status(String(repeating: "\u{20AC}", count: 5000)).text
        #expect(long.utf8.count <= "STATUS=".utf8.count + NotifyMessage.statusLimit)
        #expect(long.hasSuffix("\u{20AC}"))
    }
}
