import CLinux
import Glibc

/// Where service and clients meet.
public enum ControlSocket {
    /// Where the packaged unit has the socket.
    public static let standardPath = "/run/fleetsynth/control.sock"

    /// `control.sock` in the first of `$RUNTIME_DIRECTORY` (systemd.exec(5)), or the packaged unit's.
    public static func path(environment: [String: String]) -> String {
        guard let folder = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first else { return standardPath }
        return folder + "/control.sock"
    }

    /// A listening socket.
    package struct Listener {
        package let socket: SocketHandle
        let group: gid_t
        package let file: FileIdentity
    }

    /// Tells a file from another of the same name.
    package struct FileIdentity: Hashable {
        let device: dev_t
        let inode: ino_t

        /// Nil where there is nothing.
        package init?(path: String) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            device = status.st_dev
            inode = status.st_ino
        }
    }

    /// Makes the socket with mode 0660. A socket file that a dead service left is replaced; one that a living service owns, and anything
    /// that is no socket, is not.
    package static func listen(at path: String) throws(ControlError) -> Listener {
        try onAddress(of: path) { _, _ in }
        // Two services that start together must not each take the other's socket for a dead one's, so they look and bind one after the other:
        // flock(2) on the folder, held until this function returns.
        let folder = SocketHandle(Glibc.open(Self.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        guard folder.isOpen else { throw .making(path, errno: errno) }
        try lock(folder, path)
        try removeStale(path)
        let socket = try open(path)
        try onAddress(of: path) { (address, length) throws(ControlError) in
            guard bind(socket.descriptor, address, length) == 0 else { throw .making(path, errno: errno) }
        }
        // Before listen(2), so that nobody gets in with the mode that the umask happens to leave.
        var status = stat()
        guard chmod(path, 0o660) == 0, lstat(path, &status) == 0, let file = FileIdentity(path: path),
            Glibc.listen(socket.descriptor, 64) == 0
        else {
            let code = errno
            unlink(path)
            throw .making(path, errno: code)
        }
        withExtendedLifetime(folder) {}
        return Listener(socket: socket, group: status.st_gid, file: file)
    }

    /// The other one needs a few system calls, so a second is a long time.
    private static func lock(_ folder: SocketHandle, _ path: String) throws(ControlError) {
        for _ in 0..<100 {
            if fleetsynth_try_lock(folder.descriptor) == 0 { return }
            let code = errno
            guard code == EWOULDBLOCK else { throw .making(path, errno: code) }
            usleep(10_000)
        }
        throw ControlError(.alreadyRunning, "Another service is starting at \(path). Let it, or give this one another with --socket.")
    }

    private static func removeStale(_ path: String) throws(ControlError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            let code = errno
            guard code == ENOENT else { throw .making(path, errno: code) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ControlError(.cannotCreate, "\(path) is no socket. It was left as it is; move it away, or choose another with --socket.")
        }
        let probe = try open(path)
        let code = try onAddress(of: path) { (address, length) throws(ControlError) in
            connect(probe.descriptor, address, length) == 0 ? 0 : errno
        }
        switch code {
        case ECONNREFUSED:
            guard unlink(path) == 0 || errno == ENOENT else { throw .making(path, errno: errno) }
        case ENOENT: break
        // EAGAIN: somebody listens, with a full backlog.
        case 0, EAGAIN:
            throw ControlError(.alreadyRunning, "A service answers at \(path) already. Stop it, or give this one another with --socket.")
        default: throw .making(path, errno: code)
        }
    }

    /// A new socket that neither blocks nor is inherited.
    private static func open(_ path: String) throws(ControlError) -> SocketHandle {
        let handle = SocketHandle(socket(AF_UNIX, streamType | Int32(SOCK_NONBLOCK.rawValue), 0))
        guard handle.isOpen else { throw .making(path, errno: errno) }
        return handle
    }

    static let streamType = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

    /// Calls `body` with the address of a path (unix(7)).
    static func onAddress<Value>(
        of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(ControlError) -> Value
    ) throws(ControlError) -> Value {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path.utf8.count < capacity, !path.utf8.contains(0) else {
            throw ControlError(
                .badPath,
                "'\(PlainText.line(path, limit: 200))' cannot be a socket's path, which has 1 to \(capacity - 1) bytes. "
                    + "Give another with --socket.")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        var result: Result<Value, ControlError>?
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                do throws(ControlError) {
                    result = .success(try body(address, socklen_t(MemoryLayout<sockaddr_un>.size)))
                } catch {
                    result = .failure(error)
                }
            }
        }
        guard let result else { preconditionFailure("the body ran") }
        return try result.get()
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// An open file descriptor, closed with its last reference.
package final class SocketHandle: Sendable {
    package let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    var isOpen: Bool { descriptor >= 0 }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
