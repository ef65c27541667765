import Glibc

/// A system call of the watcher that failed.
public struct WatchFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The call's error number.
    public let code: Int32
    /// What was tried, as a verb with its object: `watch /etc/fleetsynth`.
    public let action: String

    /// - Parameters: as the properties of these names.
    public init(code: Int32, action: String) {
        self.code = code
        self.action = action
    }

    /// A sentence with the remedy; for the limits of inotify it names the sysctl.
    public var description: String {
        let remedy =
            switch code {
            case ENOSPC: "; raise the sysctl fs.inotify.max_user_watches"
            case EMFILE: "; raise the sysctl fs.inotify.max_user_instances, or LimitNOFILE= of the unit"
            case ENFILE: "; raise the sysctl fs.file-max"
            case EACCES, EPERM: "; give this user permission to read it"
            default: ""
            }
        return "cannot \(action) (\(String(cString: strerror(code))))\(remedy)"
    }

    /// Whether the system has no more watches to give: looking at the files from time to time still works.
    var isLimit: Bool { [ENOSPC, EMFILE, ENFILE, ENOMEM, ENOSYS].contains(code) }
}
