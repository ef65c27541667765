/// How the watcher does and what it has seen, for STATUS= and metrics (W17).
public struct WatchStatus: Equatable, Sendable {
    /// Who says that something changed.
    public enum Mode: Equatable, Sendable {
        /// inotify, backed up by rescans.
        case events
        /// Rescans alone, because inotify refused.
        case polling(WatchFailure)
    }

    /// Whether there is a directory to read.
    public enum Directory: Equatable, Sendable {
        case present
        /// Its place is taken by an empty one (a mount that went away, or came); the configs stay in force until one appears, or until a
        /// rescan is asked for.
        case replacedByEmpty
        case missing
        /// It is there and cannot be read.
        case unreadable(WatchFailure)

        /// What is wrong, and what happens instead; nil when nothing is.
        ///
        /// - Parameters:
        ///   - path: The config directory.
        ///   - isKeeping: Whether configs are in force.
        public func problem(of path: String, isKeeping: Bool) -> String? {
            let keeping = isKeeping ? "keeping the configs in force and " : ""
            return switch self {
            case .present: nil
            case .missing: "\(path): there is no such directory; \(keeping)waiting for it"
            case .unreadable(let failure): "\(path): \(failure); \(keeping)trying again"
            case .replacedByEmpty:
                "\(path): another directory, without configs, took its place; \(keeping)waiting for one (reload to believe it)"
            }
        }
    }

    /// Who says that something changed.
    public var mode = Mode.events
    /// Whether there is a directory to read.
    public var directory = Directory.missing
    /// Events that concerned configs.
    public var events = 0
    /// Times that the kernel dropped events.
    public var overflows = 0
    /// Times that the whole directory was read.
    public var rescans = 0
    /// Rescans that found something no event had announced.
    public var missed = 0
    /// Number of the last change set.
    public var generation = 0
    /// When the last change set was told.
    public var lastChange: ContinuousClock.Instant?
    /// When every config was last found right.
    public var lastSuccess: ContinuousClock.Instant?
    /// Configs in force.
    public var inForce = 0
    /// Files that are refused now.
    public var refused = 0
    /// Right files that wait until what is in their way is gone, by name.
    public var waiting: [String] = []

    /// Nothing seen yet.
    public init() {}
}

/// What somebody who reads the log wants to know; each is told when it begins, not again while it lasts.
public enum WatchNotice: Equatable, Sendable, CustomStringConvertible {
    case overflow
    case polling(WatchFailure)
    case eventsAgain
    /// `isKeeping`: whether configs are in force.
    case directoryAway(String, WatchStatus.Directory, isKeeping: Bool)
    case directoryBack(String)
    /// A rescan found changes in these files that inotify had not announced.
    case missed([String])
    /// A directory that configs link into cannot be watched.
    case unwatched(WatchFailure)

    /// Whether something is wrong; otherwise it is well again.
    public var isWarning: Bool {
        switch self {
        case .eventsAgain, .directoryBack: false
        default: true
        }
    }

    /// A sentence that ends with what happens instead.
    public var description: String {
        switch self {
        case .overflow: "the queue of inotify was full and events are lost; reading everything (the sysctl is fs.inotify.max_queued_events)"
        case .polling(let failure): "\(failure); reading the config directory from time to time instead"
        case .eventsAgain: "inotify works again"
        case .directoryAway(let path, let directory, let isKeeping): directory.problem(of: path, isKeeping: isKeeping) ?? path
        case .directoryBack(let path): "\(path): the directory is there"
        case .missed(let files): "changed without an event: \(files.joined(separator: ", ")); found by reading, settling"
        case .unwatched(let failure): "\(failure); changes there are found by rescans"
        }
    }
}

/// What a rescan that somebody asked for came to.
public struct RescanReport: Equatable, Sendable {
    /// The change sets up to this one were told before.
    public let generation: Int
    /// Files whose content is in force.
    public let inForce: Int
    /// All files that are refused now, by name.
    public let refused: [RefusedConfig]
    /// False when files were still changing at the end of the time for it.
    public let isComplete: Bool
    /// Whether there was a directory to read.
    public let directory: WatchStatus.Directory

    /// - Parameters: as the properties of these names.
    public init(generation: Int, inForce: Int, refused: [RefusedConfig], isComplete: Bool, directory: WatchStatus.Directory) {
        self.generation = generation
        self.inForce = inForce
        self.refused = refused
        self.isComplete = isComplete
        self.directory = directory
    }
}

/// What the watcher tells, in order.
public enum WatchEvent: Equatable, Sendable {
    case change(ConfigChangeSet)
    case notice(WatchNotice)
    /// A rescan is done; 0 is that of the start, and the others are those of `WatchEngine.request`.
    case rescanned(request: Int, RescanReport)
}
