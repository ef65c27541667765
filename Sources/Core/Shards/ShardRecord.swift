/// What a shard leaves for the commit: its part, staged and not yet visible, and what it counted.
///
/// ```
/// canonical JSON with its own checksum, ending "}\n" | tally_bytes bytes of tallies, metric after metric (`TallyWriter`)
/// ```
struct ShardRecord: Sendable {
    static let formatVersion = 1
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
    /// `tallies`, of all metrics.
    let tally: [UInt8]

    var bytes: [UInt8] {
        func text(_ value: String?) -> CanonicalJSON { value.map { .string($0) } ?? .null }
        let head = SealedJSON([
            "format_version": .integer(Self.formatVersion), "dataset": .string(dataset), "shard": .integer(shard.index),
            "shards": .integer(shard.count), "algorithm_version": .integer(identity.algorithmVersion),
            "data_sha256": .string(identity.dataSHA256.hex), "window_start": .string(identity.window.start.iso),
            "window_end": .string(identity.window.end.iso), "tool_version": .string(toolVersion), "created": .string(created.description),
            "rows": .integer(facts.rows), "servers": .integer(facts.servers), "first_id": text(facts.firstID), "last_id": text(facts.last),
            "unsorted_id": text(facts.unsortedID), "incomplete_server": text(facts.incompleteServer),
            "part": part.map {
                .object([
                    "key": .string($0.key.path), "bytes": .integer($0.bytes), "sha256": .string($0.sha256.hex), "token": .string($0.token),
                ])
            } ?? .null,
            "tally_bytes": .integer(tally.count), "tally_sha256": .string(ContentHash(of: tally).hex),
        ])
        return head.bytes + tally
    }

    init(
        dataset: String, shard: Shard, identity: RunIdentity, toolVersion: String, created: Moment, facts: PanelFacts, part: Artifact?,
        tallies: [MetricTally]
    ) {
        self.dataset = dataset
        self.shard = shard
        self.identity = identity
        self.toolVersion = toolVersion
        self.created = created
        self.facts = facts
        self.part = part
        var output = TallyWriter()
        for tally in tallies { tally.write(to: &output) }
        tally = output.bytes
    }

    /// Reads a record.
    /// - Throws: Code `damaged` for any changed byte, `unknownFormat` for a version from the future.
    init(parsing bytes: [UInt8], path: String) throws(StoreError) {
        // Only the end of the whole object stands at the beginning of a line.
        guard let end = Self.endOfHead(bytes) else { throw StoreError(damaged: path, "it is no record of a shard", remedy: "") }
        let fields = try SealedJSON.open(Array(bytes[..<end]), path: path, newestVersion: Self.formatVersion)
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
        if let part = try fields.optionalObject("part") {
            guard let key = try? ObjectKey(part.string("key")) else { throw fields.damaged("part") }
            self.part = Artifact(
                role: .part, key: key, bytes: try part.integer("bytes"), sha256: try part.hash("sha256"), rows: rows,
                token: try part.string("token"))
        } else {
            part = nil
        }
        guard (part == nil) == (rows == 0) else { throw fields.damaged("part") }
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

    /// Adds what the shard counted to tallies of all classes, one per metric in order.
    func merge(into tallies: inout [MetricTally]) throws(TallyReader.Damage) {
        var input = TallyReader(tally[...])
        // An empty shard has nothing to tell.
        guard !tally.isEmpty else { return }
        for index in tallies.indices { try tallies[index].merge(from: &input) }
        guard input.isAtEnd else { throw TallyReader.Damage(problem: "it goes on after its end") }
    }

    /// How it differs from what a set wants; nil for a record of the set.
    func difference(from set: ShardSet, _ shard: Shard) throws(StoreError) -> String? {
        if dataset != set.dataset { return "it is of the dataset \(dataset)" }
        if self.shard != shard { return "it is of shard \(self.shard)" }
        if let other = Self.difference(identity, from: set.identity) { return other }
        if let part, part.key != (try set.part(shard)) { return "its part is \(part.key)" }
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
