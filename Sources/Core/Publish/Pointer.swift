/// `manifests/{dataset}/latest.json`: where a reader starts. The only file of a publication that is ever replaced by name.
public struct Pointer: Hashable, Sendable {
    /// The version of the format that this program writes, and the newest it reads.
    public static let formatVersion = 1

    /// A generation that retention has taken off the list; its files follow when the grace period is over.
    public struct Unlisted: Hashable, Sendable {
        /// Its number.
        public let generation: Int
        /// When it was taken off.
        public let since: Moment
    }

    /// The dataset's name.
    public let dataset: String
    /// The latest generation.
    public let generation: Int
    /// The hash of its manifest's file.
    public let manifestSHA256: ContentHash
    /// The generations that stay, oldest first; the last is `generation`.
    public let retained: [Int]
    /// Those that go, oldest first.
    public let unlisted: [Unlisted]

    /// The file's text.
    public var canonicalBytes: [UInt8] {
        let manifest = "\(Manifest.folder)/\(dataset)/\(generation).json"
        return SealedJSON([
            "format_version": .integer(Self.formatVersion), "dataset": .string(dataset), "generation": .integer(generation),
            "manifest": .string(manifest), "manifest_sha256": .string(manifestSHA256.hex),
            "retained": .array(retained.map { .integer($0) }),
            "unlisted": .array(unlisted.map { .object(["generation": .integer($0.generation), "since": .string($0.since.description)]) }),
        ]).bytes
    }

    init(dataset: String, generation: Int, manifestSHA256: ContentHash, retained: [Int], unlisted: [Unlisted]) {
        precondition(retained.last == generation, "the latest generation is always retained")
        self.dataset = dataset
        self.generation = generation
        self.manifestSHA256 = manifestSHA256
        self.retained = retained
        self.unlisted = unlisted
    }

    /// Reads a pointer's file.
    ///
    /// - Parameters:
    ///   - bytes: The file's bytes.
    ///   - path: Its path, for errors.
    /// - Throws: Code `damaged` for any changed byte, `unknownFormat` for a version from the future.
    public init(parsing bytes: [UInt8], path: String) throws(StoreError) {
        let fields = try SealedJSON.open(bytes, path: path, newestVersion: Self.formatVersion)
        dataset = try fields.string("dataset")
        generation = try fields.integer("generation")
        manifestSHA256 = try fields.hash("manifest_sha256")
        retained = try fields.require("retained", fields.members["retained"]?.array).compactMap { $0.integer(Int.self) }
        var unlisted: [Unlisted] = []
        for field in try fields.objects("unlisted") {
            unlisted.append(Unlisted(generation: try field.integer("generation"), since: try field.moment("since")))
        }
        self.unlisted = unlisted
        guard retained.last == generation else { throw fields.damaged("retained") }
    }

    static func key(of dataset: String) throws(StoreError) -> ObjectKey { try ObjectKey(Manifest.scope(of: dataset).path + "/latest.json") }
}
