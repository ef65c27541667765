extension Manifest {
    var sealed: SealedJSON {
        var members: [String: CanonicalJSON] = [
            "format_version": .integer(artifacts.map(\.role.formatVersion).max() ?? 1),
            "dataset": .string(dataset),
            "generation": .integer(generation),
            "previous": previous.map {
                .object(["generation": .integer($0.generation), "manifest_sha256": .string($0.manifestSHA256.hex)])
            } ?? .null,
            "run_id": .string(run.runID),
            "reason": .string(run.reason),
            "created": .string(run.created.description),
            "tool_version": .string(run.toolVersion),
            "algorithm_version": .integer(run.algorithmVersion),
            "config_sha256": .string(run.configSHA256.hex),
            "data_sha256": .string(run.dataSHA256.hex),
            "config": Self.object(run.effectiveConfig, "the effective configuration"),
            "window_start": .string(run.window.start.iso),
            "window_end": .string(run.window.end.iso),
            "servers": .integer(run.servers),
            "rows": .integer(run.rows),
            "seed": .integer(run.seed),
            "quality": Self.object(run.quality, "the quality verdict"),
            "artifacts": .array(artifacts.map(\.json)),
        ]
        // Manifests of daily rows never said so, and stay as they are.
        if !run.granularity.isDaily { members["granularity"] = .string(run.granularity.description) }
        return SealedJSON(members)
    }

    /// Reads a manifest's file.
    ///
    /// - Parameters:
    ///   - bytes: The file's bytes.
    ///   - path: Its path, for errors.
    /// - Throws: Code `damaged` for any changed byte, `unknownFormat` for a version from the future.
    public init(parsing bytes: [UInt8], path: String) throws(StoreError) {
        let fields = try SealedJSON.open(bytes, path: path, newestVersion: Self.formatVersion)
        dataset = try fields.string("dataset")
        generation = try fields.integer("generation")
        if let link = try fields.optionalObject("previous") {
            previous = Previous(generation: try link.integer("generation"), manifestSHA256: try link.hash("manifest_sha256"))
        } else {
            previous = nil
        }
        let (start, end) = (try fields.day("window_start"), try fields.day("window_end"))
        guard start <= end else { throw fields.damaged("window_end") }
        let granularity =
            fields.members["granularity"] == nil ? .daily : try fields.require("granularity", Granularity(fields.string("granularity")))
        run = RunRecord(
            runID: try fields.string("run_id"), reason: try fields.string("reason"), created: try fields.moment("created"),
            toolVersion: try fields.string("tool_version"), algorithmVersion: try fields.integer("algorithm_version"),
            configSHA256: try fields.hash("config_sha256"), dataSHA256: try fields.hash("data_sha256"),
            effectiveConfig: try fields.objectText("config"), window: DayRange(start: start, end: end),
            granularity: granularity, servers: try fields.integer("servers"),
            rows: try fields.integer("rows"), seed: try fields.integer("seed"), quality: try fields.objectText("quality"))
        var artifacts: [Artifact] = []
        for field in try fields.objects("artifacts") { artifacts.append(try Artifact(field)) }
        self.artifacts = artifacts
    }

    /// JSON that our own code hands over; anything else in its place is our mistake.
    private static func object(_ text: String, _ what: String) -> CanonicalJSON {
        guard let value = try? CanonicalJSON(parsing: Array(text.utf8)), case .object = value else {
            preconditionFailure("\(what) is no JSON object")
        }
        return value
    }
}

extension Artifact {
    fileprivate var json: CanonicalJSON {
        .object([
            "role": .string(role.rawValue), "key": .string(key.path), "bytes": .integer(bytes), "sha256": .string(sha256.hex),
            "rows": rows.map { .integer($0) } ?? .null, "token": .string(token),
        ])
    }

    fileprivate init(_ fields: FieldReader) throws(StoreError) {
        role = try fields.require("role", Role(rawValue: fields.string("role")))
        guard let key = try? ObjectKey(fields.string("key")) else { throw fields.damaged("key") }
        self.key = key
        bytes = try fields.integer("bytes")
        sha256 = try fields.hash("sha256")
        rows = fields.members["rows"] == .null ? nil : try fields.integer("rows", Int.self)
        token = try fields.string("token")
    }
}
