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
        notifier.extendTimeout(by: .milliseconds(20_500))
        notifier.watchdog()
        #expect(peer.receive() == "STOPPING=1\nSTATUS=finishing web")
        #expect(peer.receive() == "EXTEND_TIMEOUT_USEC=20500000")
        #expect(peer.receive() == "WATCHDOG=1")
    }

    @Test("S1: without NOTIFY_SOCKET every call does nothing, and says so")
    func unsupervised() {
        unsetenv("NOTIFY_SOCKET")
        let notifier = Notifier()
        #expect(notifier.ready() == .notSupervised)
        #expect(notifier.reloading() == .notSupervised)
        #expect(notifier.stopping() == .notSupervised)
        #expect(notifier.status("idle") == .notSupervised)
        #expect(notifier.watchdog() == .notSupervised)
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

    @Test("S10: at most one status per second goes out, and of those in between only the newest")
    func coalesced() {
        let notifier = notifier
        #expect(notifier.status("1 %", now: start) == .sent)
        #expect(notifier.status("2 %", now: start + .milliseconds(100)) == .held)
        #expect(notifier.status("3 %", now: start + .milliseconds(900)) == .held)
        #expect(notifier.flush(now: start + .milliseconds(999)) == start + .seconds(1))
        #expect(sent.all == ["STATUS=1 %"])
        #expect(notifier.flush(now: start + .seconds(1)) == nil)
        #expect(notifier.flush(now: start + .seconds(5)) == nil)
        #expect(sent.all == ["STATUS=1 %", "STATUS=3 %"])
        #expect(notifier.status("4 %", now: start + .milliseconds(1999)) == .held)
        #expect(notifier.status("5 %", now: start + .seconds(2)) == .sent)
        #expect(notifier.flush(now: start + .seconds(9)) == nil)
        #expect(sent.all == ["STATUS=1 %", "STATUS=3 %", "STATUS=5 %"])
    }

    @Test("S10: a status that says nothing new is not sent, and takes back a held one")
    func unchanged() {
        let notifier = notifier
        notifier.status("idle", now: start)
        notifier.status("web: 10 %", now: start + .milliseconds(10))
        #expect(notifier.status("idle", now: start + .milliseconds(20)) == .held)
        #expect(notifier.flush(now: start + .seconds(2)) == nil)
        #expect(sent.all == ["STATUS=idle"])
    }

    @Test("S3: READY=1 is never held back, and replaces a held status")
    func readyReplaces() {
        let notifier = notifier
        notifier.status("starting", now: start)
        notifier.status("scanning", now: start + .milliseconds(10))
        notifier.ready(status: "ready", now: start + .milliseconds(20))
        #expect(notifier.flush(now: start + .seconds(3)) == nil)
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
