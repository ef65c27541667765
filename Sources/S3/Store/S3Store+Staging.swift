public import Core

extension S3Store: SharedStaging {
    private static let markers = "manifests/.staged/"

    /// The marker of what `owner` stages under a key. A listing of uploads tells nothing of who began them, and some services list them by whole
    /// keys only; markers say where to look, and whose uploads are ours to abort. One that was left without its upload is listed with the upload
    /// id `none`, so that recovery discards it.
    private static func marker(_ key: ObjectKey, owner: String) -> String {
        "\(markers)\(owner)/\(ContentHash(of: Array(key.path.utf8)).hex.prefix(32))"
    }

    /// Begins an upload, after aborting any other of the same key: the caller holds the dataset's lock, and no other dataset has the key.
    public func stage(_ key: ObjectKey, owner: String) async throws(StoreError) -> any StagedObject {
        precondition((1...16).contains(owner.utf8.count), "an owner is 1...16 of a-z0-9")
        do throws(S3Failure) {
            // Before the upload: a crash in between leaves a marker too many, never an upload that nobody finds.
            _ = try await put(Self.marker(key, owner: owner), Payload(Array(key.path.utf8)), contentType: "text/plain")
        } catch {
            throw storeError(error)
        }
        do throws(StoreError) {
            try await abortUploads(of: key, except: nil)
            let upload = try await createUpload(key)
            // A try whose answer was lost may have made a second one.
            if upload.isAmbiguous { try await abortUploads(of: key, except: upload.id) }
            return S3StagedObject(store: self, key: key, owner: owner, uploadID: upload.id)
        } catch {
            // Where an upload may have been made after all, the marker stays, so that the next start finds it.
            if error.outcome != .unknown {
                try? await Shield.run { [self] () throws(StoreError) in try await endStaging(key, owner: owner) }
            }
            throw error
        }
    }

    /// Begins an upload beside others of the same key. Each has a marker of its own where owners differ; the one that is published ends the others.
    public func stageShared(_ key: ObjectKey, owner: String) async throws(StoreError) -> any StagedObject {
        precondition((1...16).contains(owner.utf8.count), "an owner is 1...16 of a-z0-9")
        do throws(S3Failure) {
            _ = try await put(Self.marker(key, owner: owner), Payload(Array(key.path.utf8)), contentType: "text/plain")
        } catch {
            throw storeError(error)
        }
        return S3StagedObject(store: self, key: key, owner: owner, uploadID: try await createUpload(key).id, isShared: true)
    }

    /// Finds an upload again, or the finished object.
    public func resume(_ key: ObjectKey, token: String) async throws(StoreError) -> (any StagedObject)? {
        guard let token = UploadToken(token) else { return nil }
        if token.uploadID == UploadToken.none {
            return S3StagedObject(store: self, key: key, owner: token.owner, uploadID: token.uploadID, parts: [], expecting: token.digest)
        }
        if let parts = try await parts(key, token.uploadID) {
            // Parts that are not those of the token are somebody else's, or were never sealed: such an upload can only be discarded.
            return S3StagedObject(
                store: self, key: key, owner: token.owner, uploadID: token.uploadID, parts: parts, expecting: token.digest)
        }
        guard try await head(key) != nil else { return nil }
        return S3StagedObject(store: self, key: key, owner: token.owner, uploadID: token.uploadID, parts: [], expecting: nil)
    }

    /// The uploads that markers tell of.
    public func staged(_ prefix: String, by isWanted: (String) -> Bool) async throws(StoreError) -> [ListedObject] {
        // Nothing is ever staged beside the manifests.
        if prefix.hasPrefix("manifests/") { return [] }
        var markers: [(owner: String, name: String)] = []
        for listed in try await objects(Self.markers) {
            let owner = String(listed.key.dropFirst(Self.markers.utf8.count).prefix { $0 != "/" })
            if isWanted(owner) { markers.append((owner, listed.key)) }
        }
        let found = try await ManyAtOnce.map(markers, in: self) { marker throws(StoreError) in
            try await self.uploads(prefix, of: marker.owner, marker: marker.name)
        }
        return found.flatMap(\.self).sorted { $0.listed.key == $1.listed.key ? $0.token < $1.token : $0.listed.key < $1.listed.key }
            .map(\.listed)
    }

    /// The uploads that one marker tells of.
    private func uploads(
        _ prefix: String, of owner: String, marker: String
    ) async throws(StoreError) -> [(listed: ListedObject, token: String)] {
        guard let name = try? ObjectKey(marker), let text = try await get(name, limit: 4096),
            let key = try? ObjectKey(String(decoding: text.bytes, as: UTF8.self)), key.path.hasPrefix(prefix)
        else { return [] }
        var tokens: [String] = []
        for id in try await uploads(of: key) {
            guard let parts = try await parts(key, id) else { continue }
            tokens.append(UploadToken(owner: owner, parts: parts, uploadID: id).text)
        }
        if tokens.isEmpty { tokens = [UploadToken(owner: owner, parts: [], uploadID: UploadToken.none).text] }
        return tokens.map { (ListedObject(key: key, kind: .staged(token: $0, owner: owner)), $0) }
    }

    /// Ends the staging of a key: aborts what other uploads of it there are (a network may have delivered the request for one twice), then removes
    /// the marker. None being there is fine.
    func endStaging(_ key: ObjectKey, owner: String) async throws(StoreError) {
        try await abortUploads(of: key, except: nil)
        do throws(S3Failure) {
            _ = try await call(.deleteObject, "DELETE", key: Self.marker(key, owner: owner), attempts: 4)
        } catch {
            guard error.status == 404 else { throw storeError(error) }
        }
    }

    private func abortUploads(of key: ObjectKey, except own: String?) async throws(StoreError) {
        let others = try await uploads(of: key).filter { $0 != own }
        for id in others { try await abortUpload(key, id) }
        if !others.isEmpty { observe(.abortedUploads(key: key, count: others.count)) }
    }
}
