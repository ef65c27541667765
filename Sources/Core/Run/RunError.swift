/// Why a run published nothing.
public enum RunError: Error, Sendable, CustomStringConvertible {
    /// There is nothing to make.
    case plan(PlanError)
    /// The store refused or failed.
    case store(StoreError)
    /// The panel is not what the config asks for.
    case quality(QualityReport)
    /// Shards cannot be made or committed.
    case shards(ShardProblem)
    /// The caller cancelled the run.
    case cancelled

    /// What happened, what was kept, and the remedy.
    public var description: String {
        switch self {
        case .plan(let error): error.description
        case .store(let error): error.description
        case .quality(let report):
            "The quality gate failed, so nothing was published and what was published before is untouched:\n"
                + report.failures.map { "  \($0.sentence)" }.joined(separator: "\n")
        case .shards(let problem): problem.description
        case .cancelled: "The run was stopped, so nothing was published and what was published before is untouched."
        }
    }

    /// Sorts what the steps of a run throw: errors of runs, plans and stores, and cancellation are all there is.
    init(_ error: any Error) {
        switch error {
        case let error as RunError: self = error
        case let error as StoreError: self = .store(error)
        case let error as PlanError: self = .plan(error)
        case let error as ShardProblem: self = .shards(error)
        case is CancellationError: self = .cancelled
        default: preconditionFailure("a run throws nothing else: \(error)")
        }
    }

    /// The program's exit status for this error, after sysexits(3).
    public var exitCode: Int32 {
        switch self {
        case .plan(.emptyWindow), .plan(.noServers): 78
        case .plan: 64
        case .store(let error): error.exitCode
        case .quality: 65
        case .shards(let problem): problem.exitCode
        case .cancelled: 130
        }
    }
}
