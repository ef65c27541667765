import Glibc

/// Sockets that the manager opened for this process (S11): descriptors from 3 on, as sd_listen_fds_with_names(3) reads them.
public struct ListenSockets: Equatable, Sendable {
    /// One socket.
    public struct Socket: Equatable, Sendable {
        /// The open descriptor.
        public let descriptor: Int32
        /// FileDescriptorName of the socket unit; `unknown` where none was given.
        public let name: String

        /// A descriptor with its name.
        public init(descriptor: Int32, name: String) {
            self.descriptor = descriptor
            self.name = name
        }
    }

    /// Why the sockets cannot be used.
    public enum Problem: Error, Equatable, Sendable {
        /// LISTEN_FDS or LISTEN_PID is no number, or out of range.
        case malformed(variable: String, value: String)
        /// LISTEN_FDS promises a descriptor that is not open.
        case notOpen(descriptor: Int32, errno: Int32)
    }

    /// The first descriptor that is passed.
    public static let firstDescriptor: Int32 = 3

    /// The sockets, by descriptor.
    public let sockets: [Socket]

    /// - Parameters:
    ///   - environment: Of this process.
    ///   - processID: Of this process. LISTEN_PID of another one means that the sockets are meant for it: none are ours.
    public init(environment: [String: String], processID: Int32) throws(Problem) {
        guard let count = environment["LISTEN_FDS"], let owner = environment["LISTEN_PID"] else {
            sockets = []
            return
        }
        guard let owner = Int32(owner), owner > 0 else { throw .malformed(variable: "LISTEN_PID", value: owner) }
        guard let count = Int32(count), (0...1024).contains(count) else { throw .malformed(variable: "LISTEN_FDS", value: count) }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        sockets =
            owner != processID
            ? []
            : (0..<count).map { index in
                let name = names.count > Int(index) ? String(names[Int(index)]) : ""
                return Socket(descriptor: Self.firstDescriptor + index, name: name.isEmpty ? "unknown" : name)
            }
    }

    /// Marks the sockets close-on-exec, so that no child inherits them, and checks that they are open.
    public func adopt() throws(Problem) -> [Socket] {
        for socket in sockets where fcntl(socket.descriptor, F_SETFD, FD_CLOEXEC) != 0 {
            throw .notOpen(descriptor: socket.descriptor, errno: errno)
        }
        return sockets
    }
}
