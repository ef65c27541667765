import Glibc

/// A store whose objects lie in folders that stay when their last object is removed.
///
/// Object stores have none: there a folder is only the beginning of names.
public protocol FolderTidying: ObjectStore {
    /// Removes the folders of keys that hold nothing any more, and those above them that become empty by that.
    ///
    /// Best effort: what cannot be removed stays, and does no harm.
    /// - Parameters:
    ///   - keys: Objects that were removed.
    ///   - prefix: The folder that stays, as does everything outside of it: `raw/`; empty for the store's own.
    func removeEmptyFolders(of keys: [ObjectKey], below prefix: String) async
}

extension LocalStore: FolderTidying {
    /// By rmdir(2), which refuses a folder that holds anything, hidden files of other writers included.
    public func removeEmptyFolders(of keys: [ObjectKey], below prefix: String) async {
        let base = prefix.split(separator: "/")
        for folder in Set(keys.map(\.folder)).sorted(by: { $1.precedesInBytes($0) }) {
            var parts = folder.split(separator: "/")
            guard parts.starts(with: base), isPlain(parts, below: base.count) else { continue }
            while parts.count > base.count, (try? calls.removeFolder(path(parts))) == true { parts.removeLast() }
        }
    }

    /// Whether all components below the base are folders themselves: one that is a link leads to somebody else's.
    private func isPlain(_ parts: [Substring], below base: Int) -> Bool {
        (base..<max(base, parts.count)).allSatisfy { last in
            guard let status = try? calls.status(ofPath: path(Array(parts[...last]))) else { return true }
            return status.st_mode & S_IFMT == S_IFDIR
        }
    }

    private func path(_ parts: [Substring]) -> String { (root == "/" ? "" : root) + "/" + parts.joined(separator: "/") }
}
