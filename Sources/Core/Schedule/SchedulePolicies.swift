/// What becomes of a fixed time that the clock skips, `schedule.gap`.
public enum GapPolicy: String, CaseIterable, Sendable {
    /// The run takes place as soon as the skipped time is over (Debian's cron): a late dataset is better than none.
    case runAfter = "run-after"
    /// There is no run (OCPS 1.4).
    case skip
}

/// What becomes of a fixed time that the clock shows twice, `schedule.overlap`.
public enum OverlapPolicy: String, CaseIterable, Sendable {
    /// One run, the first time.
    case first
    /// A run each time.
    case both
}

/// What a scheduled time does when the dataset's run is still in progress, `schedule.while_running`.
public enum BusyPolicy: String, Hashable, Sendable, CaseIterable {
    /// Nothing, and the log says which run was in the way.
    case skip
    /// Waits and runs once after it.
    case queue
    /// Stops that run and takes its place.
    case cancelOld = "cancel-old"
}

/// What becomes of times that passed while nobody was there to run, `schedule.catch_up`.
public enum CatchUpPolicy: Hashable, Sendable {
    /// Nothing.
    case none
    /// One run, for the latest of them.
    case last
    /// A run for each of the latest, at most as many as given (1...100).
    case all(Int)
}

extension CatchUpPolicy: LosslessStringConvertible {
    /// The form as a regular expression.
    static let pattern = "^(none|last|all:([1-9][0-9]?|100))$"

    /// Reads `none`, `last` or `all:N`.
    public init?(_ description: String) {
        switch description {
        case "none": self = .none
        case "last": self = .last
        default:
            let digits = description.dropFirst(4)
            guard description.hasPrefix("all:"), digits.utf8.allSatisfy(\.isDigit), digits.utf8.first != UInt8(ascii: "0"),
                let count = Int(digits), 1...100 ~= count
            else { return nil }
            self = .all(count)
        }
    }

    /// The text that `init` reads.
    public var description: String {
        switch self {
        case .none: "none"
        case .last: "last"
        case .all(let count): "all:\(count)"
        }
    }
}
