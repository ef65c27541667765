import Core
package import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix

/// Answers HTTP at every address that it is given, on one thread of its own, until it is cancelled. The service's work depends on nothing here:
/// an address that cannot be opened is tried again, and whatever a client does stays within `WebLimits`.
public struct WebServer: Sendable {
    /// What a caller may choose.
    public struct Settings: Sendable {
        /// Where to answer; at least one address.
        public var addresses: [WebAddress]
        /// Names beside those of the loopback interface under which the service may be asked, in lower case.
        public var hosts: Set<String>
        /// The file with the token for what changes something.
        public var tokenFile: String
        /// The program's version.
        public var version: String
        /// What clients may take.
        public var limits: WebLimits

        /// - Parameters: As the properties of the same names.
        public init(addresses: [WebAddress], hosts: Set<String> = [], tokenFile: String, version: String, limits: WebLimits = WebLimits()) {
            self.addresses = addresses
            self.hosts = hosts
            self.tokenFile = tokenFile
            self.version = version
            self.limits = limits
        }
    }

    let settings: Settings
    let backend: WebBackend
    private let log: Logger

    /// - Parameters:
    ///   - settings: Where and how much.
    ///   - backend: The service.
    ///   - log: Hears of addresses only, never of requests.
    public init(_ settings: Settings, backend: WebBackend, log: Logger) {
        self.settings = settings
        self.backend = backend
        self.log = log
    }

    /// Serves until the task is cancelled; then answers in the making have `WebLimits.linger`.
    public func run() async {
        let token = AccessToken(path: settings.tokenFile)
        if case .failure(let problem) = token.read() {
            log.error("\(problem) Pages are read-only until then.", metadata: ["event": "http-failed"])
        }
        let responder = WebRoutes(settings, backend, token).router().buildResponder()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let linger = settings.limits.linger
        await withTaskCancellationHandler {
            await withTaskGroup { listeners in
                for address in settings.addresses {
                    listeners.addTask { await keepListening(at: address, group, responder) }
                }
            }
            try? await group.shutdownGracefully()
        } onCancel: {
            // Who has not ended by then is ended: closing the group closes every connection.
            Task {
                try? await Task.sleep(for: linger)
                try? await group.shutdownGracefully()
            }
        }
    }

    @concurrent
    private func keepListening(
        at address: WebAddress, _ group: MultiThreadedEventLoopGroup, _ responder: RouterResponder<WebContext>
    ) async {
        var hasFailed = false
        while !Task.isCancelled {
            do {
                let sockets = try ListeningSocket.open(address)
                log.notice("answering HTTP at \(address)", metadata: ["event": "http-ready"])
                hasFailed = false
                try await serve(sockets, group, responder)
                throw ListenFailure("The service was cut off from \(address).")
            } catch {
                guard !Task.isCancelled else { return }
                let mayPass = (error as? ListenFailure)?.mayPass ?? true
                if !hasFailed {
                    log.error(
                        "\(error) The datasets are not concerned; \(mayPass ? "trying again every 10 s" : "nobody is answered there")",
                        metadata: ["event": "http-failed"])
                }
                guard mayPass else { return }
                hasFailed = true
                try? await Task.sleep(for: .seconds(10))
            }
        }
    }

    private func serve(
        _ sockets: [ListeningSocket], _ group: MultiThreadedEventLoopGroup, _ responder: RouterResponder<WebContext>
    ) async throws {
        try await withThrowingTaskGroup { tasks in
            for socket in sockets {
                let channel = HTTP1Channel(
                    responder: WebConnection(responder, HostPolicy(port: socket.port, names: settings.hosts), settings.limits).respond,
                    configuration: configuration)
                let (limits, quiet) = (settings.limits, Self.quiet)
                tasks.addTask {
                    let server = try await ServerBootstrap(group: group)
                        .serverChannelOption(ChannelOptions.backlog, value: 256)
                        .serverChannelInitializer { channel in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(
                                    AvailableConnectionsChannelHandler(maxConnections: limits.connections))
                            }
                        }
                        .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
                        .bind(try socket.duplicate()) { child in
                            child.eventLoop.makeCompletedFuture {
                                try child.pipeline.syncOperations.addHandler(StallGuard(limit: limits.stall))
                            }.flatMap { channel.setup(channel: child, logger: quiet) }
                        }
                    try await withThrowingDiscardingTaskGroup { connections in
                        try await server.executeThenClose { accepted in
                            for try await connection in accepted {
                                connections.addTask { await channel.handle(value: connection, logger: quiet) }
                            }
                        }
                        // Cancelled: who waits for the next request need not.
                        connections.cancelAll()
                    }
                }
            }
            try await tasks.waitForAll()
        }
    }

    private var configuration: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(settings.limits.idle),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: settings.limits.headerBytes, maxHeaderListSize: settings.limits.headersBytes,
                maxHeaderFieldCount: settings.limits.headerCount))
    }

    /// The answer to one request, without a socket.
    ///
    /// - Parameter port: Of the socket through which it came; nil for a Unix socket.
    package func answer(_ request: Request, port: Int?) async throws -> Response {
        let routes = WebRoutes(settings, backend, AccessToken(path: settings.tokenFile))
        return try await routes.router().buildResponder().respond(
            to: request, context: WebContext(HostPolicy(port: port, names: settings.hosts)))
    }

    /// Libraries log requests; nobody else's log may hold a token.
    package static let quiet = Logger(label: "http", factory: { _ in SwiftLogNoOpLogHandler() })
}
