import Glibc

/// Why a config file could not be read.
public struct ConfigFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is the matter with the file.
    public enum Code: Equatable, Sendable {
        /// There is nothing at the path.
        case missing
        /// A folder, a device, a pipe or a socket.
        case notRegular
        /// More bytes than a config may have.
        case tooLarge
        /// The system refuses; the value is its `errno`.
        case unreadable(Int32)
    }

    /// What is the matter.
    public let code: Code
    /// The path that was given.
    public let path: String

    /// - Parameters: as the properties of these names.
    public init(code: Code, path: String) {
        self.code = code
        self.path = path
    }

    /// A sentence with the remedy.
    public var description: String {
        let path = Quoting.visible(path, limit: 400)
        return switch code {
        case .missing: "\(path): there is no such file; check the path"
        case .notRegular: "\(path): this is not a regular file; give a YAML file"
        case .tooLarge: "\(path): the file has more than \(DocumentReader.Limits.bytes) bytes; a config this long is probably another file"
        case .unreadable(let code): "\(path): the file cannot be read (\(String(cString: strerror(code)))); check its permissions"
        }
    }
}

/// The one place where the configuration touches the file system.
public enum ConfigFile {
    /// Most bytes of a config.
    public static let sizeLimit = DocumentReader.Limits.bytes

    /// All bytes of a regular file of at most 1 MiB.
    ///
    /// The file is opened without waiting (open(2), O_NONBLOCK): a pipe that somebody left in a watched folder must not stop the service.
    /// Symbolic links are followed, because that is how mounted configuration arrives.
    ///
    /// - Parameter path: Absolute, or relative to the working directory.
    public static func read(path: String) throws(ConfigFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw error(errno, path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw error(errno, path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ConfigFileError(code: .notRegular, path: path) }

        // The size may change under our eyes, so reading itself is what the bound is kept on.
        let limit = sizeLimit
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, count in
            while count <= limit {
                let step = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, limit + 1 - count)
                if step > 0 {
                    count += step
                } else if step == 0 {
                    return
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw error(failure, path) }
        guard bytes.count <= limit else { throw ConfigFileError(code: .tooLarge, path: path) }
        return bytes
    }

    private static func error(_ code: Int32, _ path: String) -> ConfigFileError {
        switch code {
        case ENOENT, ENOTDIR: ConfigFileError(code: .missing, path: path)
        case ENXIO, EISDIR: ConfigFileError(code: .notRegular, path: path)
        default: ConfigFileError(code: .unreadable(code), path: path)
        }
    }
}
