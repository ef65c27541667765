/// What the caller knows about a run; the rest of its manifest follows from what was staged and from the store.
public struct RunRecord: Hashable, Sendable {
    /// The run's id, as in the log.
    public var runID: String
    /// `config`, `schedule`, `catch-up` or `manual`.
    public var reason: String
    /// When the run published.
    public var created: Moment
    /// The program's version.
    public var toolVersion: String
    /// The version of the arithmetic: equal versions and equal data configurations give equal bytes.
    public var algorithmVersion: Int
    /// The hash of the whole effective configuration.
    public var configSHA256: ContentHash
    /// The hash of the part of it that decides the bytes.
    public var dataSHA256: ContentHash
    /// The effective configuration, the text of a JSON object.
    public var effectiveConfig: String
    /// The panel's days.
    public var window: DayRange
    /// Time between two rows of a server.
    public var granularity: Granularity
    /// The panel's servers.
    public var servers: Int
    /// The panel's rows.
    public var rows: Int
    /// The seed.
    public var seed: UInt64
    /// The quality gate's verdict, the text of a JSON object.
    public var quality: String

    /// - Parameters: As the properties of the same names.
    public init(
        runID: String, reason: String, created: Moment, toolVersion: String, algorithmVersion: Int, configSHA256: ContentHash,
        dataSHA256: ContentHash, effectiveConfig: String, window: DayRange, granularity: Granularity = .daily, servers: Int,
        rows: Int, seed: UInt64, quality: String
    ) {
        self.runID = runID
        self.reason = reason
        self.created = created
        self.toolVersion = toolVersion
        self.algorithmVersion = algorithmVersion
        self.configSHA256 = configSHA256
        self.dataSHA256 = dataSHA256
        self.effectiveConfig = effectiveConfig
        self.window = window
        self.granularity = granularity
        self.servers = servers
        self.rows = rows
        self.seed = seed
        self.quality = quality
    }

    /// What decides whether a run has anything to do.
    public var identity: RunIdentity {
        RunIdentity(configSHA256: configSHA256, dataSHA256: dataSHA256, algorithmVersion: algorithmVersion, window: window)
    }
}

/// What decides whether a published generation is the one that a run would make.
public struct RunIdentity: Hashable, Sendable {
    /// The hash of the whole effective configuration.
    public var configSHA256: ContentHash
    /// The hash of the part of it that decides the bytes.
    public var dataSHA256: ContentHash
    /// The version of the arithmetic.
    public var algorithmVersion: Int
    /// The panel's days.
    public var window: DayRange

    /// - Parameters: As the properties of the same names.
    public init(configSHA256: ContentHash, dataSHA256: ContentHash, algorithmVersion: Int, window: DayRange) {
        self.configSHA256 = configSHA256
        self.dataSHA256 = dataSHA256
        self.algorithmVersion = algorithmVersion
        self.window = window
    }
}

/// A published file.
public struct Artifact: Hashable, Sendable {
    /// What a file is for.
    public enum Role: String, Hashable, Sendable, CaseIterable {
        case panel, summary, sample
        /// Pictures and tables of the run, for people.
        case report
        /// One of the files that are the panel together, where it was made in shards.
        case part
        /// Flags, clean value and change of every cell.
        case truth
        /// Incidents, outages and lasting changes.
        case events
        /// What is known in advance.
        case covariates
        /// One of the files that are the table of cells together, where it was made in shards.
        case truthPart = "truth-part"

        /// Whether it is a Parquet table, which can be made again from the manifest.
        public var isTable: Bool {
            switch self {
            case .panel, .part, .truth, .truthPart, .events, .covariates: true
            case .summary, .sample, .report: false
            }
        }

        /// Whether it is one of many files that are one table.
        public var isPart: Bool { self == .part || self == .truthPart }

        /// The first version of the manifest's format that knows the role.
        var formatVersion: Int {
            switch self {
            case .panel, .summary, .sample: 1
            case .truth, .events, .covariates: 2
            case .report, .part: 3
            case .truthPart: 4
            }
        }
    }

    /// What the file is for.
    public let role: Role
    /// Where it is.
    public let key: ObjectKey
    /// Its size.
    public let bytes: UInt64
    /// The hash of its bytes.
    public let sha256: ContentHash
    /// Its rows, where that means something.
    public let rows: Int?
    /// The token under which it was staged: how recovery finds it.
    public let token: String
}

/// The immutable record that commits a generation: `manifests/{dataset}/{generation}.json`.
///
/// Written before the artifacts take their final names (the intent), and never changed. Its text is canonical and carries its own checksum.
public struct Manifest: Hashable, Sendable {
    /// The newest version of the format that this program reads. It writes the oldest that knows all roles of the artifacts.
    public static let formatVersion = 4

    /// The generation before, as a hash chain.
    public struct Previous: Hashable, Sendable {
        /// Its number.
        public let generation: Int
        /// The hash of its manifest's file.
        public let manifestSHA256: ContentHash
    }

    /// The dataset's name.
    public let dataset: String
    /// 1, 2, 3...
    public let generation: Int
    /// The generation that was the latest before; nil for the first.
    public let previous: Previous?
    /// What the run was.
    public let run: RunRecord
    /// The files, in the order in which they take their final names.
    public let artifacts: [Artifact]

    /// The file's text.
    public var canonicalBytes: [UInt8] { sealed.bytes }

    /// The hash of the file's text, which the pointer and the next manifest record.
    public var sha256: ContentHash { ContentHash(of: canonicalBytes) }

    /// The artifact of a role.
    public func artifact(_ role: Artifact.Role) -> Artifact? { artifacts.first { $0.role == role } }

    /// The files that are the panel together, in the order of their rows; empty where it is one file.
    public var parts: [Artifact] { artifacts.filter { $0.role == .part }.sorted { $0.key < $1.key } }

    /// The files that are the table of cells together, in the order of their rows; empty where it is one file, or was not asked for.
    public var truthParts: [Artifact] { artifacts.filter { $0.role == .truthPart }.sorted { $0.key < $1.key } }

    /// Where the table of cells is: its file, or the folder of its parts; nil where it was not asked for.
    public var cellsPath: String? { artifact(.truth)?.key.path ?? artifact(.truthPart)?.key.folder }

    /// Where the panel is: its file, or the folder of its parts.
    public var panelPath: String? { artifact(.panel)?.key.path ?? artifact(.part)?.key.folder }

    /// The size of the panel, in one file or in parts.
    public var panelBytes: UInt64 { artifacts.reduce(0) { $0 + ($1.role == .panel || $1.role == .part ? $1.bytes : 0) } }
}

extension Manifest {
    /// The folder of all manifests.
    static let folder = "manifests"

    /// The folder of a dataset's manifests, which is also what its writer locks.
    static func scope(of dataset: String) throws(StoreError) -> ObjectKey {
        guard !dataset.contains("/") else { throw StoreError(invalidKey: dataset, "a dataset's name has no slash") }
        return try ObjectKey(folder + "/" + dataset)
    }

    /// The key of a generation's manifest.
    static func key(_ dataset: String, _ generation: Int) throws(StoreError) -> ObjectKey {
        try ObjectKey(scope(of: dataset).path + "/\(generation).json")
    }

    /// The generation that a file of a manifest folder records, nil for other files: `12.json` has 12, `012.json` none.
    static func generation(ofFile name: String) -> Int? {
        guard name.hasSuffix(".json"), let value = Int(name.dropLast(5)), value > 0, "\(value).json" == name else { return nil }
        return value
    }
}
