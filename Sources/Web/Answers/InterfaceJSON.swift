import Core
import Service

/// The JSON interface's objects. Members without a value are null, as everywhere in a status.
enum InterfaceJSON {
    /// The service, without its datasets but with how many there are of each state.
    static func service(_ report: StatusReport) -> CanonicalJSON {
        var states: [String: CanonicalJSON] = [:]
        for state in DatasetStatus.State.allCases { states[state.rawValue] = .integer(report.datasets.count { $0.state == state }) }
        return .object([
            "version": .string(report.version), "started": .string(report.started.description), "now": .string(report.now.description),
            "config_directory": .string(report.configDirectory), "watch": report.watch.canonicalJSON,
            "datasets": .integer(report.datasets.count), "states": .object(states),
        ])
    }

    /// A dataset with what its latest generation holds; null where that is not read yet.
    static func dataset(_ row: DatasetStatus, _ facts: GenerationFacts?) -> CanonicalJSON {
        row.canonicalJSON.adding(["latest": facts.map { .object(members($0)) } ?? .null])
    }

    static func generation(_ entry: GenerationList.Entry, of dataset: String) -> CanonicalJSON {
        var members = members(entry.facts)
        members["documents"] = .object(
            Dictionary(
                uniqueKeysWithValues: DocumentKind.allCases.map { kind in
                    let path = "/datasets/\(Form.encode(dataset))/generations/\(entry.facts.generation)/\(kind.rawValue)"
                    return (kind.rawValue, entry.documents.contains(kind) ? .string(path) : .null)
                }))
        return .object(members)
    }

    static func refused(_ config: RefusedConfig) -> CanonicalJSON {
        .object([
            "file": .string(config.file), "dataset": .string(config.dataset), "keeps": .text(config.keeps?.hex),
            "problems": .array(config.problems.map(\.canonicalJSON)),
        ])
    }

    private static func members(_ facts: GenerationFacts) -> [String: CanonicalJSON] {
        [
            "generation": .integer(facts.generation), "created": .string(facts.created.description), "rows": .integer(facts.rows),
            "servers": .integer(facts.servers), "bytes": .integer(facts.bytes), "files": .integer(facts.files),
            "window_start": .string(facts.windowStart), "window_end": .string(facts.windowEnd),
            "granularity": .string(facts.granularity), "passed": .bool(facts.passed), "checks": .integer(facts.checks),
            "not_applicable": .integer(facts.notApplicable), "inconclusive": .integer(facts.inconclusive),
        ]
    }
}
