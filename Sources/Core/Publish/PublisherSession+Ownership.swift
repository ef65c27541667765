extension PublisherSession {
    /// Refuses keys that this dataset must not write, before anything is generated.
    ///
    /// A key is free if nothing is there and no other dataset lists or announces it, or if a manifest of this dataset lists it. Where the
    /// latest manifest cannot be used (`RecoveryReport.latestProblem`) nobody knows what it listed: then a file that certainly no other
    /// dataset lists is taken for this one's.
    ///
    /// - Parameters:
    ///   - keys: The final names of the artifacts.
    ///   - expecting: Hashes known beforehand. A file that no dataset lists is no obstacle where it has the very bytes to be published.
    ///   - absent: Keys that a listing has not found; they are not looked for one by one.
    ///   - adopting: Whether files that no dataset lists may be replaced, by this session's `publish` too.
    /// - Throws: Code `owned`, or `busy` for a key that another dataset only announced; the sentence names the owner and the ways out.
    public func checkOwnership(
        _ keys: [ObjectKey], expecting: [ObjectKey: ContentHash] = [:], absent: Set<ObjectKey> = [], adopting: Bool = false
    ) async throws(StoreError) {
        var owners: [ObjectKey: String] = [:]
        var announcers: [ObjectKey: String] = [:]
        for claim in try await catalog.claimsOfOthers(than: dataset, strict: false) {
            for artifact in claim.manifest.artifacts {
                if claim.isPublished {
                    owners[artifact.key] = claim.manifest.dataset
                } else {
                    announcers[artifact.key] = claim.manifest.dataset
                }
            }
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
            if let announcer = announcers[key] {
                throw StoreError(
                    .busy, .retryable,
                    "The dataset \(announcer) has announced \(key) but not published it, so \(dataset) must not write it now. Nothing was "
                        + "changed; try again. If both are to stay, give one of the two another output.filename or storage.raw_prefix; if "
                        + "\(announcer) is gone for good, remove \(Manifest.folder)/\(announcer).")
            }
            if absent.contains(key) { continue }
            if let expected = expecting[key] {
                guard let there = try await store.digest(of: key), there.sha256 != expected else { continue }
            } else if try await store.open(key) == nil {
                continue
            }
            if adopted.contains(key) { continue }
            if try await isOwn(key) { continue }
            if adopting {
                adopt(key)
                continue
            }
            if try await isProbablyOwn() { continue }
            throw StoreError(
                .owned, .permanent,
                "\(key) exists and no dataset lists it, so \(dataset) does not replace it. Nothing was changed. Run once with --force to "
                    + "replace it, move that file away, or change output.filename or storage.raw_prefix.")
        }
    }

    /// Those keys that are free, found by a listing of each folder: for many keys in few folders.
    func absent(_ keys: [ObjectKey]) async throws(StoreError) -> Set<ObjectKey> {
        var left = Set(keys)
        for folder in Set(keys.map(\.folder)) where !folder.isEmpty {
            for key in try await store.keys(folder + "/") { left.remove(key) }
        }
        return left
    }

    /// Whether a file that no manifest lists can only be this dataset's: its latest manifest cannot be used, and all others can.
    private func isProbablyOwn() async throws(StoreError) -> Bool {
        guard recovery.latestProblem != nil else { return false }
        do throws(StoreError) {
            _ = try await catalog.claimsOfOthers(than: dataset, strict: true)
            return true
        } catch {
            guard error.isAboutContent else { throw error }
            return false
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
