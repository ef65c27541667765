import Core
import Hummingbird
import Service

/// What people look at, and the buttons on it.
extension WebRoutes {
    var pageRoutes: [WebRoute] {
        [
            .get("/", overview), .get("/datasets/{name}", dataset),
            .get("/assets/{file}") { request, context in
                _ = try Query(request, known: [])
                return try assets.response(context.parameters.get("file") ?? "")
            },
            .post("/datasets/{name}/trigger") { try await button($0, .trigger(try $1.dataset), of: try $1.dataset) },
            .post("/datasets/{name}/pause") { try await button($0, .pause(try $1.dataset), of: try $1.dataset) },
            .post("/datasets/{name}/resume") { try await button($0, .resume(try $1.dataset), of: try $1.dataset) },
        ]
    }

    private func overview(_ request: Request, _ context: WebContext) async throws -> Response {
        _ = try Query(request, known: [])
        let (report, place) = try await view()
        await facts.keep(only: Set(report.datasets.map(\.dataset)))
        let known = await facts.facts(of: report.datasets, within: settings.limits.patience)
        return pages.overview(report, place: place, refused: await backend.refused(), facts: known)
    }

    private func dataset(_ request: Request, _ context: WebContext) async throws -> Response {
        let before = try Query(request, known: ["before"]).number("before", in: 1...Int(Int32.max))
        let (report, place) = try await view()
        let name = try context.dataset
        guard let row = report.datasets.first(where: { $0.dataset == name }) else { throw WebProblem.unknownDataset }
        let known = await facts.facts(of: [row], within: settings.limits.patience)
        var list = GenerationList()
        var problem: String?
        do throws(WebProblem) {
            let published = await backend.published(name)
            list = try await Deadline.within(settings.limits.store) {
                try await GenerationList.read(published, before: before, limit: 20)
            }
        } catch {
            problem = error.detail
        }
        return pages.dataset(
            row, report, place: place, refused: await backend.refused().filter { $0.dataset == name }, facts: known[name], list: list,
            problem: problem)
    }

    private func view() async throws(WebProblem) -> (report: StatusReport, place: StreamPlace) {
        guard let view = await hub.view() else {
            throw WebProblem(.serviceUnavailable, "stopping", "The service cannot tell how things are. Try again.")
        }
        return view
    }

    /// A button without a script: the token comes in the form, and the answer is a page.
    private func button(_ request: Request, _ wish: ControlRequest, of dataset: String) async throws -> Response {
        let fields = Form.fields(try await request.body.collect(upTo: settings.limits.bodyBytes))
        let back = "/datasets/\(Form.encode(dataset))"
        do throws(WebProblem) {
            guard let candidate = fields["token"], !candidate.isEmpty else { throw WebProblem.tokenWanted }
            try authorize(candidate)
            return pages.message(try await tell(wish).message, isGood: true, back: back)
        } catch {
            // A browser asks for a name and a password on 401, which is not what is wanted.
            let status = error.status == .unauthorized ? HTTPResponse.Status.forbidden : error.status
            return pages.message(error.detail, isGood: false, back: error.status == .notFound ? "/" : back, status: status)
        }
    }
}
