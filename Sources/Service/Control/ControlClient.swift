import Glibc

/// The command line's end of the control socket. Blocks its thread.
public struct ControlClient: Sendable {
    /// The socket's path.
    public let path: String
    /// How long one request may take from connecting to the end of its answer.
    public let timeout: Duration

    /// - Parameters: As the properties of the same names.
    public init(path: String, timeout: Duration = .seconds(10)) {
        precondition(timeout > .zero, "no answer comes in no time")
        self.path = path
        self.timeout = timeout
    }

    /// Asks, and waits for the answer.
    public func send(_ request: ControlRequest) throws(ControlError) -> ControlResponse {
        let deadline = ContinuousClock.now + timeout
        let socket = SocketHandle(socket(AF_UNIX, ControlSocket.streamType, 0))
        guard socket.isOpen else { throw .asking(path, errno: errno) }
        // connect(2) waits for a place in the backlog, and both it and send(2) keep to this time.
        let (seconds, attoseconds) = timeout.components
        var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        setsockopt(socket.descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        try ControlSocket.onAddress(of: path) { (address, length) throws(ControlError) in
            while connect(socket.descriptor, address, length) != 0 {
                guard errno == EINTR else { throw .asking(path, errno: errno) }
            }
        }
        try write(request.line, to: socket)
        return try answer(from: socket, deadline: deadline)
    }

    private func write(_ line: [UInt8], to socket: SocketHandle) throws(ControlError) {
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE || errno == ECONNRESET {
                // A service that refuses a client closes without reading; the answer is there all the same.
                return
            } else if errno != EINTR {
                throw .asking(path, errno: errno)
            }
        }
    }

    private func answer(from socket: SocketHandle, deadline: ContinuousClock.Instant) throws(ControlError) -> ControlResponse {
        var input: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let left = deadline - ContinuousClock.now
            var wait = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
            let ready = left > .zero ? poll(&wait, 1, Int32(clamping: Int64((left / .milliseconds(1)).rounded(.up)))) : 0
            if ready < 0 {
                guard errno == EINTR else { throw .asking(path, errno: errno) }
                continue
            }
            guard ready > 0 else {
                throw ControlError(
                    .timeout,
                    "The service at \(path) did not answer within \(timeout.components.seconds) s. What was asked may still happen; "
                        + "`fleetsynth status` tells.")
            }
            let count = recv(socket.descriptor, &buffer, buffer.count, 0)
            if count < 0 {
                guard errno == EINTR || errno == EAGAIN else { throw .asking(path, errno: errno) }
                continue
            }
            if count == 0 { throw .asking(path, errno: ECONNRESET) }
            let new = buffer.prefix(count)
            if let newline = new.firstIndex(of: UInt8(ascii: "\n")) {
                input += new[..<newline]
                guard let response = ControlResponse(reading: input) else { throw notUnderstood }
                return response
            }
            input += new
            guard input.count <= ControlResponse.maximumBytes else { throw notUnderstood }
        }
    }

    private var notUnderstood: ControlError {
        ControlError(
            .notUnderstood,
            "What answers at \(path) does not speak this version of the protocol. Restart the service after an upgrade, or name another "
                + "socket with --socket.")
    }
}
