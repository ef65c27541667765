extension VerificationReport {
    /// The report for people, one line per finding, with a final newline.
    public var text: String {
        var lines: [String] = []
        for dataset in datasets {
            if let problem = dataset.problem { lines.append("\(dataset.name): \(problem)") }
            for generation in dataset.generations { lines += Self.lines(generation, of: dataset.name) }
            for number in dataset.announced {
                lines.append(
                    "\(dataset.name): generation \(number) is announced but unfinished; the next start completes it or takes it back")
            }
        }
        for key in leftovers {
            lines.append(
                shardLeftovers.contains(key)
                    ? "staged by a shard: \(key); `fleetsynth commit` publishes it, or removes it when it is of no use any more"
                    : "left over: a hidden file of \(key); the next start removes or uses it")
        }
        if datasets.isEmpty { lines.append("nothing to verify: there is no manifest") }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func lines(_ generation: Generation, of dataset: String) -> [String] {
        let title = "\(dataset): generation \(generation.number)" + (generation.isLatest ? " (latest)" : "")
        var lines = [title + (generation.isWhole ? ": whole" : ": NOT as published")]
        if let problem = generation.problem { lines.append("  " + problem) }
        // Thousands of good parts are one line.
        for role in [Artifact.Role.part, .truthPart] {
            let good = generation.files.filter { $0.artifact.role == role && $0.status == .ok }
            guard let first = good.first else { continue }
            let bytes = good.reduce(0) { $0 + $1.artifact.bytes }
            lines.append("  \(good.count) \(good.count == 1 ? "part" : "parts") in \(first.artifact.key.folder): ok, \(bytes) bytes")
        }
        for file in generation.files where !file.artifact.role.isPart || file.status != .ok {
            let name = "  \(file.artifact.role.rawValue) \(file.artifact.key)"
            switch file.status {
            case .ok: lines.append("\(name): ok, \(file.artifact.bytes) bytes")
            case .superseded(let newer): lines.append("\(name): superseded by generation \(newer)")
            case .missing: lines.append("\(name): MISSING")
            case .changed(let bytes, let hash):
                lines.append(
                    "\(name): CHANGED, \(bytes) bytes with SHA-256 \(hash), published \(file.artifact.bytes) with \(file.artifact.sha256)")
            }
        }
        switch generation.regeneration {
        case nil: break
        case .equal: lines.append("  generated again: the same bytes")
        case .different(let role, let hash):
            lines.append("  generated again: OTHER BYTES\(role == .panel ? "" : " of the \(role.rawValue)"), SHA-256 \(hash)")
        case .failed(let reason): lines.append("  generated again: FAILED, \(reason)")
        }
        return lines
    }

    /// The report for programs: one JSON object, canonical, with a final newline.
    public var json: String {
        let value = CanonicalJSON.object([
            "exit_code": .integer(exitCode),
            "datasets": .array(datasets.map(Self.json)),
            "leftovers": .array(leftovers.map { .string($0.path) }),
        ])
        return String(decoding: value.bytes, as: UTF8.self)
    }

    private static func json(_ dataset: Dataset) -> CanonicalJSON {
        .object([
            "dataset": .string(dataset.name), "whole": .bool(dataset.isWhole), "problem": text(dataset.problem),
            "announced": .array(dataset.announced.map { .integer($0) }), "generations": .array(dataset.generations.map(json)),
        ])
    }

    private static func json(_ generation: Generation) -> CanonicalJSON {
        let regeneration: String? =
            switch generation.regeneration {
            case nil: nil
            case .equal: "equal"
            case .different(.panel, let hash): "different: \(hash)"
            case .different(let role, let hash): "different \(role.rawValue): \(hash)"
            case .failed(let reason): "failed: \(reason)"
            }
        return .object([
            "generation": .integer(generation.number), "latest": .bool(generation.isLatest), "whole": .bool(generation.isWhole),
            "problem": text(generation.problem), "regeneration": text(regeneration), "files": .array(generation.files.map(json)),
        ])
    }

    private static func json(_ file: File) -> CanonicalJSON {
        var members: [String: CanonicalJSON] = [
            "role": .string(file.artifact.role.rawValue), "key": .string(file.artifact.key.path), "bytes": .integer(file.artifact.bytes),
            "sha256": .string(file.artifact.sha256.hex),
        ]
        switch file.status {
        case .ok: members["status"] = .string("ok")
        case .superseded(let newer):
            members["status"] = .string("superseded")
            members["superseded_by"] = .integer(newer)
        case .missing: members["status"] = .string("missing")
        case .changed(let bytes, let hash):
            members["status"] = .string("changed")
            members["actual_bytes"] = .integer(bytes)
            members["actual_sha256"] = .string(hash.hex)
        }
        return .object(members)
    }

    private static func text(_ text: String?) -> CanonicalJSON { text.map { .string($0) } ?? .null }
}
