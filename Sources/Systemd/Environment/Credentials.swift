import Glibc

/// Secrets that the unit loads with LoadCredential or LoadCredentialEncrypted (S14), one file each in CREDENTIALS_DIRECTORY.
///
/// They are those of the service's start: a reload does not refresh them, rotation needs a restart.
public struct Credentials: Equatable, Sendable {
    /// Why a credential cannot be read.
    public enum Problem: Error, Equatable, Sendable, CustomStringConvertible {
        /// The name is empty, longer than 255 bytes, `.` or `..`, or has a slash.
        case invalidName(String)
        /// The file is there but cannot be read, or is no regular file.
        case unreadable(name: String, errno: Int32)
        /// The file is larger than the 1 MiB that the manager allows for all credentials together.
        case tooLarge(name: String)

        /// A sentence with its remedy.
        public var description: String {
            switch self {
            case .invalidName(let name): "'\(name)' is not the name of a credential: use a file name without slashes."
            case .unreadable(let name, let code):
                "credential '\(name)' cannot be read (errno \(code)); check LoadCredential=\(name): in the unit and restart the service."
            case .tooLarge(let name): "credential '\(name)' is larger than 1 MiB."
            }
        }
    }

    /// Bytes that no log prints.
    public struct Secret: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
        /// What the file holds.
        public let bytes: [UInt8]
        /// The bytes as UTF-8 text without the newline that editors leave at the end.
        public var text: String {
            let body = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
            return String(decoding: body, as: UTF8.self)
        }
        /// Never the secret.
        public var description: String { "<redacted>" }
        /// Never the secret.
        public var debugDescription: String { description }
        /// Never the secret.
        public var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// Largest credential in bytes.
    public static let sizeLimit = 1 << 20

    /// Where the manager put them, or nil: the unit loads none.
    public let directory: String?

    /// - Parameter environment: Of this process.
    public init(environment: [String: String]) {
        directory = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    /// Reads one credential.
    /// - Returns: nil if the unit loads no credential of this name.
    public func read(_ name: String) throws(Problem) -> Secret? {
        guard Self.isValid(name) else { throw .invalidName(name) }
        guard let directory else { return nil }
        let descriptor = open(directory + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .unreadable(name: name, errno: errno)
        }
        defer { close(descriptor) }
        return Secret(bytes: try Self.contents(descriptor, name))
    }

    private static func isValid(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && name != "." && name != ".." && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    private static func contents(_ descriptor: Int32, _ name: String) throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(name: name, errno: errno) }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= sizeLimit else { throw .tooLarge(name: name) }
        }
    }
}
