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
    /// The ordinals of this run's servers, 0-based; those that exist on none of its days have no rows.
    public let servers: Range<Int>
    /// Rows of this run: servers times steps, less those of servers that do not exist and those that have not arrived, and duplicates twice.
    public let rows: Int
    /// Servers that have rows.
    public let presentServers: Int

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
        (rows, presentServers) = try Self.rows(spec, window, window, servers)
        let classes = ServerClasses(spec.data).count
        let points = steps.count * spec.data.metrics.count * classes
        // One class of daily rows takes a few bytes a day; its days are bounded already.
        if classes > 1 || !spec.data.granularity.isDaily, points > Self.maximumPoints {
            throw .tooManyPoints(steps: steps.count, metrics: spec.data.metrics.count, classes: classes)
        }
    }

    /// Most levels that a run keeps in memory: steps times metrics times classes of servers, some 50 bytes each.
    public static let maximumPoints = 1 << 22

    /// The time steps of this run's cells.
    public var steps: StepRange { StepRange(days, spec.data.granularity) }

    /// The time steps of this run's rows: those of the cells, unless rows are made of several.
    public var rowSteps: StepRange { StepRange(days, spec.data.rowGranularity) }

    private static func rows(
        _ spec: DatasetSpec, _ days: DayRange, _ window: DayRange, _ servers: Range<Int>
    ) throws(PlanError) -> (Int, Int) {
        let rows = PanelRows(spec.data, steps: StepRange(days, spec.data.rowGranularity), window: window)
        let found = rows.total(servers)
        guard found.rows > 0 else {
            let exist = rows.mess != nil && servers.contains { !rows.span(server: $0).isEmpty }
            throw exist ? PlanError.noArrivals(start: days.start, end: days.end) : PlanError.noServers(start: days.start, end: days.end)
        }
        return found
    }

    private init(_ whole: PanelPlan, days: DayRange, servers: Range<Int>) throws(PlanError) {
        (rows, presentServers) = try Self.rows(whole.spec, days, whole.window, servers)
        spec = whole.spec
        window = whole.window
        self.days = days
        self.servers = servers
    }

    /// Other days of the same servers, with other settings.
    init(_ other: PanelPlan, spec: DatasetSpec, days: DayRange) {
        (self.spec, window, self.days, servers) = (spec, days, days, other.servers)
        (rows, presentServers) = PanelRows(spec.data, steps: StepRange(days, spec.data.rowGranularity), window: days).total(servers)
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
        guard start <= end else { throw .partReversed(start: start, end: end) }
        guard window.contains(start), window.contains(end) else {
            throw .outsideWindow(start: start, end: end, window: window)
        }
        let numbers = servers ?? 1...spec.data.servers
        guard numbers.lowerBound >= 1, numbers.upperBound <= spec.data.servers else {
            throw .outsideFleet(numbers, servers: spec.data.servers)
        }
        return try PanelPlan(self, days: DayRange(start: start, end: end), servers: numbers.lowerBound - 1..<numbers.upperBound)
    }

    /// Whether this is the whole dataset.
    public var isWhole: Bool { days == window && servers == 0..<spec.data.servers }
}

/// Why there is nothing to make.
public enum PlanError: Error, Equatable, Sendable, CustomStringConvertible {
    case emptyWindow(start: Day, end: Day)
    case outsideWindow(start: Day, end: Day, window: DayRange)
    case partReversed(start: Day, end: Day)
    case outsideFleet(ClosedRange<Int>, servers: Int)
    case noServers(start: Day, end: Day)
    case noArrivals(start: Day, end: Day)
    case tooManyPoints(steps: Int, metrics: Int, classes: Int)
    case tooManyEvents(Int)

    /// A sentence with the remedy.
    public var description: String { "\(found); \(remedy)" }

    /// What is wrong.
    var found: String {
        switch self {
        case .emptyWindow(let start, let end): "the window is empty: start_date is \(start) and end_date is \(end)"
        case .outsideWindow(let start, let end, let window):
            "the days \(start) to \(end) are not inside the dataset's window, \(window.start) to \(window.end)"
        case .partReversed(let start, let end): "the part starts on \(start), after its end on \(end)"
        case .outsideFleet(let numbers, let servers):
            "the servers \(numbers.lowerBound)-\(numbers.upperBound) are not among the dataset's 1-\(servers)"
        case .noServers(let start, let end): "none of the servers exists on any day from \(start) to \(end)"
        case .noArrivals(let start, let end):
            "all rows from \(start) to \(end) are late, and none has arrived by the end of the dataset's window"
        case .tooManyPoints(let steps, let metrics, let classes):
            "\(steps) time steps times \(metrics) metrics times \(classes) classes of servers are \(steps * metrics * classes) levels to keep, "
                + "and at most \(PanelPlan.maximumPoints) fit"
        case .tooManyEvents(let count): "the ground truth has at least \(count) events, and at most \(IncidentPlan.mostListed) are listed"
        }
    }

    /// What to do about it.
    var remedy: String {
        switch self {
        case .emptyWindow: "let start_date come first"
        case .outsideWindow: "choose --from and --to within it"
        case .partReversed: "let --from come first"
        case .outsideFleet: "choose --servers within it"
        case .noServers: "choose other days or servers, or change data_generation.lifetime"
        case .noArrivals: "choose other days or servers, or change data_generation.mess.late_rows"
        case .tooManyEvents: "lower the rates of incidents and of mess, or make fewer servers"
        case .tooManyPoints:
            "choose a coarser granularity or a shorter window, or make several datasets with fewer metrics, archetypes, time zones or factors"
        }
    }
}
