import NIOCore

/// Ends a connection whose client takes none of the bytes that wait for it: what an answer holds in memory must not be held for ever.
///
/// Stands next to the socket. Large answers are written in pieces, so a slow client that reads at all is never cut off.
final class StallGuard: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limit: TimeAmount
    private var pending = 0
    private var lastProgress = NIODeadline.now()
    private var check: Scheduled<Void>?

    init(limit: Duration) { self.limit = TimeAmount(limit) }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        if pending == 0 { lastProgress = .now() }
        pending += 1
        let own = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in
            own.value.pending -= 1
            own.value.lastProgress = .now()
        }
        context.write(data, promise: written)
        if check == nil { look(context, at: lastProgress + limit) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        check?.cancel()
        check = nil
    }

    private func look(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
        let bound = NIOLoopBound((own: self, context: context), eventLoop: context.eventLoop)
        check = context.eventLoop.scheduleTask(deadline: deadline) {
            let (own, context) = bound.value
            own.check = nil
            guard own.pending > 0 else { return }
            let end = own.lastProgress + own.limit
            if NIODeadline.now() >= end { context.close(promise: nil) } else { own.look(context, at: end) }
        }
    }
}
