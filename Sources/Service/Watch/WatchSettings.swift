public import Core

/// Turns the bytes of a config into a dataset, as `ConfigLoader.load` does; called on the watcher's thread.
///
/// - Parameters: the file's path, for messages, and its bytes. A config is one file: it refers to no other, so its bytes are
///   all of it (W16).
public typealias ConfigJudge = @Sendable (_ path: String, _ bytes: [UInt8]) throws(ConfigProblems) -> LoadedConfig

/// What to watch, and how patiently.
public struct WatchSettings: Sendable {
    /// The directory, absolute; it need not be there yet.
    public var directory: String
    /// Time without events before anything is read, so that writers can finish (W4).
    public var quiet: Duration = .milliseconds(500)
    /// Longest time from the first event to reading, however busy the directory (W4).
    public var maxWait: Duration = .seconds(5)
    /// How long a config must be gone before it counts as deleted (W10).
    public var grace: Duration = .seconds(10)
    /// Time between full rescans that do not depend on events (W12).
    public var rescanInterval: Duration = .seconds(60)
    /// Added to each interval; the caller draws it, so that services on many machines do not read a shared disk at once.
    public var rescanJitter: Duration = .zero
    /// Time between rescans where events cannot help: without inotify, or while the directory is away (W8, W9).
    public var pollInterval: Duration = .seconds(5)

    /// Settings with the defaults.
    public init(directory: String) { self.directory = directory }
}
