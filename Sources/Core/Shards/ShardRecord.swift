/// What a shard leaves for the commit: its part, staged and not yet visible, and what it counted.
///
/// ```
/// canonical JSON with its own checksum, ending "}\n" | tally_bytes bytes of tallies, metric after metric (`TallyWriter`), then those of the oracle
/// ```
/// Records of tables with a ground truth have the format version 2.
struct ShardRecord: Sendable {
    static let formatVersion = 2
    /// The largest record that is read. Tallies of ordinary tables take some 100 kB; those of the finest and most varied ones some 50 MB.
    static let largest: UInt64 = 256 << 20

    let dataset: String
    let shard: Shard
    let identity: RunIdentity
    let toolVersion: String
    let created: Moment
    let facts: PanelFacts
    /// Nil where the shard has no rows.
    let part: Artifact?
    /// The table of its cells; nil where that is not asked for, or the shard has no rows.
    let truth: Artifact?
    /// `tallies`, of all metrics, and those of the oracle where cells are worked out.
    let tally: [UInt8]
    /// Whether the table has a ground truth.
    private let hasTruth: Bool

    /// The files.
    var artifacts: [Artifact] { [part, truth].compactMap(\.self) }

    var bytes: [UInt8] {
        func text(_ value: String?) -> CanonicalJSON { value.map { .string($0) } ?? .null }
        func file(_ artifact: Artifact?) -> CanonicalJSON {
            guard let artifact else { return .null }
            return .object([
                "key": .string(artifact.key.path), "bytes": .integer(artifact.bytes), "sha256": .string(artifact.sha256.hex),
                "token": .string(artifact.token),
            ])
        }
        var members: [String: CanonicalJSON] = [
            "format_version": .integer(hasTruth ? 2 : 1), "dataset": .string(dataset), "shard": .integer(shard.index),
            "shards": .integer(shard.count), "algorithm_version": .integer(identity.algorithmVersion),
            "data_sha256": .string(identity.dataSHA256.hex), "window_start": .string(identity.window.start.iso),
            "window_end": .string(identity.window.end.iso), "tool_version": .string(toolVersion), "created": .string(created.description),
            "rows": .integer(facts.rows), "servers": .integer(facts.servers), "first_id": text(facts.firstID), "last_id": text(facts.last),
            "unsorted_id": text(facts.unsortedID), "incomplete_server": text(facts.incompleteServer),
            "part": file(part), "tally_bytes": .integer(tally.count), "tally_sha256": .string(ContentHash(of: tally).hex),
        ]
        if hasTruth { members["truth"] = file(truth) }
        return SealedJSON(members).bytes + tally
    }

    init(
        dataset: String, shard: Shard, identity: RunIdentity, toolVersion: String, created: Moment, facts: PanelFacts, part: Artifact?,
        tallies: [MetricTally], truth: ShardTruth?
    ) {
        self.dataset = dataset
        self.shard = shard
        self.identity = identity
        self.toolVersion = toolVersion
        self.created = created
        self.facts = facts
        self.part = part
        self.truth = truth?.part
        hasTruth = truth != nil
        var output = TallyWriter()
        for tally in tallies { tally.write(to: &output) }
        for tally in truth?.oracle ?? [] { tally.write(to: &output) }
        tally = output.bytes
    }

    /// Reads a record.
    /// - Throws: Code `damaged` for any changed byte, `unknownFormat` for a version from the future.
    init(parsing bytes: [UInt8], path: String) throws(StoreError) {
        // Only the end of the whole object stands at the beginning of a line.
        guard let end = Self.endOfHead(bytes) else { throw StoreError(damaged: path, "it is no record of a shard", remedy: "") }
        let fields = try SealedJSON.open(Array(bytes[..<end]), path: path, newestVersion: Self.formatVersion, remedy: "")
        dataset = try fields.string("dataset")
        guard let shard = try? Shard(index: try fields.integer("shard"), count: try fields.integer("shards")) else {
            throw fields.damaged("shard")
        }
        self.shard = shard
        let (start, last) = (try fields.day("window_start"), try fields.day("window_end"))
        guard start <= last else { throw fields.damaged("window_end") }
        let data = try fields.hash("data_sha256")
        identity = RunIdentity(
            configSHA256: data, dataSHA256: data, algorithmVersion: try fields.integer("algorithm_version"),
            window: DayRange(start: start, end: last))
        toolVersion = try fields.string("tool_version")
        created = try fields.moment("created")
        let (rows, servers) = (try fields.integer("rows", Int.self), try fields.integer("servers", Int.self))
        guard rows >= 0, (0...1 << 40).contains(servers) else { throw fields.damaged("rows") }
        facts = PanelFacts(
            rows: rows, servers: servers, first: fields.members["first_id"]?.string, last: fields.members["last_id"]?.string,
            unsortedID: fields.members["unsorted_id"]?.string, incompleteServer: fields.members["incomplete_server"]?.string)
        func file(_ name: String, _ role: Artifact.Role) throws(StoreError) -> Artifact? {
            guard let file = try fields.optionalObject(name) else { return nil }
            guard let key = try? ObjectKey(file.string("key")) else { throw fields.damaged(name) }
            return Artifact(
                role: role, key: key, bytes: try file.integer("bytes"), sha256: try file.hash("sha256"), rows: rows,
                token: try file.string("token"))
        }
        part = try file("part", .part)
        guard (part == nil) == (rows == 0) else { throw fields.damaged("part") }
        hasTruth = fields.members["truth"] != nil
        truth = hasTruth ? try file("truth", .truthPart) : nil
        guard truth == nil || part != nil else { throw fields.damaged("truth") }
        tally = Array(bytes[end...])
        guard try fields.integer("tally_bytes") == tally.count, try fields.hash("tally_sha256") == ContentHash(of: tally) else {
            throw StoreError(damaged: path, "its tallies are not those it had", remedy: "")
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        var index = 0
        while let brace = bytes[index...].firstIndex(of: UInt8(ascii: "}")) {
            if brace > 0, bytes[brace - 1] == UInt8(ascii: "\n"), brace + 1 < bytes.count, bytes[brace + 1] == UInt8(ascii: "\n") {
                return brace + 2
            }
            index = brace + 1
        }
        return nil
    }

    /// Adds what the shard counted to tallies of all classes, one per metric in order, and to those of the oracle, of which there are none where
    /// no cells are worked out.
    func merge(into tallies: inout [MetricTally], oracle: inout [OracleTally]) throws(TallyReader.Damage) {
        var input = TallyReader(tally[...])
        // An empty shard has nothing to tell.
        guard !tally.isEmpty else { return }
        for index in tallies.indices { try tallies[index].merge(from: &input) }
        for index in oracle.indices { try oracle[index].merge(from: &input) }
        guard input.isAtEnd else { throw TallyReader.Damage(problem: "it goes on after its end") }
    }

    /// How it differs from what a set wants; nil for a record of the set.
    func difference(from set: ShardSet, _ shard: Shard) throws(StoreError) -> String? {
        if dataset != set.dataset { return "it is of the dataset \(dataset)" }
        if self.shard != shard { return "it is of shard \(self.shard)" }
        if let other = Self.difference(identity, from: set.identity) { return other }
        if let part, part.key != (try set.part(shard)) { return "its part is \(part.key)" }
        if part != nil, (truth != nil) != set.hasCells { return "its ground truth is \(truth == nil ? "missing" : "one too many")" }
        if let truth, truth.key != (try set.truthPart(shard)) { return "its part of the ground truth is \(truth.key)" }
        return nil
    }

    static func difference(_ own: RunIdentity, from wanted: RunIdentity) -> String? {
        if own.window != wanted.window {
            return "it was made for the days \(own.window.start.iso) to \(own.window.end.iso), not \(wanted.window.start.iso) to "
                + "\(wanted.window.end.iso)"
        }
        if own.algorithmVersion != wanted.algorithmVersion {
            return "it was made with algorithm version \(own.algorithmVersion), not \(wanted.algorithmVersion)"
        }
        return own.dataSHA256 == wanted.dataSHA256 ? nil : "it was made with another config"
    }
}
