/// What one run makes: a spec with its dates fixed, and the part of the panel that is wanted.
public struct PanelPlan: Sendable, Equatable {
    /// Version of the rules that turn a config into values. It rises whenever any value of any config changes.
    public static let algorithmVersion = 2

    /// The dataset.
    public let spec: DatasetSpec
    /// The dataset's whole window.
    public let window: DayRange
    /// The days of this run, within `window`.
    public let days: DayRange
    /// The ordinals of this run's servers, 0-based.
    public let servers: Range<Int>

    /// The whole dataset as of `today`.
    /// - Throws: `PlanError` if relative dates leave no day.
    public init(_ spec: DatasetSpec, today: Day) throws(PlanError) {
        let start = spec.data.start.resolve(today: today)
        let end = spec.data.end.resolve(today: today)
        guard start <= end else { throw .emptyWindow(start: start, end: end) }
        self.spec = spec
        window = DayRange(start: start, end: end)
        days = window
        servers = 0..<spec.data.servers
    }

    private init(_ whole: PanelPlan, days: DayRange, servers: Range<Int>) {
        spec = whole.spec
        window = whole.window
        self.days = days
        self.servers = servers
    }

    /// A part of the dataset: values are those of the whole.
    /// - Parameters:
    ///   - from: First day, or nil for the window's.
    ///   - to: Last day, or nil for the window's.
    ///   - servers: One-based server numbers, or nil for all.
    /// - Throws: `PlanError` where the part is not inside the whole.
    public func slice(from: Day?, to: Day?, servers: ClosedRange<Int>?) throws(PlanError) -> PanelPlan {
        let start = from ?? window.start
        let end = to ?? window.end
        guard start <= end, window.contains(start), window.contains(end) else {
            throw .outsideWindow(start: start, end: end, window: window)
        }
        let numbers = servers ?? 1...spec.data.servers
        guard numbers.lowerBound >= 1, numbers.upperBound <= spec.data.servers else {
            throw .outsideFleet(numbers, servers: spec.data.servers)
        }
        return PanelPlan(self, days: DayRange(start: start, end: end), servers: numbers.lowerBound - 1..<numbers.upperBound)
    }

    /// Whether this is the whole dataset.
    public var isWhole: Bool { days == window && servers == 0..<spec.data.servers }

    /// Rows of this run: servers times days.
    public var rows: Int { servers.count * days.count }
}

/// Why there is nothing to make.
public enum PlanError: Error, Equatable, Sendable, CustomStringConvertible {
    case emptyWindow(start: Day, end: Day)
    case outsideWindow(start: Day, end: Day, window: DayRange)
    case outsideFleet(ClosedRange<Int>, servers: Int)

    /// A sentence with the remedy.
    public var description: String {
        switch self {
        case .emptyWindow(let start, let end):
            "the window is empty: start_date is \(start) and end_date is \(end); let start_date come first"
        case .outsideWindow(let start, let end, let window):
            "the days \(start) to \(end) are not inside the dataset's window, \(window.start) to \(window.end); choose --from and --to within it"
        case .outsideFleet(let numbers, let servers):
            "the servers \(numbers.lowerBound)-\(numbers.upperBound) are not among the dataset's 1-\(servers); choose --servers within it"
        }
    }
}
