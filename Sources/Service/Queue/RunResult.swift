public import Core

/// How a run ended.
public enum RunResult: Hashable, Sendable {
    /// There is a new generation.
    case published(PublishedGeneration, bytes: UInt64)
    /// The published generation is what the config makes.
    case upToDate(PublishedGeneration)
    /// Nothing was published, and what was published before is untouched.
    case failed(RunFailure)
    /// The run was stopped.
    case cancelled

    /// - Parameter outcome: How a run of Core ended well.
    public init(_ outcome: DatasetRun.Outcome) {
        let own = PublishedGeneration(outcome.manifest)
        switch outcome {
        case .published(let manifest, _): self = .published(own, bytes: manifest.artifacts.reduce(0) { $0 + $1.bytes })
        case .upToDate: self = .upToDate(own)
        }
    }

    /// - Parameter error: How a run of Core failed.
    public init(_ error: RunError) {
        if case .cancelled = error { self = .cancelled } else { self = .failed(RunFailure(error)) }
    }
}

/// Why a run published nothing.
public struct RunFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What follows from it.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Trying again later may help; also where the outcome is unknown, because the next run looks at what is there.
        case retryable
        /// Trying again will not help before somebody acts.
        case permanent
        /// The quality gate refused the data, which the same config makes again.
        case quality
    }

    /// What follows from it.
    public let kind: Kind
    /// What failed, what was kept, what to do.
    public let message: String
    /// The program's exit status for this failure, after sysexits(3).
    public let exitCode: Int32

    /// - Parameters: As the properties of the same names.
    public init(_ kind: Kind, _ message: String, exitCode: Int32) {
        self.kind = kind
        self.message = message
        self.exitCode = exitCode
    }

    /// - Parameter error: A failure of Core.
    public init(_ error: RunError) {
        let kind: Kind =
            switch error {
            case .plan: .permanent
            case .store(let error): error.outcome == .permanent ? .permanent : .retryable
            case .quality: .quality
            case .shards: .permanent
            case .cancelled: .permanent
            }
        self.init(kind, error.description, exitCode: error.exitCode)
    }

    /// Same as `message`.
    public var description: String { message }
}
