import Glibc

extension LocalStore {
    /// Walks the folders below the prefix; links are not followed, names that cannot be keys are somebody else's and skipped.
    public func list(_ prefix: String) async throws(StoreError) -> [ListedObject] {
        var result: [ListedObject] = []
        let top = prefix.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(prefix[..<$0]) } ?? ""
        guard top.isEmpty || (try? ObjectKey(top)) != nil else { return [] }
        var pending = [top]
        while let folder = pending.popLast() {
            for entry in try entries(of: folder, isTop: folder == top) {
                let path = folder.isEmpty ? entry.name : folder + "/" + entry.name
                switch entry.kind {
                case .folder:
                    // A folder is walked if it lies below the prefix, or the prefix below it.
                    if (path + "/").hasPrefix(prefix) || prefix.hasPrefix(path + "/") { pending.append(path) }
                case .file:
                    guard let listed = Self.listed(folder: folder, name: entry.name), listed.key.path.hasPrefix(prefix) else { continue }
                    result.append(listed)
                }
            }
        }
        return result.sorted { $0.key == $1.key ? $0.token < $1.token : $0.key < $1.key }
    }

    private static func listed(folder: String, name: String) -> ListedObject? {
        let parent = folder.isEmpty ? "" : folder + "/"
        if let staged = StagedName(fileName: name) {
            guard let key = try? ObjectKey(parent + staged.name) else { return nil }
            return ListedObject(key: key, kind: .staged(token: staged.token, owner: StagedName.owner(ofToken: staged.token)))
        }
        guard let key = try? ObjectKey(parent + name) else { return nil }
        return ListedObject(key: key, kind: .object)
    }

    private struct Entry {
        enum Kind { case file, folder }
        let name: String
        let kind: Kind
    }

    private func entries(of folder: String, isTop: Bool) throws(StoreError) -> [Entry] {
        let path = folder.isEmpty ? root : (root == "/" ? "/" : root + "/") + folder
        let names: [(name: String, type: UInt8)]
        do throws(StoreError) {
            names = try calls.names(in: path)
        } catch {
            // A folder that went away is empty. One that this user may not read (lost+found at a mount's top) holds nothing of ours.
            if error.systemError == ENOENT || error.systemError == ENOTDIR || (!isTop && error.systemError == EACCES) { return [] }
            throw error
        }
        var result: [Entry] = []
        for (name, type) in names {
            switch Int(type) {
            case Int(DT_DIR): result.append(Entry(name: name, kind: .folder))
            case Int(DT_REG): result.append(Entry(name: name, kind: .file))
            case Int(DT_UNKNOWN):
                // Some file systems do not tell the type in the directory.
                guard let mode = try calls.status(ofPath: path + "/" + name)?.st_mode else { continue }
                if mode & S_IFMT == S_IFDIR { result.append(Entry(name: name, kind: .folder)) }
                if mode & S_IFMT == S_IFREG { result.append(Entry(name: name, kind: .file)) }
            default: continue
            }
        }
        return result
    }
}

extension ListedObject {
    /// The token of what is staged, empty for an object.
    fileprivate var token: String {
        if case .staged(let token, _) = kind { return token }
        return ""
    }
}
