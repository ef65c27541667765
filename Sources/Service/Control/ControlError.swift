import Glibc

/// Why the socket could not be made, or the service not be asked.
public struct ControlError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of problem it is.
    public enum Code: String, Hashable, Sendable {
        /// No service answers at the path.
        case notRunning
        /// A service answers at the path already, or begins to.
        case alreadyRunning
        /// The user may not use the socket.
        case permission
        /// The path cannot be that of a socket.
        case badPath
        /// The socket cannot be made.
        case cannotCreate
        /// The service did not answer in time.
        case timeout
        /// What answers does not speak this protocol.
        case notUnderstood
        /// Any other cause.
        case inputOutput
    }

    /// What kind of problem it is.
    public let code: Code
    /// What failed at which path, and what to do.
    public let message: String

    /// Same as `message`.
    public var description: String { message }

    /// The program's exit status, after sysexits(3).
    public var exitCode: Int32 {
        switch code {
        case .badPath: 64
        case .notRunning, .notUnderstood: 69
        case .cannotCreate: 73
        case .inputOutput: 74
        case .alreadyRunning, .timeout: 75
        case .permission: 77
        }
    }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What a failed system call means to a client.
    static func asking(_ path: String, errno code: Int32) -> ControlError {
        let reason = String(cString: strerror(code))
        return switch code {
        case ENOENT, ECONNREFUSED, ENOTDIR, ECONNRESET, EPIPE, ENOTSOCK:
            ControlError(
                .notRunning,
                "No service answers at \(path) (\(reason)). Start it with `systemctl start fleetsynth` or `fleetsynth serve`, or name the "
                    + "socket of the one that runs with --socket.")
        case EACCES, EPERM:
            ControlError(
                .permission, "This user may not use \(path) (\(reason)). Become root or join the group that the socket belongs to.")
        case EAGAIN, ETIMEDOUT: ControlError(.timeout, "The service at \(path) is too busy to answer. Try again.")
        default: ControlError(.inputOutput, "The service at \(path) cannot be asked (\(reason)).")
        }
    }

    /// What a failed system call means to a service.
    static func making(_ path: String, errno code: Int32) -> ControlError {
        let reason = String(cString: strerror(code))
        return switch code {
        case EACCES, EPERM: ControlError(.permission, "The socket \(path) cannot be made (\(reason)). Let the service own its folder.")
        case ENOENT:
            ControlError(
                .cannotCreate, "The socket \(path) cannot be made (\(reason)). Create its folder, or choose another with --socket.")
        default: ControlError(.cannotCreate, "The socket \(path) cannot be made (\(reason)).")
        }
    }
}
