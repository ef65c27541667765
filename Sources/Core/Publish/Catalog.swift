/// Reads pointers and manifests from a store.
struct Catalog: Sendable {
    let store: any ObjectStore

    /// The pointer of a dataset and its version, or nil where there is none.
    func pointer(of dataset: String) async throws(StoreError) -> (pointer: Pointer, version: ObjectVersion)? {
        let key = try Pointer.key(of: dataset)
        guard let object = try await store.get(key) else { return nil }
        let pointer = try Pointer(parsing: object.bytes, path: key.path)
        guard pointer.dataset == dataset else { throw StoreError(damaged: key.path, "it belongs to the dataset \(pointer.dataset)") }
        return (pointer, object.version)
    }

    /// The manifest of a generation, or nil where there is none.
    func manifest(_ dataset: String, _ generation: Int) async throws(StoreError) -> Manifest? {
        let key = try Manifest.key(dataset, generation)
        guard let object = try await store.get(key) else { return nil }
        let manifest = try Manifest(parsing: object.bytes, path: key.path)
        guard manifest.dataset == dataset, manifest.generation == generation else {
            throw StoreError(damaged: key.path, "it is generation \(manifest.generation) of \(manifest.dataset)")
        }
        return manifest
    }

    /// Every dataset with the generations that have a manifest, ascending.
    func generations() async throws(StoreError) -> [String: [Int]] {
        var result: [String: [Int]] = [:]
        for listed in try await store.list(Manifest.folder + "/") where listed.kind == .object {
            let parts = listed.key.path.split(separator: "/")
            guard parts.count == 3 else { continue }
            let dataset = String(parts[1])
            if let generation = Manifest.generation(ofFile: String(parts[2])) { result[dataset, default: []].append(generation) }
            if parts[2] == "latest.json" { result[dataset, default: []] += [] }
        }
        return result.mapValues { $0.sorted() }
    }

    /// The generations of one dataset that have a manifest, ascending.
    func generations(of dataset: String) async throws(StoreError) -> [Int] {
        try await store.list(Manifest.scope(of: dataset).path + "/").filter { $0.kind == .object }
            .compactMap { Manifest.generation(ofFile: $0.key.name) }.sorted()
    }

    /// Removes the folders that removed files leave empty, where the store has folders; those of manifests, which carry locks, stay.
    func tidy(_ removed: [ObjectKey], below prefixes: [String]) async {
        guard let store = store as? any FolderTidying else { return }
        let keys = removed.filter { !$0.path.hasPrefix(Manifest.folder + "/") }
        for prefix in prefixes { await store.removeEmptyFolders(of: keys, below: prefix) }
    }

    /// The artifacts of a manifest whose hidden files are there, by one listing.
    func staged(of manifest: Manifest) async throws(StoreError) -> [Artifact] {
        let keys = manifest.artifacts.map(\.key)
        guard let first = keys.min(), let last = keys.max() else { return [] }
        // The folder that they share.
        let common = zip(first.path.utf8, last.path.utf8).prefix { $0 == $1 }.count
        let slash = first.path.utf8.prefix(common).lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { String(first.path[...$0]) } ?? ""
        let owners = Set(manifest.artifacts.map { StagedName.owner(ofToken: $0.token) })
        var tokens: [ObjectKey: Set<String>] = [:]
        for listed in try await store.staged(folder, by: { owners.contains($0) }) {
            if case .staged(let token, _) = listed.kind { tokens[listed.key, default: []].insert(token) }
        }
        return manifest.artifacts.filter { tokens[$0.key]?.contains($0.token) == true }
    }

    /// A manifest by which another dataset owns its keys.
    struct Claim: Sendable {
        let manifest: Manifest
        /// Whether the other dataset's pointer names it; otherwise it is announced only.
        let isPublished: Bool
    }

    /// The manifests by which the other datasets own their keys: the latest of each, and any announced after it.
    ///
    /// - Parameter strict: Whether a missing latest one or an unreadable one is an error; otherwise it owns nothing.
    func claimsOfOthers(than dataset: String, strict: Bool) async throws(StoreError) -> [Claim] {
        var result: [Claim] = []
        for (other, generations) in try await generations().sorted(by: { $0.key < $1.key }) where other != dataset {
            do throws(StoreError) {
                let latest = try await pointer(of: other)?.pointer.generation
                if strict, let latest, !generations.contains(latest) {
                    throw StoreError(damaged: try Manifest.key(other, latest).path, "it is missing")
                }
                for generation in generations where generation >= latest ?? 0 {
                    guard let manifest = try await manifest(other, generation) else { continue }
                    result.append(Claim(manifest: manifest, isPublished: generation == latest))
                }
            } catch {
                if strict || !error.isAboutContent { throw error }
            }
        }
        return result
    }

    /// The manifests of `claimsOfOthers`.
    func manifestsOfOthers(than dataset: String, strict: Bool) async throws(StoreError) -> [Manifest] {
        try await claimsOfOthers(than: dataset, strict: strict).map(\.manifest)
    }
}

extension StoreError {
    /// Whether the store works, and it is a file's content that cannot be used.
    var isAboutContent: Bool { code == .damaged || code == .unknownFormat }
}
