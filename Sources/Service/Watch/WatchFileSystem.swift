public import Core

/// Which object a path names: equal for all its names, different after a mount or a replacement.
public struct FileIdentity: Hashable, Sendable {
    /// `st_dev`.
    public let device: UInt64
    /// `st_ino`; a file system may give the number of a deleted file to a new one.
    public let inode: UInt64

    /// - Parameters: as the properties of these names.
    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}

/// What stat(2) says of an object.
public struct FileStatus: Equatable, Sendable {
    /// What the object is.
    public enum Kind: Sendable { case regular, directory, link, other }

    /// What it is.
    public let kind: Kind
    /// Which one it is.
    public let identity: FileIdentity
    /// Bytes.
    public let size: Int64

    /// - Parameters: as the properties of these names.
    public init(kind: Kind, identity: FileIdentity, size: Int64) {
        self.kind = kind
        self.identity = identity
        self.size = size
    }
}

/// The file system as the watcher sees it. Calls do not wait for events and change nothing.
public protocol WatchFileSystem: Sendable {
    /// The status of `path` itself; of the link where it is one. Nil when there is nothing.
    func status(of path: String) throws(WatchFailure) -> FileStatus?
    /// What the symbolic link at `path` says.
    func target(of path: String) throws(WatchFailure) -> String
    /// The names in a directory, without `.` and `..`, in no order. Bytes that are not UTF-8 come as U+FFFD.
    func names(in directory: String) throws(WatchFailure) -> [String]
    /// All bytes of the config at `path`, links followed (see `ConfigFile.read`).
    func read(_ path: String) throws(ConfigFileError) -> [UInt8]
}
