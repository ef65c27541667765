import Core

/// The parts of which the description's operations are made.
extension OpenAPIDocument {
    typealias Content = [String: CanonicalJSON]

    static func json(_ schema: String) -> Content { ["application/json": .object(["schema": reference(schema)])] }

    static func text(_ type: String) -> Content { [type: .object(["schema": .object(["type": .string("string")])])] }

    static func reference(_ schema: String) -> CanonicalJSON { .object(["$ref": .string("#/components/schemas/\(schema)")]) }

    static var before: CanonicalJSON {
        query(
            "before", "Only generations below this number.",
            ["type": .string("integer"), "minimum": .integer(1), "maximum": .integer(Int32.max)])
    }

    private static let place: CanonicalJSON = .object([
        "type": .string("string"), "maxLength": .integer(64), "pattern": .string("^([0-9a-z]+-[0-9]{1,15})?$"),
    ])

    static var after: CanonicalJSON {
        .object([
            "name": .string("after"), "in": .string("query"), "description": .string("The place after which the stream goes on."),
            "schema": place,
        ])
    }

    static var lastEventID: CanonicalJSON {
        .object([
            "name": .string("Last-Event-ID"), "in": .string("header"), "description": .string("As `after`, from a client that comes back."),
            "schema": place,
        ])
    }

    static func limit(_ usual: Int, _ maximum: Int) -> CanonicalJSON {
        query(
            "limit", "At most so many.",
            [
                "type": .string("integer"), "minimum": .integer(1), "maximum": .integer(maximum), "default": .integer(usual),
            ])
    }

    static func query(_ name: String, _ what: String, _ schema: [String: CanonicalJSON]) -> CanonicalJSON {
        .object(["name": .string(name), "in": .string("query"), "description": .string(what), "schema": .object(schema)])
    }

    static func path(_ name: String, _ what: String, type: String) -> CanonicalJSON {
        var schema: [String: CanonicalJSON] = ["type": .string(type)]
        if type == "integer" { schema["minimum"] = .integer(1) } else { schema["minLength"] = .integer(1) }
        return .object([
            "name": .string(name), "in": .string("path"), "required": .bool(true), "description": .string(what), "schema": .object(schema),
        ])
    }

    /// - Parameters:
    ///   - others: Statuses that are problems, beside those of every request.
    static func get(
        _ what: String, _ content: Content, _ others: [Int] = [], _ parameters: [CanonicalJSON] = []
    ) -> CanonicalJSON {
        .object(["get": operation(what, content, others, parameters)])
    }

    static func post(_ what: String, _ content: Content, _ others: [Int], _ parameters: [CanonicalJSON] = []) -> CanonicalJSON {
        guard case .object(var members) = operation(what, content, [401, 403] + others, parameters) else { return .null }
        members["security"] = .array([.object(["token": .array([])])])
        return .object(["post": .object(members)])
    }

    /// A form of a page: whatever comes of it is a page.
    static func button(_ what: String, _ parameters: [CanonicalJSON]) -> CanonicalJSON {
        guard case .object(var members) = operation(what, text("text/html"), [403, 404, 409, 500, 503], parameters) else {
            return .null
        }
        members["requestBody"] = .object([
            "content": .object([
                "application/x-www-form-urlencoded": .object([
                    "schema": .object([
                        "type": .string("object"),
                        "properties": .object(["token": .object(["type": .string("string"), "maxLength": .integer(1024)])]),
                    ])
                ])
            ])
        ])
        return .object(["post": .object(members)])
    }

    private static func operation(
        _ what: String, _ content: Content, _ problems: [Int], _ parameters: [CanonicalJSON]
    ) -> CanonicalJSON {
        var responses: [String: CanonicalJSON] = [
            "200": .object(["description": .string("As asked."), "content": .object(content)])
        ]
        // Of every request: a query, a host or a body that is not understood, and so on.
        for status in problems + [400, 408, 413, 421] {
            responses["\(status)"] = .object([
                "description": .string(meanings[status] ?? "A problem."),
                "content": .object(
                    text("text/html").merging(["application/problem+json": .object(["schema": reference("Problem")])]) { $1 }),
            ])
        }
        var members: [String: CanonicalJSON] = ["summary": .string(what), "responses": .object(responses)]
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        return .object(members)
    }

    private static let meanings = [
        400: "The request is not understood.", 401: "The token is missing or wrong.", 403: "The token is wrong, or another site asks.",
        404: "There is no such thing.", 408: "The body did not come in time.", 409: "The dataset is paused.",
        410: "A later generation has taken the file's name.", 413: "The body is too large.",
        421: "The service is not asked by this name.",
        500: "It was done, but a restart forgets it; or the service has a defect.", 502: "The store cannot be read.",
        504: "The store does not answer.", 503: "The service is stopping, or too busy.",
    ]
}
