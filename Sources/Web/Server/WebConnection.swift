import Hummingbird
import HummingbirdCore
import NIOCore

/// One request to the router and its answer to the socket.
struct WebConnection: Sendable {
    private let responder: RouterResponder<WebContext>
    private let hosts: HostPolicy
    private let limits: WebLimits

    init(_ responder: RouterResponder<WebContext>, _ hosts: HostPolicy, _ limits: WebLimits) {
        self.responder = responder
        self.hosts = hosts
        self.limits = limits
    }

    @concurrent @Sendable func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        var context = WebContext(source: ApplicationRequestContextSource(channel: channel, logger: WebServer.quiet))
        context.hosts = hosts
        let response = try await responder.respond(to: request, context: context)
        do {
            try await writer.write(response: response.head, body: response.body)
        } catch is HTTPErrorWhileWriting {
            channel.close(promise: nil)
        }
        guard response.headers[.connection] == "close" else { return }
        // A client that is still sending sees the answer only if its bytes are taken for a while.
        _ = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    }
}

/// An answer that cannot be brought to its end.
struct HTTPErrorWhileWriting: Error {}
