import Core
import HTTPTypes
import Hummingbird
import NIOCore

/// What every request must pass and every answer carries: bounded bodies, the Host and Origin checks, problems instead of failures, and the
/// headers that keep a browser from doing more than it should.
struct SafetyMiddleware: RouterMiddleware {
    let limits: WebLimits
    let paths: RouteTable
    let pages: Pages
    let now: @Sendable () -> Moment

    func handle(
        _ request: Request, context: WebContext, next: @concurrent (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            let request = try await collected(request)
            try check(request, context)
            response = try await next(request, context)
        } catch let problem as WebProblem {
            response = answer(problem, to: request)
        } catch let error as HTTPError where error.status == .notFound {
            response = answer(unmatched(request), to: request)
        } catch is CancellationError {
            response = answer(
                WebProblem(.serviceUnavailable, "stopping", "The service is stopping. Try again when it is back."), to: request)
        } catch {
            response = answer(WebProblem(.internalServerError, "internal-error", "The service has a defect here."), to: request)
        }
        response.headers[.date] = HTTPDate.text(now())
        for (name, value) in Self.headers where response.headers[name] == nil { response.headers[name] = value }
        return response
    }

    /// Nothing is loaded from anywhere else, nobody else's page shows ours, and no script stands in a page.
    static let contentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'"

    private static let headers: [(HTTPField.Name, String)] = [
        (.contentSecurityPolicy, contentPolicy), (.xContentTypeOptions, "nosniff"), (.cacheControl, "no-store"),
        // With no-referrer, browsers would send the origin of our own forms as null.
        (.referrerPolicy, "same-origin"), (.resourcePolicy, "same-origin"), (.openerPolicy, "same-origin"),
    ]

    private func check(_ request: Request, _ context: WebContext) throws(WebProblem) {
        guard let authority = request.head.authority, !authority.isEmpty, request.head.headerFields[values: .host].isEmpty else {
            throw WebProblem(.badRequest, "bad-request", "The request names no host, or more than one.")
        }
        guard context.hosts.admits(authority: authority) else {
            throw WebProblem(
                .misdirectedRequest, "wrong-host",
                "The service is not asked by this name. Ask localhost, or start the service with --http-host and the name.")
        }
        guard request.uri.string.utf8.first == UInt8(ascii: "/") else {
            throw WebProblem(.badRequest, "bad-request", "The request names no path.")
        }
        guard request.method != .get, request.method != .head else { return }
        for origin in request.headers[values: .origin] where !context.hosts.admits(origin: origin) {
            throw WebProblem(.forbidden, "wrong-origin", "A page of another site may change nothing here.")
        }
    }

    /// The request with its whole body.
    private func collected(_ request: Request) async throws -> Request {
        let length = request.headers[.contentLength]
        guard length.map({ $0 != "0" }) ?? (request.headers[.transferEncoding] != nil) else { return request }
        let tooLarge = WebProblem(
            .contentTooLarge, "too-large", "A request's body has at most \(limits.bodyBytes) bytes here.", headers: [.connection: "close"])
        if let length, Int(length).map({ $0 > limits.bodyBytes }) ?? true { throw tooLarge }
        let body = try await withThrowingTaskGroup(of: ByteBuffer.self) { tasks in
            tasks.addTask { [limits] in
                do {
                    return try await request.body.collect(upTo: limits.bodyBytes)
                } catch is NIOTooManyBytesError {
                    throw tooLarge
                } catch {
                    // What is no body in the first place; a client that is gone hears nothing of it.
                    throw WebProblem(
                        .badRequest, "bad-request", "The request's body is not what its headers say.", headers: [.connection: "close"])
                }
            }
            tasks.addTask { [limits] in
                try await Task.sleep(for: limits.body)
                throw WebProblem(
                    .requestTimeout, "timeout", "The request's body did not come in time.", headers: [.connection: "close"])
            }
            defer { tasks.cancelAll() }
            guard let body = try await tasks.next() else { throw CancellationError() }
            return body
        }
        var request = request
        request.body = RequestBody(buffer: body)
        return request
    }

    private func unmatched(_ request: Request) -> WebProblem {
        let methods = paths.methods(of: request.uri.path)
        guard !methods.isEmpty else { return .notFound }
        let allowed = methods.map(\.rawValue).sorted().joined(separator: ", ")
        return WebProblem(.methodNotAllowed, "wrong-method", "This takes \(allowed).", headers: [.allow: allowed])
    }

    private func answer(_ problem: WebProblem, to request: Request) -> Response {
        let wantsPage = !request.uri.path.hasPrefix("/api/") && request.headers[.accept]?.contains("text/html") == true
        return wantsPage ? pages.problem(problem) : problem.response
    }
}

extension HTTPField.Name {
    static let host = HTTPField.Name("Host")!
    static let resourcePolicy = HTTPField.Name("Cross-Origin-Resource-Policy")!
    static let openerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
