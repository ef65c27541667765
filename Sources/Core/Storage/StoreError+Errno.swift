import SystemPackage

extension StoreError {
    /// The error of a failed system call.
    ///
    /// - Parameters:
    ///   - errno: The call's error number.
    ///   - action: What was tried, as a verb with its object: `write`, `rename to`.
    ///   - path: The path it was tried on.
    ///   - settled: Whether the call certainly did nothing. A rename whose directory could not be made durable is not settled.
    init(errno: Int32, action: String, path: String, settled: Bool = true) {
        let cause = Cause(Errno(rawValue: errno))
        let kept = settled ? "What is published stays as it was." : "Whether it took effect is decided by content at the next start."
        self.init(
            cause.code, settled ? cause.outcome : .unknown, "Cannot \(action) \(path): \(cause.problem). \(kept) \(cause.remedy)",
            systemError: errno)
    }

    private struct Cause {
        let code: Code
        let outcome: Outcome
        let problem: String
        let remedy: String

        init(_ code: Code, _ outcome: Outcome, _ problem: String, _ remedy: String) {
            self.code = code
            self.outcome = outcome
            self.problem = problem
            self.remedy = remedy
        }

        init(_ errno: Errno) {
            switch errno {
            case .noSpace:
                self.init(.noSpace, .retryable, "the disk is full (ENOSPC)", "Free space there, or change storage.local_base_path.")
            case .diskQuotaExceeded:
                self.init(.quota, .retryable, "the disk quota is used up (EDQUOT)", "Free space, or have the quota raised.")
            case .readOnlyFileSystem:
                self.init(
                    .readOnly, .permanent, "the file system is read-only (EROFS)",
                    "Remount it for writing, change storage.local_base_path, or add the path to the unit's ReadWritePaths=.")
            case .permissionDenied, .notPermitted:
                self.init(
                    .permissionDenied, .permanent, "permission denied (\(errno == .permissionDenied ? "EACCES" : "EPERM"))",
                    "Give this user write access to the folder, or change storage.local_base_path.")
            case .noSuchFileOrDirectory:
                self.init(
                    .notFound, .permanent, "it does not exist (ENOENT)",
                    "Something removed it meanwhile, or a mount is missing: check the path.")
            case .notDirectory:
                self.init(
                    .notFound, .permanent, "a file stands where a folder is needed (ENOTDIR)", "Move that file away, or change the path.")
            case .isDirectory, .directoryNotEmpty:
                self.init(
                    .notFound, .permanent, "a folder stands where a file is needed (EISDIR)", "Move that folder away, or change the path.")
            case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
                self.init(
                    .tooManyOpenFiles, .retryable, "too many files are open (\(errno == .tooManyOpenFiles ? "EMFILE" : "ENFILE"))",
                    "Raise the limit (LimitNOFILE= in the unit) or run fewer datasets at a time.")
            case .staleNFSFileHandle, .timedOut:
                self.init(
                    .unavailable, .retryable, "the file server does not answer (\(errno))", "Check the mount; the run is tried again.")
            case .ioError:
                self.init(
                    .inputOutput, .retryable, "the device reports an error (EIO)",
                    "What was being written is void and is generated anew by the next run. Look at the kernel log and the disk's health.")
            case .fileNameTooLong:
                self.init(
                    .invalidKey, .permanent, "the name is too long (ENAMETOOLONG)", "Shorten output.filename or storage.local_base_path.")
            default:
                self.init(.inputOutput, .retryable, "\(errno) (errno \(errno.rawValue))", "Check the path and the system's log.")
            }
        }
    }
}
