/// Publishes a dataset's generations so that readers see one whole generation after the other, whatever fails.
///
/// ```
/// open     writer lock, recovery of what a crash left
/// stage*   artifacts complete under hidden names                       a crash here: they are removed
/// publish  manifests/{dataset}/{generation}.json, the intent           from here on: rolled forward
///          artifacts take their final names
///          manifests/{dataset}/latest.json, the pointer
/// sweep    retention
/// ```
/// All calls block the caller's thread and use no other.
public enum Publisher {
    /// Takes the dataset's writer lock, finishes or removes what an earlier run left unfinished, and reads the latest generation.
    ///
    /// The only thing this leaves on a store that had nothing of the dataset is its empty manifest folder, which carries the lock.
    ///
    /// - Parameters:
    ///   - dataset: The dataset's name, the stem of its config file.
    ///   - prefixes: Where leftovers are looked for: all places where runs of this dataset have put artifacts. The default, everything in
    ///     the store, also finds those of a run under an earlier `storage.raw_prefix`.
    /// - Throws: Code `busy` while another writer has the dataset, `damaged` or `unknownFormat` for a pointer or an intent that cannot be
    ///   used, and the store's errors. Recovery is idempotent: whatever it could not do, the next open does.
    public static func open(
        _ store: any ObjectStore, dataset: String, prefixes: [String] = [""]
    ) async throws(StoreError) -> PublisherSession {
        let lock = try await (store as? any WriterLocking)?.lock(Manifest.scope(of: dataset))
        let recovery = Recovery(catalog: Catalog(store: store), dataset: dataset)
        do throws(StoreError) {
            let outcome = try await recovery.run(prefixes: prefixes)
            return PublisherSession(store: store, dataset: dataset, prefixes: prefixes, lock: lock, recovered: outcome)
        } catch {
            // Said explicitly: a lock that lives in a bucket is not let go by forgetting it.
            await lock?.release()
            throw error
        }
    }

    /// Marks the staged objects of a dataset: 16 hexadecimal digits, whatever characters its name has.
    static func owner(of dataset: String) -> String { String(ContentHash(of: Array(dataset.utf8)).hex.prefix(16)) }
}
