import Hummingbird
import Logging

/// What a request's handlers know beside the request.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who may be asked at the socket that the request came through.
    var hosts = HostPolicy(port: nil, names: [])

    /// Without a socket.
    init(_ hosts: HostPolicy) {
        coreContext = CoreRequestContextStorage(source: Origin(logger: WebServer.quiet))
        self.hosts = hosts
    }

    private struct Origin: RequestContextSource { let logger: Logger }

    init(source: ApplicationRequestContextSource) { coreContext = CoreRequestContextStorage(source: source) }
}
