import Glibc
import Logging
import Synchronization
import Systemd
import Testing

/// A manager's notification socket: a datagram socket at a path or an abstract name.
final class DatagramPeer {
    let name: String
    private let descriptor: Int32

    /// - Parameter name: As NOTIFY_SOCKET writes it: a path, or `@` and an abstract name.
    init(_ name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 } else { unlink(name) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(result == 0, "bind \(name): errno \(errno)")
    }

    deinit {
        close(descriptor)
        if !name.hasPrefix("@") { unlink(name) }
    }

    /// The next datagram, or nil if there is none: what was sent before is there already.
    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Fills the queue until a sender would have to wait.
    func fill() throws {
        let sender = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        defer { close(sender) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(name.utf8)) }
        let isConnected = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(sender, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 }
        }
        try #require(isConnected)
        while send(sender, "x", 1, 0) == 1 {}
        try #require(errno == EAGAIN)
    }
}

/// A path for a socket or a file that no other test uses.
func scratchPath(_ name: String) -> String { "/tmp/fleetsynth-systemd-tests-\(getpid())-\(name)" }

/// Remembers what passed, in order.
final class Recorder<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    var all: [Element] { elements.withLock { $0 } }
    func add(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// A clock that stands still until it is moved.
final class ManualClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(by duration: Duration) { instant.withLock { $0 += duration } }
}

/// A journal that takes entries, or refuses them.
final class FakeJournal: JournalSink {
    let entries = Recorder<JournalEntry>()
    private let accepts = Mutex(true)
    func isUp(_ value: Bool) { accepts.withLock { $0 = value } }
    func send(_ entry: JournalEntry) -> Bool {
        guard accepts.withLock({ $0 }) else { return false }
        entries.add(entry)
        return true
    }
}

/// A stream that takes lines, or is full.
final class FakeLines: LineSink {
    let lines = Recorder<String>()
    private let accepts = Mutex(true)
    func isUp(_ value: Bool) { accepts.withLock { $0 = value } }
    func write(_ line: String) -> Bool {
        guard accepts.withLock({ $0 }) else { return false }
        lines.add(line)
        return true
    }
}

extension JournalEntry {
    func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
}

func event(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata? = nil) -> LogEvent {
    LogEvent(level: level, message: message, metadata: metadata, source: nil, file: "Service/Queue.swift", function: "start()", line: 12)
}
