/// `truth`: what is published about the panel beside it.
public struct TruthSpec: Equatable, Sendable {
    /// Whether there is a table of every cell: its flags, its undisturbed value and what was added to that.
    public var cells: Bool
    /// Whether that table also takes the undisturbed value apart.
    public var components: Bool
    /// Whether there is a table of incidents, outages and lasting changes.
    public var events: Bool
    /// Days beyond the window that a table of what is known in advance reaches; nil for no such table.
    public var horizon: Int?
    /// Whether the summary tells the error of a forecaster that knows everything but the noise.
    public var oracle: Bool

    /// Whether the clean value of every cell is worked out.
    var worksCellsOut: Bool { cells || oracle }

    /// - Parameters: As the properties of the same names.
    public init(cells: Bool, components: Bool, events: Bool, horizon: Int?, oracle: Bool) {
        self.cells = cells
        self.components = components
        self.events = events
        self.horizon = horizon
        self.oracle = oracle
    }

    /// Nothing but the panel.
    public static let none = TruthSpec(cells: false, components: false, events: false, horizon: nil, oracle: false)
}
