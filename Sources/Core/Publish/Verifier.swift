/// Proves that published files are what their manifests say. Reads only, takes no lock.
public struct Verifier: Sendable {
    /// What to verify.
    public enum Target: Hashable, Sendable {
        /// All datasets of the store.
        case everything
        /// The listed generations of one dataset.
        case dataset(String)
        /// One generation.
        case generation(String, Int)
        /// The datasets that have an artifact whose key starts so.
        case below(String)

        /// Reads the path below the manifest folder: empty, `web`, `web/latest.json`, `web/7.json`; nil for others.
        public init?(below path: String) {
            let parts = path.split(separator: "/").map(String.init)
            switch (parts.count, parts.last.flatMap(Manifest.generation(ofFile:))) {
            case (0, _): self = .everything
            case (1, _): self = .dataset(parts[0])
            case (2, let number?): self = .generation(parts[0], number)
            case (2, _) where parts[1] == "latest.json": self = .dataset(parts[0])
            default: return nil
            }
        }

        /// Reads a path in a bucket: empty, `manifests/web/7.json`, or a folder of artifacts such as `raw/`.
        public init(inBucket path: String) {
            let isManifest = path == Manifest.folder || path.hasPrefix(Manifest.folder + "/")
            self =
                path.isEmpty
                ? .everything : isManifest ? Target(below: String(path.dropFirst(Manifest.folder.count))) ?? .below(path) : .below(path)
        }
    }

    private let store: any ObjectStore
    private let regenerator: (any PanelRegenerator)?
    private var catalog: Catalog { Catalog(store: store) }

    /// - Parameters:
    ///   - store: Where the datasets are.
    ///   - regenerator: Generates each panel and its ground truth again, too; nil not to.
    public init(_ store: any ObjectStore, regenerator: (any PanelRegenerator)? = nil) {
        self.store = store
        self.regenerator = regenerator
    }

    /// The store that a path of the command line lies in, and what of it is meant; nil where there is nothing to verify.
    public static func locate(_ path: String) -> (store: LocalStore, target: Target)? {
        guard let (store, below) = LocalStore.locate(path, folder: Manifest.folder), let target = Target(below: below) else { return nil }
        return (store, target)
    }

    /// Hashes every file again that the pointers and manifests reach.
    ///
    /// - Complexity: Reads every artifact once per generation that lists it; 1 MiB of memory.
    public func verify(_ target: Target) async throws(StoreError) -> VerificationReport {
        var report = VerificationReport()
        for (dataset, generations) in try await catalog.generations().sorted(by: { $0.key < $1.key }) {
            switch target {
            case .dataset(let name) where name != dataset: continue
            case .generation(let name, let number) where name != dataset || !generations.contains(number): continue
            case .below(let prefix) where try await !hasArtifact(dataset, generations, below: prefix): continue
            case .generation(_, let number): report.datasets.append(try await check(dataset, generations, only: number))
            default: report.datasets.append(try await check(dataset, generations, only: nil))
            }
        }
        for (key, isOfShard) in try await leftovers(target) {
            report.leftovers.append(key)
            if isOfShard { report.shardLeftovers.insert(key) }
        }
        return report
    }

    /// Whether the newest manifest lists a key that starts so; one that cannot be read may.
    private func hasArtifact(_ dataset: String, _ generations: [Int], below prefix: String) async throws(StoreError) -> Bool {
        guard let newest = generations.last else { return false }
        do throws(StoreError) {
            return try await catalog.manifest(dataset, newest)?.artifacts.contains { $0.key.path.hasPrefix(prefix) } ?? false
        } catch {
            guard error.isAboutContent else { throw error }
            return true
        }
    }

    /// The manifest of a generation, or of a dataset's latest; nil where the target means no single one, or there is none.
    public func manifest(_ target: Target) async throws(StoreError) -> Manifest? {
        switch target {
        case .generation(let dataset, let number): return try await catalog.manifest(dataset, number)
        case .dataset(let dataset):
            guard let generation = try await catalog.pointer(of: dataset)?.pointer.generation else { return nil }
            return try await catalog.manifest(dataset, generation)
        case .everything, .below: return nil
        }
    }

    private func leftovers(_ target: Target) async throws(StoreError) -> [(key: ObjectKey, isOfShard: Bool)] {
        let owner: String?
        var prefix = ""
        if case .below(let below) = target { prefix = below }
        switch target {
        case .everything, .below: owner = nil
        case .dataset(let name), .generation(let name, _): owner = Publisher.owner(of: name)
        }
        var keys: [(key: ObjectKey, isOfShard: Bool)] = []
        for listed in try await store.staged(prefix, by: { owner == nil || $0 == owner }) {
            guard case .staged(_, let stagedBy) = listed.kind, owner == nil || stagedBy == owner else { continue }
            keys.append((listed.key, stagedBy.map(ShardSet.isOwner) ?? false))
        }
        return keys
    }

    private func check(_ dataset: String, _ numbers: [Int], only: Int?) async throws(StoreError) -> VerificationReport.Dataset {
        var result = VerificationReport.Dataset(name: dataset)
        var pointer: Pointer?
        do throws(StoreError) {
            pointer = try await catalog.pointer(of: dataset)?.pointer
            if pointer == nil { result.problem = "latest.json is missing; the next start finds the newest whole generation" }
        } catch {
            guard error.isAboutContent else { throw error }
            result.problem = error.message
        }
        for number in numbers where number > pointer?.generation ?? .max {
            if let problem = try await problem(ofAnnounced: number, dataset) {
                result.problem = problem
            } else {
                result.announced.append(number)
            }
        }
        let leaving = Set((pointer?.unlisted ?? []).map(\.generation))
        let meant = Set(only.map { [$0] } ?? pointer?.retained ?? numbers)
        var newer: [Manifest] = []
        for number in Set(numbers).union(meant).sorted(by: >)
        where number >= meant.min() ?? 0 && (meant.contains(number) || !leaving.contains(number)) {
            var generation = VerificationReport.Generation(number: number, isLatest: number == pointer?.generation)
            do throws(StoreError) {
                guard let manifest = try await catalog.manifest(dataset, number) else {
                    throw StoreError(damaged: try Manifest.key(dataset, number).path, "it is missing")
                }
                if meant.contains(number) {
                    generation.problem = chainProblem(manifest, pointer, newer.last)
                    for artifact in manifest.artifacts {
                        let status = try await status(of: artifact, newer: newer, published: pointer?.generation ?? .max)
                        generation.files.append(.init(artifact: artifact, status: status))
                    }
                    generation.regeneration = await regenerate(manifest)
                }
                newer.append(manifest)
            } catch {
                guard error.isAboutContent else { throw error }
                generation.problem = error.message
            }
            if meant.contains(number) { result.generations.append(generation) }
        }
        return result
    }

    /// What is wrong with a generation after the pointer's; nil if it is unfinished, which is the next start's business.
    private func problem(ofAnnounced number: Int, _ dataset: String) async throws(StoreError) -> String? {
        do throws(StoreError) {
            guard let manifest = try await catalog.manifest(dataset, number), try await catalog.staged(of: manifest).isEmpty else {
                return nil
            }
            var isWhole = true
            for artifact in manifest.artifacts where isWhole {
                isWhole = try await store.digest(of: artifact.key)?.sha256 == artifact.sha256
            }
            return isWhole
                ? "latest.json is older than generation \(number), which is whole; the next start makes that the latest"
                : "generation \(number), newer than latest.json, is damaged; the next run publishes a new generation"
        } catch {
            guard error.isAboutContent else { throw error }
            return error.message
        }
    }

    /// - Parameter next: The next newer manifest that could be read.
    private func chainProblem(_ manifest: Manifest, _ pointer: Pointer?, _ next: Manifest?) -> String? {
        if let pointer, pointer.generation == manifest.generation, pointer.manifestSHA256 != manifest.sha256 {
            return "its manifest is not the one that latest.json names"
        }
        if let link = next?.previous, link.generation == manifest.generation, link.manifestSHA256 != manifest.sha256 {
            return "its manifest is not the one that generation \(next?.generation ?? 0) follows"
        }
        return nil
    }

    private func status(of artifact: Artifact, newer: [Manifest], published: Int) async throws(StoreError) -> VerificationReport.Status {
        let actual = try await store.digest(of: artifact.key)
        if let actual, actual.sha256 == artifact.sha256 { return .ok }
        for manifest in newer {
            for other in manifest.artifacts where other.key == artifact.key {
                // An unfinished generation has taken over only what already holds its bytes.
                if manifest.generation <= published || other.sha256 == actual?.sha256 { return .superseded(by: manifest.generation) }
            }
        }
        guard let actual else { return .missing }
        return .changed(bytes: actual.bytes, sha256: actual.sha256)
    }

    private func regenerate(_ manifest: Manifest) async -> VerificationReport.Regeneration? {
        guard let regenerator, manifest.panelPath != nil else { return nil }
        do {
            for artifact in manifest.artifacts where artifact.role.isTable {
                let hash =
                    try await artifact.role.isPart
                    ? regenerator.sha256(ofPart: artifact, in: manifest) : regenerator.sha256(of: artifact.role, in: manifest)
                if hash != artifact.sha256 { return .different(artifact.role, hash) }
            }
            return .equal
        } catch {
            return .failed(String(describing: error))
        }
    }
}
