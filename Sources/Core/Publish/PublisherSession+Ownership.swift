extension PublisherSession {
    /// Refuses keys that this dataset must not write, before anything is generated.
    ///
    /// A key is free if nothing is there and no other dataset lists or announces it, or if a manifest of this dataset lists it.
    ///
    /// - Parameters:
    ///   - keys: The final names of the artifacts.
    ///   - expecting: Hashes known beforehand. A file that no dataset lists is no obstacle where it has the very bytes to be published.
    /// - Throws: Code `owned`; the sentence names the owner and the ways out.
    public func checkOwnership(_ keys: [ObjectKey], expecting: [ObjectKey: ContentHash] = [:]) async throws(StoreError) {
        var owners: [ObjectKey: String] = [:]
        for manifest in try await catalog.manifestsOfOthers(than: dataset, strict: false) {
            for artifact in manifest.artifacts { owners[artifact.key] = manifest.dataset }
        }
        for key in keys {
            try Self.requireOutsideManifests(key)
            if let owner = owners[key] {
                throw StoreError(
                    .owned, .permanent,
                    "\(key) belongs to the dataset \(owner), so \(dataset) must not write it. Nothing was changed. Give one of the "
                        + "two another output.filename or storage.raw_prefix; if \(owner) is gone for good, remove \(Manifest.folder)/\(owner)."
                )
            }
            if let expected = expecting[key] {
                guard let there = try await store.digest(of: key), there.sha256 != expected else { continue }
            } else if try await store.open(key) == nil {
                continue
            }
            if try await isOwn(key) { continue }
            throw StoreError(
                .owned, .permanent,
                "\(key) exists and no dataset lists it, so \(dataset) does not replace it. Nothing was changed. Move that file away, or "
                    + "change output.filename or storage.raw_prefix.")
        }
    }

    /// Whether a readable published manifest of this dataset lists the key.
    private func isOwn(_ key: ObjectKey) async throws(StoreError) -> Bool {
        // Nearly always the latest; the older ones are read only if not.
        if let latest, latest.artifacts.contains(where: { $0.key == key }) { return true }
        for generation in try await catalog.generations(of: dataset) where generation < nextGeneration {
            do throws(StoreError) {
                if let manifest = try await catalog.manifest(dataset, generation), manifest.artifacts.contains(where: { $0.key == key }) {
                    return true
                }
            } catch {
                guard error.isAboutContent else { throw error }
            }
        }
        return false
    }

    static func requireOutsideManifests(_ key: ObjectKey) throws(StoreError) {
        guard key.path.hasPrefix(Manifest.folder + "/") || key.path == Manifest.folder else { return }
        throw StoreError(invalidKey: key.path, "the folder \(Manifest.folder) is for manifests")
    }
}
