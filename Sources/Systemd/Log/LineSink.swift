import Glibc

/// Takes whole lines of log text.
public protocol LineSink: Sendable {
    /// Writes one line; the sink adds the newline.
    /// - Returns: Whether the line was taken.
    func write(_ line: String) -> Bool
}

/// Standard error. One write per line, so that lines of several threads do not mix.
public struct StandardErrorSink: LineSink {
    private let descriptor: Int32
    private let mayBlock: Bool

    /// - Parameters:
    ///   - mayBlock: Whether to wait for a slow reader. The service does not: a stopped journald must not stop a run (S18).
    ///   - descriptor: Where to write; 2 is standard error.
    public init(mayBlock: Bool, descriptor: Int32 = 2) {
        self.mayBlock = mayBlock
        self.descriptor = descriptor
    }

    /// A stream that is closed or full ends the text, not the run.
    public func write(_ line: String) -> Bool {
        var bytes = Array((line + "\n").utf8)[...]
        while !bytes.isEmpty {
            guard mayBlock || hasRoom else { return false }
            // A pipe that has room has at least PIPE_BUF bytes of it, so a longer line goes in pieces.
            let piece = mayBlock ? bytes : bytes.prefix(Int(PIPE_BUF))
            let count = piece.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }

    private var hasRoom: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, 0) == 1 && request.revents == Int16(POLLOUT)
    }
}
