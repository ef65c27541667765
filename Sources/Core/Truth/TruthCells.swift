import Parquet

/// The table of cells: the panel's rows in the panel's order, in row groups of its own.
///
/// ```
/// row group g = servers [g * n, (g + 1) * n)      piece 0: id and time      piece 1 + m: the columns of metric m
/// ```
/// Every piece is a pure function of its servers, so any number of threads gives the same file.
package struct TruthCells: Sendable {
    /// Rows a row group aims at. The parts of one metric take some 60 bytes a row while they are made.
    package static let rowsPerGroup = 1 << 18

    let generator: PanelGenerator
    let schema: TruthSchema
    private let truths: [CellTruth]
    /// By metric and class; empty without components.
    private let components: [[SignalComponents]]
    /// The servers of each row group, which has at least one row.
    private let groups: [Range<Int>]
    private let layout: PageLayout
    private let scratch = ScratchPool()

    init(_ generator: PanelGenerator, rowsPerGroup: Int = TruthCells.rowsPerGroup) {
        let spec = generator.plan.spec
        self.generator = generator
        schema = TruthSchema(spec, id: generator.schema.columns[0], time: generator.schema.columns[1])
        truths = spec.data.metrics.indices.map { CellTruth(generator, metric: $0) }
        components =
            spec.truth.components
            ? generator.signals.map { signal in
                signal.classes.enumerated().map { index, own in
                    SignalComponents(own, calendar: generator.calendars[generator.directory.classes[index].calendar])
                }
            } : []
        var groups: [Range<Int>] = []
        var (start, rows) = (generator.plan.servers.lowerBound, 0)
        generator.rows.forEachCount(generator.plan.servers) { server, own in
            if rows > 0, rows + own > rowsPerGroup {
                groups.append(start..<server)
                (start, rows) = (server, 0)
            }
            rows += own
        }
        if rows > 0 { groups.append(start..<generator.plan.servers.upperBound) }
        self.groups = groups
        layout = TableWriter.layout(spec.output)
    }

    func writer(threads: Int) -> TableWriter {
        TableWriter(columns: schema.columns, sortedBy: 2, groups: groups.count, pieces: 1 + truths.count, threads: threads)
    }

    private func columns(_ metric: Int, group: Int, components: [SignalComponents]?) -> TruthMetricColumns {
        let servers = groups[group]
        var columns = TruthMetricColumns(
            truths[metric], components: components, servers: servers, spans: RowSpans(generator.rows, servers: servers))
        scratch.withScratch { columns.fill(generator.directory, scratch: $0) }
        return columns
    }

    /// The chunks of a piece; for a metric also how far its clean values are from what can be known.
    func piece(group: Int, piece: Int) -> TableWriter.Piece<OracleTally?> {
        guard piece > 0 else {
            return TableWriter.Piece(chunks: [0, 1].map { generator.chunk(column: $0, servers: groups[group]).chunk }, found: nil)
        }
        let metric = piece - 1
        let made = columns(metric, group: group, components: components.isEmpty ? nil : components[metric])
        return TableWriter.Piece(
            chunks: made.chunks(Array(schema.columns(ofMetric: metric)), schema.parts, layout), found: made.oracle)
    }

    /// The tally alone, without a table.
    func oracle(threads: Int, progress: (Double) -> Void) async throws -> [OracleTally] {
        var tallies = emptyTallies
        let total = groups.count * truths.count
        try await OrderedPieces.forEach(
            count: total, window: 3 * threads,
            make: { index in columns(index % truths.count, group: index / truths.count, components: nil).oracle },
            take: { index, tally in
                tallies[index % truths.count].merge(tally)
                progress(Double(index + 1) / Double(total))
            })
        return tallies
    }

    /// One per metric.
    var emptyTallies: [OracleTally] { generator.plan.spec.data.metrics.map { OracleTally($0) } }
}
