import Core
import Service

/// The schemas of the description. Every member is always there; null where there is no value.
enum OpenAPISchemas {
    static var all: [String: CanonicalJSON] {
        let states = DatasetStatus.State.allCases.map(\.rawValue)
        return [
            "ServiceStatus": object([
                "version": string, "started": moment, "now": moment, "config_directory": string,
                "watch": OpenAPIDocument.reference("Watch"),
                "datasets": integer, "states": object(Dictionary(uniqueKeysWithValues: states.map { ($0, integer) })),
            ]),
            "Watch": object([
                "mode": words(["events", "polling"]), "directory": words(WatchReport.Directory.allCases.map(\.rawValue), orNull: true),
                "problems": list(string), "waiting": list(string), "events": integer, "overflows": integer, "rescans": integer,
                "missed": integer, "in_force": integer, "refused": integer, "last_change": orNull(moment), "last_success": orNull(moment),
            ]),
            "DatasetPage": object(["datasets": list(OpenAPIDocument.reference("Dataset")), "next": orNull(string)]),
            // `published_at` is when the latest generation was published, `checked_at` when a run last published it or found it up to date.
            "Dataset": object([
                "dataset": string, "state": words(states), "percent": orNull(integer), "generation": orNull(integer),
                "rows": orNull(integer), "failed_checks": orNull(integer), "published_at": orNull(moment), "checked_at": orNull(moment),
                "run_id": orNull(string),
                "reason": words(RunReason.allCases.map(\.rawValue), orNull: true), "due": orNull(moment), "run_started": orNull(moment),
                "run_ended": orNull(moment), "last_result": words(DatasetState.Verdict.allCases.map(\.rawValue), orNull: true),
                "last_message": orNull(string), "next_run": orNull(moment), "errors": list(string),
                "latest": .object(["oneOf": .array([object(facts), .object(["type": .string("null")])])]),
            ]),
            "GenerationPage": object([
                "dataset": string,
                "generations": list(
                    object(
                        facts.merging([
                            "documents": object(
                                Dictionary(uniqueKeysWithValues: DocumentKind.allCases.map { ($0.rawValue, orNull(string)) }))
                        ]) { $1 })), "next": orNull(string),
            ]),
            "RefusedPage": object(["configs": list(OpenAPIDocument.reference("Refused")), "next": orNull(string)]),
            "Refused": object([
                "file": string, "dataset": string, "keeps": orNull(string), "problems": list(OpenAPIDocument.reference("ConfigProblem")),
            ]),
            "ConfigProblem": object(
                [
                    "severity": words(["error", "warning"]), "source": string, "path": string, "message": string, "line": integer,
                    "column": integer, "expected": string, "suggestion": string, "remedy": string, "excerpt": string,
                ], required: ["severity", "source", "path", "message"]),
            "Done": object(["message": string, "run_id": orNull(string)]),
            "Reload": object([
                "configs": list(
                    object([
                        "file": string, "dataset": string, "outcome": words(ReloadReport.Outcome.allCases.map(\.rawValue)),
                        "problems": list(OpenAPIDocument.reference("ConfigProblem")),
                    ])), "interruption": orNull(string), "exit_code": integer,
            ]),
            "Problem": object(["type": string, "title": string, "status": integer, "detail": string, "code": string]),
        ]
    }

    private static let facts: [String: CanonicalJSON] = [
        "generation": integer, "created": moment, "rows": integer, "servers": integer, "bytes": integer, "files": integer,
        "window_start": string, "window_end": string, "granularity": string, "passed": .object(["type": .string("boolean")]),
        "checks": integer, "not_applicable": integer, "inconclusive": integer,
    ]

    private static let string: CanonicalJSON = .object(["type": .string("string")])
    private static let integer: CanonicalJSON = .object(["type": .string("integer")])
    private static let moment: CanonicalJSON = .object(["type": .string("string"), "format": .string("date-time")])

    private static func list(_ items: CanonicalJSON) -> CanonicalJSON { .object(["type": .string("array"), "items": items]) }

    private static func words(_ words: [String], orNull isOptional: Bool = false) -> CanonicalJSON {
        .object(["enum": .array(words.map { .string($0) } + (isOptional ? [.null] : []))])
    }

    /// A schema of one type, or null.
    private static func orNull(_ schema: CanonicalJSON) -> CanonicalJSON {
        guard let type = schema["type"] else { return schema }
        return schema.adding(["type": .array([type, .string("null")])])
    }

    private static func object(_ properties: [String: CanonicalJSON], required: [String]? = nil) -> CanonicalJSON {
        .object([
            "type": .string("object"), "properties": .object(properties),
            "required": .array((required ?? Array(properties.keys)).sorted().map { .string($0) }),
        ])
    }
}
