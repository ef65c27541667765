import Glibc

extension LocalStore {
    /// Finds the store that a path lies in, by the name of a folder at the store's top.
    ///
    /// ```
    /// /data                        -> /data, ""                  if /data/{folder} exists
    /// /data/{folder}/web/7.json    -> /data, "web/7.json"
    /// ```
    /// - Returns: The store and the path below `folder`; nil where the path does not exist or lies in no such store.
    public static func locate(_ path: String, folder: String) -> (store: LocalStore, below: String)? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let path = String(cString: resolved)
        let calls = LocalCalls(hook: nil)
        if let status = try? calls.status(ofPath: path + "/" + folder), status.st_mode & S_IFMT == S_IFDIR {
            return (LocalStore(root: path), "")
        }
        var parts = path.split(separator: "/")
        guard let index = parts.lastIndex(of: folder[...]) else { return nil }
        let below = parts[(index + 1)...].joined(separator: "/")
        parts.removeSubrange(index...)
        return (LocalStore(root: "/" + parts.joined(separator: "/")), below)
    }
}
