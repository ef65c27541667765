import Core
import Lambda

/// What a function of AWS Lambda is asked to do, strictly read.
///
/// ```
/// { "config": "<YAML text>" | "config_uri": "s3://bucket/key", "name": "web", "today": "2026-01-31",
///   "set": { "data_generation.num_servers": 500 }, "force": false,
///   "action": "generate"      or   "action": "shard", "shard": { "index": 3, "count": 64 }      or   "action": "commit", "shards": 64 }
/// ```
struct LambdaEvent {
    enum Action: String, CaseIterable { case generate, shard, commit }

    /// An action with what it needs.
    enum Work {
        case generate
        case shard(Shard)
        /// Of so many shards.
        case commit(Int)

        var action: Action {
            switch self {
            case .generate: .generate
            case .shard: .shard
            case .commit: .commit
            }
        }
    }

    /// Where the config is.
    enum Config {
        case text(String)
        case object(bucket: String, key: ObjectKey, uri: String)
    }

    /// Most overrides of one event.
    static let setLimit = 256
    private static let members = ["config", "config_uri", "name", "action", "shard", "shards", "today", "set", "force"]

    let config: Config
    /// The dataset's name: the event's, else the stem of the object's key.
    let name: String
    let work: Work
    /// The day that relative dates are measured from; nil for the day of the run.
    let today: Day?
    /// Overrides: key paths and YAML texts, sorted by path.
    let sets: [(path: String, value: String)]
    let isForced: Bool

    /// - Parameter bytes: The event's JSON text.
    /// - Throws: Type `Event.Invalid` with every problem of the event, by member.
    init(_ bytes: [UInt8]) throws(InvocationFailure) {
        let value: CanonicalJSON
        do throws(CanonicalJSON.ParseError) {
            value = try CanonicalJSON(parsing: bytes)
        } catch {
            throw Self.invalid(["it is no JSON: \(error.problem) at byte \(error.offset)"])
        }
        guard case .object(let members) = value else { throw Self.invalid(["it is no JSON object"]) }
        var reader = MemberReader(members: members)
        for name in members.keys.sorted() where !Self.members.contains(name) {
            let near = Suggestions.nearest(to: name, among: Self.members).map { "; did you mean '\($0)'?" } ?? ""
            reader.problems.append("\(Quoting.quoted(name)) is no member of an event\(near)")
        }
        let config = Self.config(&reader)
        self.config = config ?? .text("")
        name = Self.name(of: config, &reader)
        work = Self.work(&reader)
        today = reader.day("today")
        sets = reader.sets("set", limit: Self.setLimit)
        isForced = reader.boolean("force") ?? false
        guard reader.problems.isEmpty else { throw Self.invalid(reader.problems) }
    }

    private static func config(_ reader: inout MemberReader) -> Config? {
        switch (reader.text("config"), reader.text("config_uri")) {
        case (let text?, nil): return .text(text)
        case (nil, let uri?):
            let parts = uri.hasPrefix("s3://") ? uri.dropFirst(5).split(separator: "/", maxSplits: 1).map(String.init) : []
            guard parts.count == 2, let key = try? ObjectKey(parts[1]) else {
                reader.problems.append("config_uri \(Quoting.quoted(uri)) names no object; write s3://BUCKET/KEY")
                return nil
            }
            return .object(bucket: parts[0], key: key, uri: uri)
        case (nil, nil):
            // A member of the wrong type was named already.
            if reader.members["config"] == nil, reader.members["config_uri"] == nil {
                reader.problems.append("the config is missing; give its YAML text as config, or its place as config_uri")
            }
            return nil
        case (_?, _?):
            reader.problems.append("there are a config and a config_uri; keep one of the two")
            return nil
        }
    }

    private static func work(_ reader: inout MemberReader) -> Work {
        let action: Action = reader.choice("action") ?? .generate
        for (member, owner) in [("shard", Action.shard), ("shards", .commit)] where action != owner && reader.members[member] != nil {
            reader.problems.append("\(member) goes with the action \(owner.rawValue) only; the action is \(action.rawValue)")
        }
        switch action {
        case .generate: return .generate
        case .shard: return reader.shard("shard").map(Work.shard) ?? .generate
        case .commit: return reader.count("shards").map(Work.commit) ?? .generate
        }
    }

    private static func name(of config: Config?, _ reader: inout MemberReader) -> String {
        if let name = reader.text("name") { return name }
        switch config {
        case .object(_, _, let uri): return ConfigLoader.name(ofFile: uri)
        case .text where reader.members["name"] == nil:
            reader.problems.append("name is missing; a config without a file needs the dataset's name")
            return ""
        case .text, nil: return ""
        }
    }

    private static func invalid(_ problems: [String]) -> InvocationFailure {
        InvocationFailure("Event.Invalid", "The event is refused: \(problems.joined(separator: "; ")).")
    }
}

/// Reads the members of an event and collects what is wrong.
private struct MemberReader {
    let members: [String: CanonicalJSON]
    var problems: [String] = []

    private mutating func wrong<Value>(_ name: String, _ wanted: String) -> Value? {
        problems.append("\(name) is not \(wanted)")
        return nil
    }

    mutating func text(_ name: String) -> String? {
        guard let value = members[name] else { return nil }
        guard case .string(let text) = value, !text.isEmpty else { return wrong(name, "a text that says something") }
        return text
    }

    mutating func boolean(_ name: String) -> Bool? {
        guard let value = members[name] else { return nil }
        guard case .bool(let flag) = value else { return wrong(name, "true or false") }
        return flag
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) -> Choice? where Choice.RawValue == String {
        guard let value = members[name] else { return nil }
        guard let choice = value.string.flatMap(Choice.init(rawValue:)) else {
            return wrong(name, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    mutating func day(_ name: String) -> Day? {
        guard let value = members[name] else { return nil }
        guard let day = value.string.flatMap(Day.init(iso:)) else { return wrong(name, "a day; write YYYY-MM-DD") }
        return day
    }

    mutating func shard(_ name: String) -> Shard? {
        let wanted = "the shard to make; write {\"index\": 3, \"count\": 64} for the fourth of 64, of at most \(Shard.most)"
        guard case .object(let numbers) = members[name], numbers.count == 2, let index = numbers["index"]?.integer(Int.self),
            let count = numbers["count"]?.integer(Int.self), let shard = try? Shard(index: index, count: count)
        else { return wrong(name, wanted) }
        return shard
    }

    mutating func count(_ name: String) -> Int? {
        guard let count = members[name]?.integer(Int.self), (1...Shard.most).contains(count) else {
            return wrong(name, "the number of shards, from 1 to \(Shard.most)")
        }
        return count
    }

    /// JSON is YAML, so a member's value is an override's text.
    mutating func sets(_ name: String, limit: Int) -> [(path: String, value: String)] {
        guard let value = members[name] else { return [] }
        guard case .object(let sets) = value, sets.count <= limit else {
            return wrong(name, "an object of at most \(limit) keys with their values") ?? []
        }
        if sets["general.env"] != nil { problems.append("\(name) has general.env, which is lambda in a function; remove it") }
        return sets.sorted { $0.key < $1.key }.map { (path: $0.key, value: String(decoding: $0.value.bytes, as: UTF8.self)) }
    }
}
