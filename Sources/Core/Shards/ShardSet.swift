/// The shards that make one table together: where their files go, and how they are told from those of any other table.
///
/// ```
/// raw/web/2022-01-01_to_2025-12-31-3f9a0c6d21b7/part-00003-of-00064.parquet      the table: a folder of nothing but parts
/// raw/web/2022-01-01_to_2025-12-31-3f9a0c6d21b7.summary.json, .sample.csv, .report.html    beside it
/// raw/web/2022-01-01_to_2025-12-31-3f9a0c6d21b7.7.summary.json, ...                         the same with `{generation}` in `output.filename`
/// raw/web/_truth/2022-01-01_to_2025-12-31-3f9a0c6d21b7.truth/part-00003-of-00064.parquet       the ground truth of its cells, where it is asked for
/// raw/web/_truth/2022-01-01_to_2025-12-31-3f9a0c6d21b7.events.parquet, .covariates.parquet
/// raw/_staging/web/2022-01-01_to_2025-12-31-3f9a0c6d21b7/part-00003-of-00064.shard   what a shard says, until the commit
/// ```
/// The folder's name has the window and a hash of all that decides the parts' bytes. Two tables never share a folder, so a part is never
/// replaced by another one, and running a shard twice writes the same file.
struct ShardSet: Hashable, Sendable {
    let dataset: String
    let count: Int
    /// What every shard must agree on. Where there is a ground truth, the hash of the data covers what of it is asked for.
    let identity: RunIdentity
    /// The folder's last component.
    let name: String
    /// Whether each shard with rows has a part of the table of cells, too.
    let hasCells: Bool
    /// Whether the files beside the folder have the generation in their names, so that none is ever replaced.
    private let isNumbered: Bool
    /// Above the folder, `/` at its end.
    private let above: String
    private let staging: String

    /// - Throws: `ShardProblem.place` where the dataset's folder is one that parts cannot be in.
    init(_ plan: PanelPlan, _ identity: RunIdentity, count: Int) throws(ShardProblem) {
        dataset = plan.spec.name
        self.count = count
        hasCells = plan.spec.truth.cells
        let identity = Self.identity(identity, plan.spec.truth)
        self.identity = identity
        let facts = "\(identity.dataSHA256) \(identity.algorithmVersion) \(identity.window.start.iso) \(identity.window.end.iso) \(count)"
        let hash = ContentHash(of: Array(facts.utf8)).hex.prefix(12)
        name = "\(identity.window.start.iso)_to_\(identity.window.end.iso)-\(hash)"
        var prefix = plan.spec.storage.rawPrefix
        if !prefix.isEmpty, !prefix.hasSuffix("/") { prefix += "/" }
        above = "\(prefix)\(dataset)/"
        staging = "\(prefix)_staging/\(dataset)/"
        isNumbered = FilenameTemplate.parts(of: plan.spec.output.filename)?.contains(.placeholder("generation")) ?? false
        // The commit would refuse them, after all the work.
        guard !above.hasPrefix(Manifest.folder + "/") else { throw .place(above) }
    }

    private static func identity(_ own: RunIdentity, _ truth: TruthSpec) -> RunIdentity {
        guard truth != .none else { return own }
        var identity = own
        let facts =
            "\(own.dataSHA256) cells=\(truth.cells) components=\(truth.components) events=\(truth.events) "
            + "covariates=\(truth.horizon.map { "\($0)" } ?? "none") oracle=\(truth.oracle)"
        identity.dataSHA256 = ContentHash(of: Array(facts.utf8))
        return identity
    }

    /// In a folder of its own, as beside a panel in one file.
    private var truth: String { above + "_truth/" }

    /// The folder of the parts, without `/` at its end.
    var folder: String { above + name }

    /// Where the records of this set are, and of every set of the dataset.
    var recordFolder: String { "\(staging)\(name)/" }
    var allRecords: String { staging }

    /// Where the parts of every set of the dataset are.
    var allParts: String { above }

    func part(_ shard: Shard) throws(StoreError) -> ObjectKey { try ObjectKey("\(folder)/\(shard.partName).parquet") }
    func record(_ shard: Shard) throws(StoreError) -> ObjectKey { try ObjectKey("\(recordFolder)\(shard.partName).shard") }
    func truthPart(_ shard: Shard) throws(StoreError) -> ObjectKey { try ObjectKey("\(truth)\(name).truth/\(shard.partName).parquet") }

    /// The tables of a ground truth, in the order in which they are made; for that of cells its folder.
    func tables(_ spec: TruthSpec) throws(StoreError) -> [(role: Artifact.Role, key: ObjectKey)] {
        var tables: [(role: Artifact.Role, key: ObjectKey)] = []
        for role in spec.tables {
            tables.append((role, try ObjectKey("\(truth)\(name).\(role.rawValue)\(role == .truth ? "" : ".parquet")")))
        }
        return tables
    }

    // What is beside the folder differs between generations of one table: when it was made, and how it was judged.
    func summary(_ generation: Int) throws(StoreError) -> ObjectKey { try ObjectKey(beside(generation) + ".summary.json") }
    func sample(_ generation: Int) throws(StoreError) -> ObjectKey { try ObjectKey(beside(generation) + ".sample.csv") }
    func report(_ generation: Int) throws(StoreError) -> ObjectKey { try ObjectKey(beside(generation) + ".report.html") }
    private func beside(_ generation: Int) -> String { isNumbered ? "\(folder).\(generation)" : folder }

    /// The shard that a record's key names; nil for other files.
    func shard(ofRecord key: ObjectKey) -> Shard? {
        guard key.path.hasPrefix(recordFolder), key.name.hasSuffix(".shard") else { return nil }
        return Shard(partName: String(key.name.dropLast(".shard".count))).flatMap { $0.count == count ? $0 : nil }
    }

    /// The set that a part belongs to, its own or one of the same dataset; nil for other files.
    func name(ofPart key: ObjectKey) -> String? {
        guard key.path.hasPrefix(allParts) else { return nil }
        let rest = key.path.dropFirst(allParts.utf8.count).split(separator: "/")
        if rest.count == 3, rest[0] == "_truth", rest[1].hasSuffix(".truth") { return String(rest[1].dropLast(".truth".count)) }
        return rest.count == 2 && rest[0] != "_truth" ? String(rest[0]) : nil
    }

    /// The set that a record belongs to.
    func name(ofRecord key: ObjectKey) -> String? {
        guard key.path.hasPrefix(allRecords) else { return nil }
        let rest = key.path.dropFirst(allRecords.utf8.count).split(separator: "/")
        return rest.count == 2 ? String(rest[0]) : nil
    }

    // MARK: Marks of staged parts

    /// Marks what a shard stages: whose it is, and since when, so that what was abandoned can be told from what is under way. It differs from
    /// the mark of the dataset's own runs, which remove what they find of theirs.
    static func owner(of dataset: String, since: Moment) -> String {
        let seconds = String(UInt32(clamping: since.seconds), radix: 16)
        return mark(of: dataset) + String(repeating: "0", count: 8 - seconds.utf8.count) + seconds
    }

    /// When a shard of the dataset staged what is so marked; nil for what others staged.
    static func began(_ owner: String, dataset: String) -> Moment? {
        guard owner.utf8.count == 16, owner.hasPrefix(mark(of: dataset)), let seconds = UInt32(owner.suffix(8), radix: 16) else {
            return nil
        }
        return Moment(secondsSince1970: Int64(seconds))
    }

    /// Whether a shard of whatever dataset staged what is so marked: marks of runs are hexadecimal digits only.
    static func isOwner(_ owner: String) -> Bool { owner.utf8.count == 16 && owner.hasPrefix("s") }

    private static func mark(of dataset: String) -> String { "s" + ContentHash(of: Array(dataset.utf8)).hex.prefix(7) }
}
