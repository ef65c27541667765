public import Core
import Glibc

/// The file system of this machine.
public struct SystemFiles: WatchFileSystem {
    /// The only one there is.
    public init() {}

    /// lstat(2).
    public func status(of path: String) throws(WatchFailure) -> FileStatus? {
        var status = stat()
        while lstat(path, &status) != 0 {
            switch errno {
            case EINTR: continue
            case ENOENT, ENOTDIR: return nil
            case let code: throw WatchFailure(code: code, action: "inspect \(path)")
            }
        }
        let kind: FileStatus.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        return FileStatus(
            kind: kind, identity: FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)), size: Int64(status.st_size))
    }

    /// readlink(2).
    public func target(of path: String) throws(WatchFailure) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        guard count >= 0 else { throw WatchFailure(code: errno, action: "read the link \(path)") }
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// readdir(3).
    public func names(in directory: String) throws(WatchFailure) -> [String] {
        guard let folder = opendir(directory) else { throw WatchFailure(code: errno, action: "list \(directory)") }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                guard errno == 0 else { throw WatchFailure(code: errno, action: "list \(directory)") }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// `ConfigFile.read`.
    public func read(_ path: String) throws(ConfigFileError) -> [UInt8] { try ConfigFile.read(path: path) }
}
