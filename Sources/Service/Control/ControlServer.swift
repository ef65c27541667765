import Glibc
import Synchronization

/// The service's end of the control socket: a thread with poll(2) that reads lines and writes answers, and a task per request that makes
/// one.
///
/// The thread never waits for an answer, so a long reload holds up nobody else. Requests of one connection are answered in their order.
public final class ControlServer: Sendable {
    /// What a client may take.
    public struct Limits: Hashable, Sendable {
        /// Connections at the same time; one more is told so and closed.
        public var connections: Int
        /// How long a connection may take to send a whole request, or to take the next bytes of an answer. Making the answer is not
        /// counted.
        public var idle: Duration
        /// How long answers in the making may take after `stop`.
        public var linger: Duration

        /// - Parameters: As the properties of the same names.
        public init(connections: Int = 32, idle: Duration = .seconds(10), linger: Duration = .seconds(2)) {
            self.connections = connections
            self.idle = idle
            self.linger = linger
        }
    }

    /// Makes an answer, off the server's thread. It is cancelled when the client goes away.
    public typealias Handler = @concurrent @Sendable (ControlRequest, ControlPeer) async -> ControlResponse

    /// The socket's path.
    public let path: String
    let limits: Limits
    let handler: Handler
    let listener: ControlSocket.Listener
    let serviceUser: UInt32
    private let wakeReader: SocketHandle
    private let wakeWriter: SocketHandle
    private let mail = Mutex(Mail())

    /// What tasks tell the thread.
    struct Mail {
        var answers: [(connection: Int, line: [UInt8])] = []
        /// What the thread calls at its next turn.
        var probes: [@Sendable () -> Void] = []
        var isStopping = false
        var hasRun = false
    }

    /// Makes the socket; from now on clients can connect, and are served by `run`.
    ///
    /// - Parameters:
    ///   - serviceUser: Whose clients are let in beside root and the socket's group; by default the user of this process.
    ///   - handler: Makes an answer.
    /// - Throws: `alreadyRunning` where a service answers at the path.
    public init(path: String, limits: Limits = Limits(), serviceUser: UInt32? = nil, handler: @escaping Handler) throws(ControlError) {
        var pipe: (Int32, Int32) = (-1, -1)
        let made = withUnsafeMutableBytes(of: &pipe) { Glibc.pipe($0.assumingMemoryBound(to: Int32.self).baseAddress) }
        guard made == 0 else { throw .making(path, errno: errno) }
        wakeReader = SocketHandle(pipe.0)
        wakeWriter = SocketHandle(pipe.1)
        for descriptor in [pipe.0, pipe.1] {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }
        listener = try ControlSocket.listen(at: path)
        self.path = path
        self.limits = limits
        self.serviceUser = serviceUser ?? geteuid()
        self.handler = handler
    }

    deinit { removeFile() }

    /// Serves until `stop` or cancellation; then answers in the making are sent, the connections closed and the socket's file removed.
    public func run() async {
        let isFirst = mail.withLock { mail in
            defer { mail.hasRun = true }
            return !mail.hasRun
        }
        precondition(isFirst, "a server runs once")
        await withTaskCancellationHandler {
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                Thread.start {
                    var loop = ControlLoop(self)
                    loop.run()
                    self.removeFile()
                    done.resume()
                }
            }
        } onCancel: {
            stop()
        }
    }

    /// Ends `run`, soon.
    public func stop() {
        mail.withLock { $0.isStopping = true }
        wake()
    }

    /// Calls `answered` on the server's thread, soon: what shows that the thread still turns. Never called where the server does not run.
    public func probe(_ answered: @escaping @Sendable () -> Void) {
        mail.withLock { mail in
            // A thread that hangs answers one of them when it goes on; a hundred say nothing more.
            if mail.probes.count < 4 { mail.probes.append(answered) }
        }
        wake()
    }

    func deliver(_ line: [UInt8], to connection: Int) {
        mail.withLock { $0.answers.append((connection, line)) }
        wake()
    }

    /// What came since the last call.
    func takeMail() -> Mail {
        mail.withLock { mail in
            defer {
                mail.answers = []
                mail.probes = []
            }
            return mail
        }
    }

    var wakeDescriptor: Int32 { wakeReader.descriptor }

    func drainWakes() {
        var buffer = [UInt8](repeating: 0, count: 256)
        while read(wakeReader.descriptor, &buffer, buffer.count) > 0 {}
    }

    /// A full pipe wakes as well.
    private func wake() {
        var byte: UInt8 = 1
        _ = write(wakeWriter.descriptor, &byte, 1)
    }

    /// Only our own file: another service may have taken the path.
    private func removeFile() {
        if ControlSocket.FileIdentity(path: path) == listener.file { unlink(path) }
    }
}

/// A thread of its own, with every signal blocked: those are for others.
private enum Thread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func start(_ run: @escaping @Sendable () -> Void) {
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        precondition(code == 0, "the process may start one thread more")
        pthread_detach(thread)
    }
}
