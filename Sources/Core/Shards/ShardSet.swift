/// The shards that make one table together: where their files go, and how they are told from those of any other table.
///
/// ```
/// raw/web/2022-01-01_to_2025-12-31-3f9a0c6d21b7/part-00003-of-00064.parquet      the table: a folder of nothing but parts
/// raw/web/2022-01-01_to_2025-12-31-3f9a0c6d21b7.summary.json, .sample.csv, .report.html    beside it
/// raw/_staging/web/2022-01-01_to_2025-12-31-3f9a0c6d21b7/part-00003-of-00064.shard   what a shard says, until the commit
/// ```
/// The folder's name has the window and a hash of all that decides the parts' bytes. Two tables never share a folder, so a part is never
/// replaced by another one, and running a shard twice writes the same file.
struct ShardSet: Hashable, Sendable {
    let dataset: String
    let count: Int
    /// What every shard must agree on.
    let identity: RunIdentity
    /// The folder's last component.
    let name: String
    /// Above the folder, `/` at its end.
    private let above: String
    private let staging: String

    init(_ plan: PanelPlan, _ identity: RunIdentity, count: Int) {
        dataset = plan.spec.name
        self.count = count
        self.identity = identity
        let facts = "\(identity.dataSHA256) \(identity.algorithmVersion) \(identity.window.start.iso) \(identity.window.end.iso) \(count)"
        let hash = ContentHash(of: Array(facts.utf8)).hex.prefix(12)
        name = "\(identity.window.start.iso)_to_\(identity.window.end.iso)-\(hash)"
        var prefix = plan.spec.storage.rawPrefix
        if !prefix.isEmpty, !prefix.hasSuffix("/") { prefix += "/" }
        above = "\(prefix)\(dataset)/"
        staging = "\(prefix)_staging/\(dataset)/"
    }

    /// The folder of the parts, without `/` at its end.
    var folder: String { above + name }

    /// Where the records of this set are, and of every set of the dataset.
    var recordFolder: String { "\(staging)\(name)/" }
    var allRecords: String { staging }

    /// Where the parts of every set of the dataset are.
    var allParts: String { above }

    func part(_ shard: Shard) throws(StoreError) -> ObjectKey { try ObjectKey("\(folder)/\(shard.partName).parquet") }
    func record(_ shard: Shard) throws(StoreError) -> ObjectKey { try ObjectKey("\(recordFolder)\(shard.partName).shard") }
    func summary() throws(StoreError) -> ObjectKey { try ObjectKey(folder + ".summary.json") }
    func sample() throws(StoreError) -> ObjectKey { try ObjectKey(folder + ".sample.csv") }
    func report() throws(StoreError) -> ObjectKey { try ObjectKey(folder + ".report.html") }

    /// The shard that a record's key names; nil for other files.
    func shard(ofRecord key: ObjectKey) -> Shard? {
        guard key.path.hasPrefix(recordFolder), key.name.hasSuffix(".shard") else { return nil }
        return Shard(partName: String(key.name.dropLast(".shard".count))).flatMap { $0.count == count ? $0 : nil }
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

    private static func mark(of dataset: String) -> String { "s" + ContentHash(of: Array(dataset.utf8)).hex.prefix(7) }
}
