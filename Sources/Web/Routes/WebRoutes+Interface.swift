import Core
import Hummingbird
import Service

/// The JSON interface, and what monitoring asks for.
extension WebRoutes {
    static let pageSize = 100
    static let largestPage = 1000

    var interfaceRoutes: [WebRoute] {
        let description = OpenAPIDocument.bytes(version: settings.version)
        return [
            .get("/api/v1/status") { request, _ in
                _ = try Query(request, known: [])
                return .json(InterfaceJSON.service(try await status()))
            },
            .get("/api/v1/datasets", datasets), .get("/api/v1/datasets/{name}", dataset),
            .get("/api/v1/datasets/{name}/generations", generations), .get("/api/v1/problems", problems),
            .post("/api/v1/datasets/{name}/trigger") { try await control($0, .trigger(try $1.dataset)) },
            .post("/api/v1/datasets/{name}/pause") { try await control($0, .pause(try $1.dataset)) },
            .post("/api/v1/datasets/{name}/resume") { try await control($0, .resume(try $1.dataset)) },
            .post("/api/v1/reload", reload),
            .get("/metrics") { _, _ in .content(Array(await backend.metrics().utf8), "text/plain; version=0.0.4; charset=utf-8") },
            .get("/healthz") { _, _ in
                guard case .version = await backend.answer(.version) else {
                    throw WebProblem(.serviceUnavailable, "stopping", "The service does not answer as it should.")
                }
                return .content(Array("ok\n".utf8), "text/plain; charset=utf-8")
            },
            .get("/openapi.json") { _, _ in .content(description, "application/json") },
        ]
    }

    private func datasets(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = try Query(request, known: ["limit", "after"])
        let limit = try query.number("limit", in: 1...Self.largestPage) ?? Self.pageSize
        let rows = try await status().datasets.drop { row in
            query["after"].map { !$0.utf8.lexicographicallyPrecedes(row.dataset.utf8) } ?? false
        }
        let page = Array(rows.prefix(limit))
        let known = await facts.facts(of: page, within: settings.limits.patience)
        return .json(
            .object([
                "datasets": .array(page.map { InterfaceJSON.dataset($0, known[$0.dataset]) }),
                "next": page.count < rows.count
                    ? .text(page.last.map { "/api/v1/datasets?limit=\(limit)&after=\(Form.encode($0.dataset))" }) : .null,
            ]))
    }

    private func dataset(_ request: Request, _ context: WebContext) async throws -> Response {
        _ = try Query(request, known: [])
        let row = try await status(try context.dataset).row
        let known = await facts.facts(of: [row], within: settings.limits.patience)
        return .json(InterfaceJSON.dataset(row, known[row.dataset]))
    }

    private func generations(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = try Query(request, known: ["limit", "before"])
        let limit = try query.number("limit", in: 1...Self.pageSize) ?? 20
        let before = try query.number("before", in: 1...Int(Int32.max))
        let name = try context.dataset
        let published = try await published(name)
        let list = try await Deadline.within(settings.limits.store) {
            try await GenerationList.read(published, before: before, limit: limit)
        }
        return .json(
            .object([
                "dataset": .string(name),
                "generations": .array(list.entries.map { InterfaceJSON.generation($0, of: name) }),
                "next": list.hasMore
                    ? .text(
                        list.entries.last.map {
                            "/api/v1/datasets/\(Form.encode(name))/generations?limit=\(limit)&before=\($0.facts.generation)"
                        }) : .null,
            ]))
    }

    private func problems(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = try Query(request, known: ["limit", "after"])
        let limit = try query.number("limit", in: 1...Self.largestPage) ?? Self.pageSize
        let refused = await backend.refused().drop { config in
            query["after"].map { !$0.utf8.lexicographicallyPrecedes(config.file.utf8) } ?? false
        }
        let page = Array(refused.prefix(limit))
        return .json(
            .object([
                "configs": .array(page.map(InterfaceJSON.refused)),
                "next": page.count < refused.count
                    ? .text(page.last.map { "/api/v1/problems?limit=\(limit)&after=\(Form.encode($0.file))" }) : .null,
            ]))
    }

    private func control(_ request: Request, _ wish: ControlRequest) async throws -> Response {
        try authorize(request)
        _ = try Query(request, known: [])
        let (message, runID) = try await tell(wish)
        return .json(.object(["message": .string(message), "run_id": .text(runID)]))
    }

    private func reload(_ request: Request, _ context: WebContext) async throws -> Response {
        try authorize(request)
        _ = try Query(request, known: [])
        switch await backend.answer(.reload) {
        case .reloaded(let report): return .json(report.canonicalJSON.adding(["exit_code": .integer(report.exitCode)]))
        case .refused(let refusal): throw WebProblem(refusal)
        default: throw WebProblem(.internalServerError, "internal-error", "The service gave an answer to another question.")
        }
    }
}
