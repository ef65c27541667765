import Core
import Synchronization

/// What the store calls the versions of small objects that this process has seen last.
///
/// `ObjectVersion` is the SHA-256 of the content, which every store agrees on: some give no ETag for some objects, and an ETag of the same bytes may
/// change. A condition needs the store's own word, so it is remembered here.
final class VersionTags: Sendable {
    private struct Seen {
        let version: ObjectVersion
        let tag: String
    }

    private let state = Mutex<[String: Seen]>([:])
    private static let capacity = 1024

    func note(_ key: ObjectKey, _ version: ObjectVersion, tag: String) {
        state.withLock { seen in
            if seen.count >= Self.capacity { seen.removeAll() }
            seen[key.path] = Seen(version: version, tag: tag)
        }
    }

    /// The ETag of the key's object if its version is that one, as far as is known.
    func tag(of key: ObjectKey, _ version: ObjectVersion) -> String? {
        state.withLock { $0[key.path].flatMap { $0.version == version ? $0.tag : nil } }
    }
}

extension ObjectVersion {
    init(of hash: ContentHash) { self.init("sha256:" + hash.hex) }
}
