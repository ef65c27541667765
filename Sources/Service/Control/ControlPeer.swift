import Glibc

/// Who is at the other end of a connection, as the kernel says (unix(7), SO_PEERCRED): nobody can claim to be another.
public struct ControlPeer: Hashable, Sendable {
    /// The process that connected.
    public var process: Int32
    /// Its user.
    public var user: UInt32
    /// Its groups: the effective and the supplementary ones.
    public var groups: Set<UInt32>

    /// - Parameters: As the properties of the same names.
    public init(process: Int32, user: UInt32, groups: Set<UInt32>) {
        self.process = process
        self.user = user
        self.groups = groups
    }

    /// Whether this peer may control a service: root, the service's own user, and members of the socket's group.
    ///
    /// The socket's mode 0660 says the same; this holds also where somebody widened the mode.
    public func mayControl(serviceUser: UInt32, socketGroup: UInt32) -> Bool {
        user == 0 || user == serviceUser || groups.contains(socketGroup)
    }

    /// Nil where the kernel does not tell.
    init?(of descriptor: Int32) {
        // struct ucred: pid_t, uid_t, gid_t.
        var credentials: (process: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        process = credentials.process
        user = credentials.user
        groups = Self.supplementaryGroups(of: descriptor)
        groups.insert(credentials.group)
    }

    /// SO_PEERGROUPS (Linux 4.13): the groups that the process has, whatever the user database says now.
    private static func supplementaryGroups(of descriptor: Int32) -> Set<UInt32> {
        let option: Int32 = 59
        var groups = [UInt32](repeating: 0, count: 64)
        for _ in 0..<3 {
            var length = socklen_t(groups.count * 4)
            if getsockopt(descriptor, SOL_SOCKET, option, &groups, &length) == 0 { return Set(groups.prefix(Int(length) / 4)) }
            guard errno == ERANGE else { return [] }
            groups = [UInt32](repeating: 0, count: Int(length) / 4)
        }
        return []
    }
}
