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

    /// The manifests by which the other datasets own their keys: the latest of each, and any announced after it.
    ///
    /// - Parameter strict: Whether an unreadable one is an error; otherwise it owns nothing.
    func manifestsOfOthers(than dataset: String, strict: Bool) async throws(StoreError) -> [Manifest] {
        var result: [Manifest] = []
        for (other, generations) in try await generations().sorted(by: { $0.key < $1.key }) where other != dataset {
            do throws(StoreError) {
                let latest = try await pointer(of: other)?.pointer.generation ?? 0
                for generation in generations where generation >= latest {
                    if let manifest = try await manifest(other, generation) { result.append(manifest) }
                }
            } catch {
                if strict || !error.isAboutContent { throw error }
            }
        }
        return result
    }
}

extension StoreError {
    /// Whether the store works, and it is a file's content that cannot be used.
    var isAboutContent: Bool { code == .damaged || code == .unknownFormat }
}
