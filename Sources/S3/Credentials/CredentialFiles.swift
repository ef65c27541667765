import Glibc

/// What tells two contents of a path apart without reading them; nil fields where there is no file.
public struct FileStamp: Sendable, Hashable {
    /// Where the file is.
    public let path: String
    /// Device, inode, size, and the times of the last change of content and of inode in nanoseconds; empty if there is no file.
    public let identity: [Int64]

    /// - Parameters: as the properties of these names.
    public init(path: String, identity: [Int64]) {
        self.path = path
        self.identity = identity
    }
}

/// Why a file cannot be used.
public enum CredentialFileProblem: Error, Sendable, Equatable {
    /// The system's `errno`.
    case unreadable(Int32)
    /// A folder, a device or a pipe.
    case notRegular
    /// More bytes than the limit.
    case tooLarge(limit: Int)
}

/// The files that the sources read; links are followed, because that is how mounted secrets arrive.
public protocol CredentialFiles: Sendable {
    /// The bytes of a regular file and the stamp of these very bytes; nil bytes if there is no such file.
    func read(_ path: String, limit: Int) throws(CredentialFileProblem) -> (bytes: [UInt8]?, stamp: FileStamp)
    /// The stamp of what is there now.
    func stamp(_ path: String) -> FileStamp
}

/// Those of this machine.
public struct SystemCredentialFiles: CredentialFiles {
    /// No settings.
    public init() {}

    /// Opens without waiting: a pipe in the place of a file must not stop the service.
    public func read(_ path: String, limit: Int) throws(CredentialFileProblem) -> (bytes: [UInt8]?, stamp: FileStamp) {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw .unreadable(errno) }
            return (nil, FileStamp(path: path, identity: []))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(errno) }
        // /dev/null in a variable is how people say that there is no file.
        if status.st_mode & S_IFMT == S_IFCHR, status.st_rdev == 0x103 { return (nil, FileStamp(path: path, identity: [])) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(errno) }
            if count == 0 { return (bytes, FileStamp(path: path, identity: Self.identity(status))) }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        }
    }

    /// One call of stat(2).
    public func stamp(_ path: String) -> FileStamp {
        var status = stat()
        return FileStamp(path: path, identity: stat(path, &status) == 0 ? Self.identity(status) : [])
    }

    private static func identity(_ status: stat) -> [Int64] {
        [
            Int64(truncatingIfNeeded: status.st_dev), Int64(truncatingIfNeeded: status.st_ino), Int64(status.st_size),
            Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec),
            Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec),
        ]
    }
}
