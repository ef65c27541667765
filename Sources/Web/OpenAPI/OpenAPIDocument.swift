import Core

/// The description of everything that is answered (OpenAPI 3.1): paths, parameters, every status that occurs, and the schemas.
enum OpenAPIDocument {
    static func bytes(version: String) -> [UInt8] {
        CanonicalJSON.object([
            "openapi": .string("3.1.0"),
            "info": .object([
                "title": .string("fleetsynth"), "version": .string(version),
                "description": .string(
                    "Status of the service, its datasets and their generations. Reading needs nothing; what changes something needs the "
                        + "token of the service. Every request must name localhost, 127.0.0.1, [::1] or a name that was given with --http-host."
                ),
                "license": .object(["name": .string("See the package's copyright file")]),
            ]),
            "servers": .array([.object(["url": .string("/")])]),
            "paths": .object(paths),
            "components": .object([
                "schemas": .object(OpenAPISchemas.all),
                "securitySchemes": .object([
                    "token": .object([
                        "type": .string("http"), "scheme": .string("bearer"),
                        "description": .string("The content of http.token in the service's state directory."),
                    ])
                ]),
            ]),
        ]).bytes
    }

    private static var paths: [String: CanonicalJSON] {
        let name = path("name", "The dataset's name.", type: "string")
        let generation = path("generation", "The generation's number.", type: "integer")
        var paths: [String: CanonicalJSON] = [
            "/api/v1/status": get("The service", json("ServiceStatus"), [503]),
            "/api/v1/datasets": get(
                "Datasets by name", json("DatasetPage"), [503],
                [limit(100, 1000), query("after", "Only datasets whose names come after this one.", ["type": .string("string")])]),
            "/api/v1/datasets/{name}": get("One dataset", json("Dataset"), [404, 503], [name]),
            "/api/v1/datasets/{name}/generations": get(
                "Generations that are kept, the latest first", json("GenerationPage"), [404, 502, 503, 504],
                [name, limit(20, 100), before]),
            "/api/v1/problems": get(
                "Configs that are refused, with every problem and its place", json("RefusedPage"), [],
                [limit(100, 1000), query("after", "Only files whose names come after this one.", ["type": .string("string")])]),
            "/api/v1/reload": post("Read every config again and wait for the verdicts", json("Reload"), [500, 503]),
            "/api/v1/events": get(
                "Changes of datasets as server-sent events: `dataset` (a Dataset without `latest`), `datasets` (there are others, or "
                    + "other problems), `place` (its id comes back as Last-Event-ID)",
                text("text/event-stream"), [503], [after, lastEventID]),
            "/metrics": get("Metrics in the text format of Prometheus", text("text/plain")),
            "/healthz": get("Whether the service answers", text("text/plain"), [503]),
            "/openapi.json": get(
                "This document", ["application/json": .object(["schema": .object(["type": .string("object")])])]),
            "/": get("The page of all datasets", text("text/html"), [503]),
            "/datasets/{name}": get("The page of one dataset", text("text/html"), [404, 503], [name, before]),
            "/events": get("Changed rows of the page as server-sent events", text("text/event-stream"), [503], [after, lastEventID]),
            "/assets/{file}": get(
                "Style sheet, script and icon of the pages; their names change with their content",
                text("text/css").merging(text("text/javascript")) { $1 }.merging(text("image/svg+xml")) { $1 }, [404],
                [path("file", "The file's name.", type: "string")]),
        ]
        for verb in ["trigger", "pause", "resume"] {
            let what = verb == "trigger" ? "Run a dataset now" : verb == "pause" ? "Hold a dataset" : "End a pause"
            paths["/api/v1/datasets/{name}/\(verb)"] = post(what, json("Done"), [404, 409, 500, 503], [name])
            paths["/datasets/{name}/\(verb)"] = button("\(what): the page's button", [name])
        }
        for kind in DocumentKind.allCases {
            let content =
                kind == .report ? text("text/html") : ["application/json": .object(["schema": .object(["type": .string("object")])])]
            paths["/datasets/{name}/generations/{generation}/\(kind.rawValue)"] = get(
                "The \(kind.rawValue) of a generation", content, [404, 410, 502, 503, 504], [name, generation])
        }
        return paths
    }
}
