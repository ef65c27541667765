import CSystemd
import Glibc

/// Takes entries to the journal.
public protocol JournalSink: Sendable {
    /// - Returns: Whether the journal has the entry; it never waits for room.
    func send(_ entry: JournalEntry) -> Bool
}

/// The journal of this machine, through sd_journal_sendv(3), which passes entries too large for a datagram in a memory file.
///
/// libsystemd waits while journald's queue is full, and says nothing where there is no journald. A connected socket of our own
/// answers both questions before: connect fails without journald, and poll reports room in the peer's queue. It is made anew for
/// every entry (a few microseconds), because a kept one would not notice that journald was replaced.
public struct JournalSocket: JournalSink {
    /// Where journald listens.
    public static let defaultPath = "/run/systemd/journal/socket"

    private let path: String

    /// - Parameter path: The socket that tells whether there is room; entries go where libsystemd sends them.
    public init(path: String = JournalSocket.defaultPath) { self.path = path }

    /// Sends the entry if journald is there and has room.
    public func send(_ entry: JournalEntry) -> Bool {
        guard hasRoom else { return false }
        let fields = entry.encoded
        var bytes = fields.flatMap { $0 }
        return bytes.withUnsafeMutableBytes { buffer in
            var offset = 0
            let vectors = fields.map { field in
                defer { offset += field.count }
                return iovec(iov_base: buffer.baseAddress.map { $0 + offset }, iov_len: field.count)
            }
            return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
        }
    }

    /// Whether journald listens and would take a datagram now.
    public var hasRoom: Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard Self.connect(descriptor, to: path) else { return false }
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, 0) == 1 && request.revents == Int16(POLLOUT)
    }

    private static func connect(_ descriptor: Int32, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
