import Core

/// The file's form: canonical JSON, `format_version` first among equals.
extension DatasetState {
    /// Raised when the meaning of a member changes; a file with a larger one is not read.
    static let formatVersion = 1

    /// The file's bytes.
    var bytes: [UInt8] {
        CanonicalJSON.object([
            "format_version": .integer(Self.formatVersion),
            "last_scheduled": Self.json(lastScheduled),
            "paused": .bool(isPaused),
            "config_hash": Self.json(configHash),
            "schedule": Self.json(schedule),
            "last_run": lastRun.map(Self.json) ?? .null,
            "published": published.map(Self.json) ?? .null,
        ]).bytes
    }

    /// Reads what `bytes` writes.
    /// - Throws: `StateDamage`, with what is wrong in a few words.
    init(reading bytes: [UInt8]) throws(StateDamage) {
        let json: CanonicalJSON
        do {
            json = try CanonicalJSON(parsing: bytes)
        } catch {
            throw StateDamage("it is no JSON, \(error.problem) at byte \(error.offset)")
        }
        let fields = try Fields(json, in: "the file")
        let version = try fields.integer("format_version")
        guard version == Self.formatVersion else { throw StateDamage("its format version is \(version), not \(Self.formatVersion)") }
        lastScheduled = try fields.optional("last_scheduled", fields.moment)
        isPaused = try fields.flag("paused")
        configHash = try fields.optional("config_hash", fields.text)
        schedule = try fields.optional("schedule", fields.text)
        lastRun = try fields.object("last_run").map { (run) throws(StateDamage) in try LastRun(run) }
        published = try fields.object("published").map { (published) throws(StateDamage) in try Published(published) }
    }

    /// `at` is when the generation was last found up to date; `published_at` and `failed_checks` came later and may be missing.
    private static func json(_ published: Published) -> CanonicalJSON {
        let own = published.generation
        return .object([
            "generation": .integer(own.number), "rows": .integer(own.rows), "at": json(published.checked),
            "published_at": json(own.created), "failed_checks": own.failedChecks.map { .integer($0) } ?? .null,
        ])
    }

    private static func json(_ run: LastRun) -> CanonicalJSON {
        let end = run.end.map { end -> CanonicalJSON in
            .object(["at": json(end.at), "verdict": .string(end.verdict.rawValue), "message": .string(end.message)])
        }
        return .object([
            "id": .string(run.id), "reason": .string(run.reason.rawValue), "due": json(run.due), "started": json(run.started),
            "end": end ?? .null,
        ])
    }

    private static func json(_ moment: Moment?) -> CanonicalJSON { moment.map { .string($0.description) } ?? .null }
    private static func json(_ text: String?) -> CanonicalJSON { text.map { .string($0) } ?? .null }
}

extension DatasetState.LastRun {
    fileprivate init(_ fields: Fields) throws(StateDamage) {
        guard let reason = RunReason(rawValue: try fields.text("reason")) else { throw StateDamage("a reason is unknown") }
        let end = try fields.object("end").map { (end) throws(StateDamage) in
            guard let verdict = DatasetState.Verdict(rawValue: try end.text("verdict")) else { throw StateDamage("a verdict is unknown") }
            return DatasetState.End(at: try end.moment("at"), verdict: verdict, message: try end.text("message"))
        }
        self.init(
            id: try fields.text("id"), reason: reason, due: try fields.optional("due", fields.moment),
            started: try fields.moment("started"),
            end: end)
    }
}

extension DatasetState.Published {
    fileprivate init(_ fields: Fields) throws(StateDamage) {
        let own = PublishedGeneration(
            number: try fields.integer("generation"), rows: try fields.integer("rows"),
            created: try fields.known("published_at", fields.moment), failedChecks: try fields.known("failed_checks", fields.integer))
        self.init(own, checked: try fields.moment("at"))
    }
}

/// What is wrong with a file, in a few words.
struct StateDamage: Error, Hashable {
    let problem: String
    init(_ problem: String) { self.problem = problem }
}

/// Reads the members of an object, each of which must be there.
private struct Fields {
    private let members: [String: CanonicalJSON]

    init(_ json: CanonicalJSON, in place: String) throws(StateDamage) {
        guard case .object(let members) = json else { throw StateDamage("\(place) is no object") }
        self.members = members
    }

    func text(_ name: String) throws(StateDamage) -> String { try require(name, members[name]?.string) }
    func integer(_ name: String) throws(StateDamage) -> Int { try require(name, members[name]?.integer()) }
    func moment(_ name: String) throws(StateDamage) -> Moment { try require(name, Moment(text(name))) }

    func flag(_ name: String) throws(StateDamage) -> Bool {
        guard case .bool(let value) = members[name] else { throw wrong(name) }
        return value
    }

    func object(_ name: String) throws(StateDamage) -> Fields? {
        guard let value = members[name] else { throw wrong(name) }
        return value == .null ? nil : try Fields(value, in: "the member '\(name)'")
    }

    func optional<Value>(_ name: String, _ read: (String) throws(StateDamage) -> Value) throws(StateDamage) -> Value? {
        members[name] == .null ? nil : try read(name)
    }

    /// A member that files of earlier versions do not have.
    func known<Value>(_ name: String, _ read: (String) throws(StateDamage) -> Value) throws(StateDamage) -> Value? {
        members[name] == nil ? nil : try optional(name, read)
    }

    private func require<Value>(_ name: String, _ value: Value?) throws(StateDamage) -> Value {
        guard let value else { throw wrong(name) }
        return value
    }

    private func wrong(_ name: String) -> StateDamage { StateDamage("its member '\(name)' is missing or wrong") }
}
