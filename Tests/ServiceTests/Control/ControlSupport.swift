import Glibc
import Service
import Synchronization
import Testing

/// Runs what blocks on a thread of its own: tasks have few threads, and the answers come from them.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { done in
        let work = Unmanaged.passRetained(BlockingWork { done.resume(with: Result { try body() }) })
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<BlockingWork>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        precondition(code == 0, "the test may start a thread")
        pthread_detach(thread)
    }
}

private final class BlockingWork: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A client that may send anything.
final class RawClient: Sendable {
    private let descriptor: Int32
    /// What came after the last answer.
    private let rest = Mutex<ArraySlice<UInt8>>([])

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        try #require(code == 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Sends as much as the service takes.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ request: ControlRequest) { send(request.line) }

    /// Sends nothing more, but reads on.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next answer; nil at the end of the connection.
    func answer() throws -> ControlResponse? {
        try rest.withLock { rest in
            while true {
                if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    let answer: ControlResponse = try #require(ControlResponse(reading: Array(rest[..<end])))
                    rest = rest[(end + 1)...]
                    return answer
                }
                var buffer = [UInt8](repeating: 0, count: 65_536)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                try #require(count >= 0 || errno == ECONNRESET, "the answer comes within 20 s")
                if count <= 0 { return nil }
                rest += buffer.prefix(count)
            }
        }
    }

    deinit { close(descriptor) }
}

/// A door that opens once.
final class Door: Sendable {
    private let events = AsyncStream.makeStream(of: Void.self)
    func open() { events.continuation.finish() }
    func wait() async { for await _ in events.stream {} }
}
