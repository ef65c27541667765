public import Core
import Glibc

/// Refuses output and state inside the watched tree (W14): each run would wake the watcher that started it, and inotify cannot tell who
/// wrote.
public struct OutputGuard: Sendable {
    private let directory: [String]
    private let shown: String
    private let workingDirectory: String
    private let files: any WatchFileSystem

    /// - Parameters:
    ///   - directory: The config directory, absolute.
    ///   - workingDirectory: What relative output paths start from, absolute.
    ///   - files: The file system.
    public init(directory: String, workingDirectory: String, files: any WatchFileSystem = SystemFiles()) {
        self.directory = Self.destination(directory, from: "/", in: files)
        shown = directory
        self.workingDirectory = workingDirectory
        self.files = files
    }

    /// Whether something written at `path` would lie in the watched tree; links are followed, and what is missing counts as it is spelt.
    public func contains(_ path: String) -> Bool { Self.destination(path, from: workingDirectory, in: files).starts(with: directory) }

    /// What is wrong with where a dataset would write; empty when nothing is.
    ///
    /// - Parameter path: The config's path, for the message.
    public func problems(of spec: DatasetSpec, path: String) -> [ConfigProblem] {
        guard !spec.storage.useS3 else { return [] }
        let base = spec.storage.localBasePath
        let places = [(base + "/" + spec.storage.rawPrefix, "storage.raw_prefix"), (base + "/manifests", "storage.local_base_path")]
        guard let place = places.first(where: { contains($0.0) }) else { return [] }
        let problem = ConfigProblem(
            severity: .error, source: path, path: place.1, message: "\(place.0) lies in the watched directory \(shown)",
            remedy: "give storage.local_base_path a folder outside it")
        return [problem]
    }

    private static func destination(_ path: String, from directory: String, in files: any WatchFileSystem) -> [String] {
        let resolution = PathResolver.resolve(path, from: directory, in: files)
        switch resolution.end {
        case .found: return PathResolver.components(resolution.path)
        case .missing(let rest):
            return rest.reduce(into: PathResolver.components(resolution.path)) { result, name in
                if name == ".." { _ = result.popLast() } else if name != "." { result.append(name) }
            }
        case .failed: return PathResolver.components(path.utf8.first == UInt8(ascii: "/") ? path : PathResolver.join(directory, path))
        }
    }
}
