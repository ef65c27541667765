import Dispatch
import Glibc

/// The signals of a service as a stream: SIGHUP, SIGTERM and SIGINT; SIGPIPE is ignored (S2). Made first, before anything that takes time.
final class ServiceSignals: Sendable {
    /// What was asked for.
    enum Request: Sendable {
        case hangUp
        case stop(String)
    }

    /// The requests in order, for one reader.
    let stream: AsyncStream<Request>
    // Dispatch's objects may be used from any thread, but this module does not say so; nothing touches them after `init`.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream<Request>.makeStream()
        self.stream = stream
        signal(SIGPIPE, SIG_IGN)
        sources = [(SIGHUP, Request.hangUp), (SIGTERM, .stop("SIGTERM")), (SIGINT, .stop("SIGINT"))].map { number, request in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { @Sendable in continuation.yield(request) }
            source.resume()
            return source
        }
    }
}
