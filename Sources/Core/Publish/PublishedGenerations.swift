/// What a store holds of one dataset, for whoever shows it: the generations on the list, their manifests and their small files.
///
/// Nothing here writes, locks or recovers; a run may publish meanwhile, and a caller then sees the old or the new state.
public struct PublishedGenerations: Sendable {
    /// The dataset's name.
    public let dataset: String
    private let store: any ObjectStore
    private var catalog: Catalog { Catalog(store: store) }

    /// - Parameters:
    ///   - dataset: The dataset's name.
    ///   - store: Where it is published.
    public init(of dataset: String, in store: any ObjectStore) {
        self.dataset = dataset
        self.store = store
    }

    /// The numbers of the generations that retention keeps, the latest first; empty where nothing is published.
    public func listed() async throws(StoreError) -> [Int] {
        try await catalog.pointer(of: dataset)?.pointer.retained.reversed() ?? []
    }

    /// The manifest of a generation, or nil where there is none.
    public func manifest(_ generation: Int) async throws(StoreError) -> Manifest? {
        guard generation > 0 else { return nil }
        return try await catalog.manifest(dataset, generation)
    }

    /// The bytes of an artifact that are those of its manifest, or nil where the file is gone or another generation has replaced it.
    ///
    /// - Parameter limit: The largest size that is read; a larger artifact counts as damaged.
    /// - Complexity: O(bytes) time and memory.
    public func bytes(of artifact: Artifact, limit: UInt64) async throws(StoreError) -> [UInt8]? {
        guard artifact.bytes <= limit else {
            throw StoreError(damaged: artifact.key.path, "it has \(artifact.bytes) bytes, more than \(limit)")
        }
        guard let object = try await store.get(artifact.key, limit: limit), ContentHash(of: object.bytes) == artifact.sha256 else {
            return nil
        }
        return object.bytes
    }
}
