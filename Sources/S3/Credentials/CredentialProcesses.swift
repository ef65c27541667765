/// Why a program gave no output.
public enum CredentialProcessProblem: Error, Sendable, Equatable {
    /// The system's `errno`.
    case notStarted(Int32)
    case timedOut
    case tooMuchOutput
    /// The exit status, or the negative signal.
    case failed(Int32)
    case cancelled
}

/// Runs programs for `credential_process`.
public protocol CredentialProcesses: Sendable {
    /// Runs a program without a shell and returns what it writes to standard output; its standard input is empty, its standard error is dropped.
    ///
    /// - Parameters:
    ///   - words: The program, looked up in the environment's PATH unless it has a slash, and its arguments; never empty.
    ///   - environment: All of the program's environment.
    ///   - timeLimit: Then the program and its children are killed.
    ///   - outputLimit: In bytes; more is an error.
    func run(
        _ words: [String], environment: [String: String], timeLimit: Duration, outputLimit: Int
    ) async throws(CredentialProcessProblem) -> [UInt8]
}
