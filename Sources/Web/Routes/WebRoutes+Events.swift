import Core
import HTTPTypes
import Hummingbird
import Service

/// Streams of events: for programs as JSON, for the page as rows of its table.
extension WebRoutes {
    var eventRoutes: [WebRoute] {
        [
            .get("/api/v1/events") { request, _ in
                try await stream(request) { changes in
                    var events = changes.rows.map { row in
                        ServerSentEvent(name: "dataset", id: nil, data: row.canonicalJSON.line)
                    }
                    if changes.isAnotherSet {
                        events.append(
                            ServerSentEvent(
                                name: "datasets", id: nil,
                                data: CanonicalJSON.object(["datasets": .integer(changes.report.datasets.count)]).line))
                    }
                    return events
                }
            },
            .get("/events") { request, _ in
                try await stream(request) { changes in
                    if changes.isAnotherSet { return [ServerSentEvent(name: "reload", id: nil, data: "")] }
                    let known = await facts.facts(of: changes.rows, within: settings.limits.patience)
                    return changes.rows.map { row in
                        let html = pages.row(row, known[row.dataset], now: changes.report.now)
                        let data = CanonicalJSON.object(["dataset": .string(row.dataset), "row": .string(html)])
                        return ServerSentEvent(name: "row", id: nil, data: data.line)
                    }
                }
            },
        ]
    }

    private func stream(
        _ request: Request, _ encode: @escaping @Sendable (StatusHub.Changes) async -> [ServerSentEvent]
    ) async throws -> Response {
        let query = try Query(request, known: ["after"])
        var place: StreamPlace?
        if let text = request.headers[.lastEventID] ?? query["after"], !text.isEmpty {
            place = StreamPlace(text)
            guard place != nil else { throw WebProblem(.badRequest, "bad-request", "This is no place in the stream of events.") }
        }
        let headers: HTTPFields = [.contentType: "text/event-stream", .connection: "close"]
        if request.method == .head { return Response(status: .ok, headers: headers) }
        guard let lease = streams.enter() else {
            throw WebProblem(
                .serviceUnavailable, "busy", "As many streams of events are open as the service takes. Try again, or ask for the status.")
        }
        let (start, limits) = (place, settings.limits)
        let body = ResponseBody { @concurrent writer in
            defer { withExtendedLifetime(lease) {} }
            try await request.body.consumeWithCancellationOnInboundClose { @concurrent _ in
                try await send(from: start, limits, to: &writer, encode)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    @concurrent
    private func send(
        from start: StreamPlace?, _ limits: WebLimits, to writer: inout any ResponseBodyWriter,
        _ encode: @Sendable (StatusHub.Changes) async -> [ServerSentEvent]
    ) async throws {
        var place = start
        var lastWord = ContinuousClock.now
        try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
        while !Task.isCancelled {
            if let changes = await hub.changes(since: place, maximumAge: limits.beat) {
                for event in await encode(changes) { try await writer.write(ByteBuffer(string: event.text)) }
                place = changes.place
                // The place counts once everything before it is sent: who comes back after half of it gets it again.
                try await writer.write(ByteBuffer(string: ServerSentEvent(name: "place", id: "\(changes.place)", data: "").text))
                lastWord = .now
            } else if ContinuousClock.now - lastWord >= limits.heartbeat {
                try await writer.write(ByteBuffer(string: ServerSentEvent.heartbeat))
                lastWord = .now
            }
            do { try await Task.sleep(for: limits.beat) } catch { return }
        }
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
}
