import Glibc

/// The thread's side of `ControlServer`: everything here is used by that thread alone.
struct ControlLoop {
    private typealias Clock = ContinuousClock

    /// One client.
    private struct Connection {
        let socket: SocketHandle
        let peer: ControlPeer
        var exchange = ControlExchange()
        var output: ArraySlice<UInt8> = []
        var task: Task<Void, Never>?
        var closesAfterOutput = false
        /// Nil while the answer is being made.
        var deadline: Clock.Instant?

        var events: Int16 {
            if !output.isEmpty { return Int16(POLLOUT) }
            return exchange.wantsInput ? Int16(POLLIN) : 0
        }
    }

    private let server: ControlServer
    private var connections: [Int: Connection] = [:]
    private var nextID = 0
    private var stopsAt: Clock.Instant?
    /// After accept(2) failed for want of descriptors: asking again at once would only spin.
    private var acceptsAgainAt: Clock.Instant?

    init(_ server: ControlServer) { self.server = server }

    /// Serves until the server is stopped.
    mutating func run() {
        while turn() {}
        for connection in connections.values { connection.task?.cancel() }
        connections = [:]
    }

    /// One poll.
    /// - Returns: False when the server is stopped and nothing is left to send.
    private mutating func turn() -> Bool {
        let mail = server.takeMail()
        for answered in mail.probes { answered() }
        for (id, line) in mail.answers where send(line, to: id) { goOn(id) }
        let now = Clock.now
        if mail.isStopping && stopsAt == nil { stopsAt = now + server.limits.linger }
        if let stopsAt {
            let isBusy = connections.values.contains { $0.exchange.isBusy || !$0.output.isEmpty }
            if !isBusy || now >= stopsAt { return false }
        }
        if let again = acceptsAgainAt, now >= again { acceptsAgainAt = nil }

        let accepts = stopsAt == nil && acceptsAgainAt == nil
        let ids = connections.keys.sorted()
        var polls = [pollfd(fd: server.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        polls.append(pollfd(fd: accepts ? server.listener.socket.descriptor : -1, events: Int16(POLLIN), revents: 0))
        for id in ids {
            guard let connection = connections[id] else { continue }
            polls.append(pollfd(fd: connection.socket.descriptor, events: connection.events, revents: 0))
        }
        let deadlines = connections.values.compactMap(\.deadline) + [stopsAt, acceptsAgainAt].compactMap { $0 }
        guard poll(&polls, nfds_t(polls.count), Self.milliseconds(from: now, to: deadlines.min())) >= 0 else {
            precondition(errno == EINTR || errno == ENOMEM || errno == EAGAIN, "poll is called as poll(2) asks")
            return true
        }
        if polls[0].revents != 0 { server.drainWakes() }
        for (id, poll) in zip(ids, polls.dropFirst(2)) where poll.revents != 0 { serve(id, Int32(poll.revents)) }
        if polls[1].revents != 0 { accept() }
        let later = Clock.now
        for (id, connection) in connections where connection.deadline.map({ $0 <= later }) ?? false { close(id) }
        return true
    }

    /// Rounded up, so that a deadline is past when its poll returns.
    private static func milliseconds(from now: Clock.Instant, to deadline: Clock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        return Int32(clamping: max(0, Int64(((deadline - now) / .milliseconds(1)).rounded(.up))))
    }

    private mutating func accept() {
        while true {
            let descriptor = Glibc.accept(server.listener.socket.descriptor, nil, nil)
            guard descriptor >= 0 else {
                switch errno {
                case EINTR, ECONNABORTED: continue
                case EAGAIN: break
                default: acceptsAgainAt = Clock.now + .milliseconds(200)
                }
                return
            }
            let socket = SocketHandle(descriptor)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            if let refusal = refusal(of: socket) {
                Self.sendOnce(ControlResponse.refused(refusal).line, to: socket)
            } else if let peer = ControlPeer(of: descriptor) {
                connections[nextID] = Connection(socket: socket, peer: peer, deadline: Clock.now + server.limits.idle)
                nextID += 1
            }
        }
    }

    private func refusal(of socket: SocketHandle) -> ControlRefusal? {
        let peer = ControlPeer(of: socket.descriptor)
        guard let peer, peer.mayControl(serviceUser: server.serviceUser, socketGroup: server.listener.group) else {
            let user = peer.map { "user \($0.user)" } ?? "an unknown user"
            return ControlRefusal(
                .permission,
                "The service takes requests of root, its own user and the group \(server.listener.group) of its socket, not of \(user)."
            )
        }
        guard connections.count < server.limits.connections else {
            return ControlRefusal(.busy, "The service has \(connections.count) connections, as many as it takes. Try again.")
        }
        return nil
    }

    /// What fits into the socket's buffer at once, which a refusal does.
    private static func sendOnce(_ line: [UInt8], to socket: SocketHandle) {
        _ = Glibc.send(socket.descriptor, line, line.count, Int32(MSG_NOSIGNAL))
    }

    private mutating func serve(_ id: Int, _ events: Int32) {
        guard let connection = connections[id] else { return }
        if events & POLLOUT != 0 {
            if write(id) { goOn(id) }
        } else if events & POLLIN != 0, connection.exchange.wantsInput {
            read(id)
        } else if events & (POLLHUP | POLLERR | POLLNVAL) != 0 {
            // Nobody is there to read the answer.
            close(id)
        }
    }

    private mutating func read(_ id: Int) {
        guard var connection = connections[id] else { return }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(connection.socket.descriptor, &buffer, buffer.count, 0)
        if count < 0 {
            if errno != EAGAIN && errno != EINTR { close(id) }
            return
        }
        let step = count == 0 ? connection.exchange.ended() : connection.exchange.received(buffer.prefix(count))
        connections[id] = connection
        follow(step, id)
    }

    /// Does the step, and those that follow from it at once. A loop: a client may send thousands of short wrong lines in one go.
    private mutating func follow(_ first: ControlExchange.Step, _ id: Int) {
        var step: ControlExchange.Step? = first
        while let current = step {
            let answer: ControlRefusal?
            switch current {
            case .read, .wait: return
            case .close: return close(id)
            case .refuseLength:
                connections[id]?.closesAfterOutput = true
                answer = ControlRefusal(.tooLarge, "A request has at most \(ControlRequest.maximumBytes) bytes.")
            case .answer(let line): answer = begin(line, id)
            }
            guard let answer, send(ControlResponse.refused(answer).line, to: id) else { return }
            step = connections[id]?.exchange.answered()
        }
    }

    /// Lets a task make the answer.
    /// - Returns: What is wrong with the line, where no task is needed.
    private mutating func begin(_ line: [UInt8], _ id: Int) -> ControlRefusal? {
        guard var connection = connections[id] else { return nil }
        do throws(ControlRefusal) {
            let request = try ControlRequest(reading: line)
            let (server, peer) = (server, connection.peer)
            connection.deadline = nil
            connection.task = Task {
                let response = await server.handler(request, peer)
                server.deliver(response.line, to: id)
            }
            connections[id] = connection
            return nil
        } catch {
            return error
        }
    }

    /// Begins to send an answer.
    /// - Returns: Whether it is all sent, and the connection goes on.
    private mutating func send(_ line: [UInt8], to id: Int) -> Bool {
        guard var connection = connections[id] else { return false }
        connection.task = nil
        connection.output = line[...]
        connection.deadline = Clock.now + server.limits.idle
        connections[id] = connection
        return write(id)
    }

    /// Sends what the socket takes.
    /// - Returns: Whether it is all sent, and the connection goes on.
    private mutating func write(_ id: Int) -> Bool {
        guard var connection = connections[id] else { return false }
        while !connection.output.isEmpty {
            let count = connection.output.withUnsafeBytes {
                Glibc.send(connection.socket.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                connection.output = connection.output.dropFirst(count)
                connection.deadline = Clock.now + server.limits.idle
            } else if errno == EAGAIN {
                connections[id] = connection
                return false
            } else if errno != EINTR {
                close(id)
                return false
            }
        }
        connections[id] = connection
        if connection.closesAfterOutput { close(id) }
        return !connection.closesAfterOutput
    }

    /// The answer is sent; perhaps the next request is there already.
    private mutating func goOn(_ id: Int) {
        if let step = connections[id]?.exchange.answered() { follow(step, id) }
    }

    private mutating func close(_ id: Int) {
        connections[id]?.task?.cancel()
        connections[id] = nil
    }
}
