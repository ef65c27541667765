/// Why a store or a publication could not do what was asked: a code to catch, a sentence with its remedy, and the system's cause.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of problem it is.
    public enum Code: String, Hashable, Sendable {
        /// The disk is full (ENOSPC), or a run's estimate exceeds the free space.
        case noSpace
        /// The user's quota is used up (EDQUOT).
        case quota
        /// The file system is mounted read-only (EROFS).
        case readOnly
        /// Access is refused (EACCES, EPERM).
        case permissionDenied
        /// A folder or file is missing (ENOENT), or something else stands in its place (ENOTDIR, EISDIR).
        case notFound
        /// Too many files are open (EMFILE, ENFILE).
        case tooManyOpenFiles
        /// The device failed (EIO), or any cause without a code of its own.
        case inputOutput
        /// The store cannot be reached (ESTALE, ETIMEDOUT, network errors).
        case unavailable
        /// Another writer holds the dataset.
        case busy
        /// The object is not in the state that the caller saw last.
        case preconditionFailed
        /// The bucket does not exist.
        case missingStore
        /// A key breaks the rules of `ObjectKey`.
        case invalidKey
        /// A key belongs to another dataset, or to a file that no dataset lists.
        case owned
        /// A manifest, a pointer or an artifact is not what was written.
        case damaged
        /// A file was written by a newer version of this program.
        case unknownFormat
    }

    /// What a caller may do next.
    public enum Outcome: String, Hashable, Sendable {
        /// Nothing has changed; trying again later may help.
        case retryable
        /// Nothing has changed; trying again will not help before somebody acts.
        case permanent
        /// It may or may not have happened: look again, decide by content, clean up nothing blindly.
        case unknown
    }

    /// What kind of problem it is.
    public let code: Code
    /// What a caller may do next.
    public let outcome: Outcome
    /// One or more sentences: what failed on which path, what was kept, what to do.
    public let message: String
    /// The system's `errno`, where there is one.
    public let systemError: Int32?

    /// - Parameters:
    ///   - code: What kind of problem it is.
    ///   - outcome: What a caller may do next.
    ///   - message: What failed on which path, what was kept, what to do.
    ///   - systemError: The system's `errno`, where there is one.
    public init(_ code: Code, _ outcome: Outcome, _ message: String, systemError: Int32? = nil) {
        self.code = code
        self.outcome = outcome
        self.message = message
        self.systemError = systemError
    }

    /// Same as `message`.
    public var description: String { message }

    /// The program's exit status for this error, after sysexits(3).
    ///
    /// One cause has one status, whether it is met before the run (the estimate) or in its middle: a full disk is always 73.
    public var exitCode: Int32 {
        switch code {
        case .damaged, .unknownFormat: 65
        case .missingStore: 66
        case .unavailable: 69
        case .noSpace, .quota, .readOnly, .notFound, .invalidKey, .owned: 73
        case .inputOutput: 74
        case .busy, .preconditionFailed, .tooManyOpenFiles: 75
        case .permissionDenied: 77
        }
    }

    /// The same error with one more sentence at its end.
    func adding(_ sentence: String, outcome: Outcome? = nil) -> StoreError {
        StoreError(code, outcome ?? self.outcome, message + " " + sentence, systemError: systemError)
    }
}

extension StoreError {
    init(invalidKey path: String, _ problem: String) {
        self.init(
            .invalidKey, .permanent,
            "\(Self.quoted(path)) cannot be an object's key: \(problem). Change output.filename or storage.raw_prefix to a plain path."
        )
    }

    /// What to do about a published file that is damaged.
    static let restoring = "Run `fleetsynth verify` and restore the file from a backup."

    init(damaged path: String, _ problem: String, remedy: String = StoreError.restoring) {
        self.init(.damaged, .permanent, "\(path) is not what was written: \(problem). It was left as it is. \(remedy)")
    }

    /// Text from outside, safe to print on one line.
    private static func quoted(_ text: String) -> String {
        "'" + text.prefix(120).unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }.joined() + "'"
    }
}
