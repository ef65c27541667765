/// How far the clean values of a metric are from what can be known of them, in whole numbers, so that tallies of parts merge to that of the
/// whole.
///
/// The oracle knows everything but the noise: of each cell it announces level, effects and the server's offset, saturated and clipped, which is the
/// value that noise of 0 gives. Errors are those of clean values, unrounded numbers against announcements, over all cells that have a row, those that are
/// missing in the panel among them. They are counted in 2^-21 of the clip range, or in 2^-14 of the
/// noise's standard deviation where that is finer, as it is where the clip range is far from the values; never in less than 2^-40 of the range.
struct OracleTally: Sendable, Equatable {
    /// Cells counted.
    private(set) var cells = 0
    private var absolute: Int128 = 0
    private var squares: Int128 = 0
    /// Units per unit of the metric.
    private let scale: Double

    init(_ metric: MetricSpec) {
        let range = metric.maxClip - metric.minClip
        scale = min(0x1p40 / range, max(0x1p21 / range, metric.baseStd > 0 ? 0x1p14 / metric.baseStd : 0))
    }

    /// Adds one server's cells.
    ///
    /// - Parameters:
    ///   - clean: The clean value of each step, in the metric's unit.
    ///   - forecast: What the oracle announces.
    mutating func add(clean: Span<Double>, forecast: Span<Double>) {
        for step in clean.indices {
            let error = Int64(((clean[step] - forecast[step]) * scale).rounded(.toNearestOrEven))
            absolute += Int128(error.magnitude)
            // At most 2^80 each, so that 2^46 cells fit.
            squares += Int128(error) * Int128(error)
        }
        cells += clean.count
    }

    /// Adds the tally of other cells of the same metric.
    mutating func merge(_ other: OracleTally) {
        precondition(scale == other.scale, "tallies of the same metric")
        cells += other.cells
        absolute += other.absolute
        squares += other.squares
    }

    /// Appends what was counted, for a process that merges it.
    func write(to output: inout TallyWriter) {
        output.put(cells)
        output.put(signed: absolute)
        output.put(signed: squares)
    }

    /// Adds what `write` wrote of other cells of the same metric.
    mutating func merge(from input: inout TallyReader) throws(TallyReader.Damage) {
        try input.add(to: &cells)
        try input.add(to: &absolute)
        try input.add(to: &squares)
    }

    /// Mean absolute error, in the metric's unit; nil without cells.
    var meanAbsolute: Double? { cells == 0 ? nil : Double(absolute) / Double(cells) / scale }

    /// Root of the mean squared error, in the metric's unit; nil without cells.
    var rootMeanSquare: Double? { cells == 0 ? nil : (Double(squares) / Double(cells)).squareRoot() / scale }
}

/// What `truth` adds to the summary.
public struct TruthSummary: Sendable, Equatable, Codable {
    /// The error of a forecaster that knows everything but the noise, for one metric, in its unit. Where noise has no memory, no forecaster can be
    /// expected to beat it; where it has, one that also uses the latest values can, over its half-life.
    public struct Oracle: Sendable, Equatable, Codable {
        /// The metric's name.
        public let metric: String
        /// The mean absolute error; twice the pinball loss of the median.
        public let mae: Double
        /// The root of the mean squared error.
        public let rmse: Double
    }

    /// One entry per metric, in column order; nil unless asked for.
    public let oracle: [Oracle]?
    /// The tables' names, where they were asked for.
    public let cells: String?
    /// The table of events.
    public let events: String?
    /// The table of covariates.
    public let covariates: String?

    /// Nil where the config asks for nothing.
    init?(_ spec: DatasetSpec, tables: [(role: Artifact.Role, key: ObjectKey)], oracle tallies: [OracleTally]) {
        guard spec.truth != .none else { return nil }
        oracle =
            spec.truth.oracle
            ? zip(spec.data.metrics, tallies).compactMap { metric, tally in
                guard let mae = tally.meanAbsolute, let rmse = tally.rootMeanSquare else { return nil }
                return Oracle(metric: metric.name, mae: mae, rmse: rmse)
            } : nil
        func name(_ role: Artifact.Role) -> String? { tables.first { $0.role == role }?.key.name }
        (cells, events, covariates) = (name(.truth), name(.events), name(.covariates))
    }
}
