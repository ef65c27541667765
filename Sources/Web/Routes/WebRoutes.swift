import Core
import Hummingbird
import Service

/// Everything that is answered.
struct WebRoutes: Sendable {
    let settings: WebServer.Settings
    let backend: WebBackend
    let token: AccessToken
    let facts: FactsCache
    let hub: StatusHub
    let assets = Assets()
    let pages: Pages
    let streams: StreamCount

    init(_ settings: WebServer.Settings, _ backend: WebBackend, _ token: AccessToken) {
        self.settings = settings
        self.backend = backend
        self.token = token
        facts = FactsCache(backend, limit: settings.limits.documentBytes)
        hub = StatusHub(backend)
        pages = Pages(assets)
        streams = StreamCount(limit: settings.limits.streams)
    }

    func router() -> Router<WebContext> {
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        let routes = pageRoutes + documentRoutes + interfaceRoutes + eventRoutes
        router.middlewares.add(
            SafetyMiddleware(limits: settings.limits, paths: RouteTable(routes), pages: pages, now: backend.now))
        for route in routes { router.on(RouterPath(route.path), method: route.method, use: route.handler) }
        return router
    }

    /// Lets through who brings the token as `Authorization: Bearer`.
    func authorize(_ request: Request) throws(WebProblem) {
        guard let header = request.headers[.authorization] else { throw .tokenWanted }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw .tokenWanted }
        try authorize(String(parts[1]))
    }

    /// Lets through who brings the token.
    func authorize(_ candidate: String) throws(WebProblem) {
        let admits: Bool
        do throws(AccessToken.Problem) {
            admits = try token.admits(candidate)
        } catch {
            throw WebProblem(.serviceUnavailable, "no-token", error.description)
        }
        guard admits else { throw .tokenWrong }
    }

    /// The status of one dataset, in a report of it alone.
    func status(_ dataset: String) async throws(WebProblem) -> (report: StatusReport, row: DatasetStatus) {
        switch await backend.answer(.status(dataset: dataset)) {
        case .status(let report):
            guard let row = report.datasets.first(where: { $0.dataset == dataset }) else { throw .unknownDataset }
            return (report, row)
        case .refused(let refusal) where refusal.code != .unknownDataset: throw WebProblem(refusal)
        default: throw .unknownDataset
        }
    }

    /// The status of all.
    func status() async throws(WebProblem) -> StatusReport {
        guard let report = await backend.report() else {
            throw WebProblem(.serviceUnavailable, "stopping", "The service cannot tell how things are. Try again.")
        }
        return report
    }

    /// Where a dataset is published, for one that there is.
    func published(_ dataset: String) async throws(WebProblem) -> PublishedGenerations? {
        _ = try await status(dataset)
        return await backend.published(dataset)
    }

    /// Asks for something that changes something.
    func tell(_ request: ControlRequest) async throws(WebProblem) -> (message: String, runID: String?) {
        switch await backend.answer(request) {
        case .done(let message, let runID): return (message, runID)
        case .refused(let refusal): throw WebProblem(refusal)
        default: throw WebProblem(.internalServerError, "internal-error", "The service gave an answer to another question.")
        }
    }
}
