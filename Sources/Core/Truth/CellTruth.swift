/// One server's cells of one metric as the ground truth has them: what is published, what would be without outliers, changes and gaps, and why
/// the two differ.
///
/// The clean row is that of a twin: the same signal without outliers and missing values, to which nothing happens. So it is by construction what
/// a config without those would publish.
struct CellTruth: Sendable {
    private let published: Source
    private let clean: Source
    let signal: MetricSignal

    /// How a row of numbers is made.
    private struct Source: Sendable {
        let cells: MetricCells
        let rich: RichCells?

        /// Whole numbers of the grid, or for full precision values: one per step, missing ones included. `scratch` keeps what happened.
        func fill(_ row: inout [Double], of own: Int, server: Int, span: Range<Int>, scratch: ColumnScratch) {
            let (signal, steps) = (cells.signal, cells.signal.steps.count)
            let grid = signal.grid
            scratch.span = span
            if grid.isNarrow {
                scratch.reserveNarrow(row: cells.rowCount, classes: 1, cells: 0, counts: grid.bins)
                let deviate = signal.bias.deviate(server: UInt32(server))
                let narrow =
                    rich?.fillNarrow(of: own, server: UInt32(server), deviate: deviate, scratch: scratch)
                    ?? cells.fillNarrow(of: own, server: UInt32(server), deviate: deviate, scratch: scratch)
                let published = rich != nil && scratch.rich.isRenumbered ? scratch.rich.row : narrow
                let lowest = Double(grid.range.lowerBound)
                for step in 0..<steps { row[step] = lowest + Double(published[step]) }
                return
            }
            scratch.reserve(noise: cells.noiseCount, whole: steps, real: steps, counts: 0)
            if let rich {
                rich.fillWide(of: own, server: UInt32(server), scratch: scratch)
                for step in 0..<steps { row[step] = scratch.rich.published[step] }
            } else if signal.metric.decimals == nil {
                cells.fillReal(scratch.real.baseAddress.unsafelyUnwrapped, of: own, server: UInt32(server), scratch: scratch)
                for step in 0..<steps { row[step] = scratch.real[step] }
            } else {
                cells.fillWhole(scratch.whole.baseAddress.unsafelyUnwrapped, of: own, server: UInt32(server), scratch: scratch)
                for step in 0..<steps { row[step] = Double(scratch.whole[step]) }
            }
        }
    }

    init(_ generator: PanelGenerator, metric: Int) {
        signal = generator.signals[metric]
        published = Source(cells: MetricCells(signal), rich: generator.rich(metric))
        let twin = MetricCells(signal.undisturbed)
        clean = Source(cells: twin, rich: RichCells(twin, metric: metric, sources: []))
    }

    /// - Parameters:
    ///   - row: Its arrays have one place per step.
    ///   - own: The server's class.
    ///   - span: The steps that the server has rows for; what the others have is of no meaning.
    func fill(_ row: inout CellTruthRow, of own: Int, server: Int, span: Range<Int>, scratch: ColumnScratch) {
        clean.fill(&row.clean, of: own, server: server, span: span, scratch: scratch)
        published.fill(&row.published, of: own, server: server, span: span, scratch: scratch)
        row.missing.removeAll(keepingCapacity: true)
        row.missing.append(contentsOf: scratch.missing)
        causes(&row, server: server, scratch)
        // A cause that left the value as it was is none, and a value that is not there has none either.
        for step in row.flags.indices where row.flags[step] != 0 {
            let kept: CellFlags = row.published[step] == row.clean[step] ? .missing : CellFlags(rawValue: .max)
            row.flags[step] &= kept.rawValue
        }
        for step in row.missing.lazy.map(Int.init) { row.flags[step] &= CellFlags.missing.rawValue }
    }

    /// Notes every cause at its steps.
    private func causes(_ row: inout CellTruthRow, server: Int, _ scratch: ColumnScratch) {
        for step in row.flags.indices { row.flags[step] = 0 }
        func mark(_ steps: some Sequence<Int>, _ cause: CellFlags) { for step in steps { row.flags[step] |= cause.rawValue } }
        mark(scratch.outliers.lazy.map(Int.init), .outlier)
        row.atRandom.removeAll(keepingCapacity: true)
        signal.missing.append(to: &row.atRandom, server: UInt32(server), steps: signal.steps.absolute)
        mark(row.atRandom.lazy.map(Int.init), .missingAtRandom)
        guard published.rich != nil, scratch.rich.isTouched else { return }
        let rich = scratch.rich
        for span in rich.changes.changed { mark(span.steps.lazy.filter(rich.changes.isChanged), span.cause) }
        for slip in rich.changes.slips { mark(slip.steps, .unitSlip) }
        for stuck in rich.changes.stuck {
            // What else happens to the steps does not show. The first is the sensor's own, without outlier and slip, unless the span began before
            // the run or before the server had rows.
            let isWhole = stuck.value == nil && stuck.origin == nil
            for step in stuck.steps.dropFirst(isWhole ? 1 : 0) {
                row.flags[step] = row.flags[step] & CellFlags.missing.rawValue | CellFlags.stuckSensor.rawValue
            }
            if isWhole { row.flags[stuck.steps.lowerBound] &= ~CellFlags([.outlier, .unitSlip]).rawValue }
        }
        for gap in rich.changes.gaps { mark(gap.steps, gap.cause) }
        mark(rich.underLoad.lazy.map(Int.init), .missingUnderLoad)
    }
}

/// One cell as the ground truth has it.
package struct TruthCell: Equatable, Sendable {
    /// In the metric's unit; nil where it is missing, and where the server has no row.
    package let published: Double?
    /// Without outliers, changes and gaps, in the metric's unit.
    package let clean: Double
    /// Why the two differ.
    package let flags: CellFlags
}

extension PanelGenerator {
    /// One server's cells of one metric, one per step: the same as in the table of cells.
    package func truth(metric: Int, server: Int) -> [TruthCell] {
        let truth = CellTruth(self, metric: metric)
        var row = CellTruthRow(steps: plan.steps.count)
        let spans = RowSpans(rows, servers: server..<server + 1)
        let span = spans.of(0)
        truth.fill(&row, of: directory.classIndex(server: server), server: server, span: span, scratch: ColumnScratch())
        var missing = Set(row.missing)
        for mark in spans.marks(0) {
            row.flags[Int(mark.step)] |= mark.flags.rawValue
            if mark.count == 0 { missing.insert(mark.step) }
        }
        let scale = truth.signal.metric.decimals == nil ? 1 : truth.signal.grid.scale
        return row.clean.indices.map { step in
            TruthCell(
                published: missing.contains(Int32(step)) || !span.contains(step) ? nil : row.published[step] / scale,
                clean: row.clean[step] / scale,
                flags: CellFlags(rawValue: row.flags[step]))
        }
    }
}

/// Buffers of `CellTruth`, one place per step.
struct CellTruthRow {
    /// Whole numbers of the grid, or for full precision values; those of missing cells too.
    var published: [Double]
    /// The same without outliers, changes and gaps.
    var clean: [Double]
    /// Raw `CellFlags`.
    var flags: [UInt32]
    /// Steps that are missing, ascending.
    var missing: [Int32] = []
    fileprivate var atRandom: [Int32] = []

    init(steps: Int) {
        published = [Double](repeating: 0, count: steps)
        clean = published
        flags = [UInt32](repeating: 0, count: steps)
    }
}
