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
    private let serversPerGroup: Int
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
        serversPerGroup = max(1, min(generator.plan.servers.count, rowsPerGroup / generator.plan.steps.count))
        layout = TableWriter.layout(spec.output)
    }

    private var groups: Int { (generator.plan.servers.count + serversPerGroup - 1) / serversPerGroup }

    func writer(threads: Int) -> TableWriter {
        TableWriter(columns: schema.columns, sortedBy: 2, groups: groups, pieces: 1 + truths.count, threads: threads)
    }

    private func servers(ofGroup group: Int) -> Range<Int> {
        let first = generator.plan.servers.lowerBound + group * serversPerGroup
        return first..<min(first + serversPerGroup, generator.plan.servers.upperBound)
    }

    /// The chunks of a piece; for a metric also how far its clean values are from what can be known.
    func piece(group: Int, piece: Int) -> TableWriter.Piece<OracleTally?> {
        let servers = servers(ofGroup: group)
        guard piece > 0 else {
            return TableWriter.Piece(chunks: [0, 1].map { generator.chunk(column: $0, servers: servers).chunk }, found: nil)
        }
        var columns = TruthMetricColumns(truths[piece - 1], components: components.isEmpty ? nil : components[piece - 1], servers: servers)
        scratch.withScratch { columns.fill(generator.directory, scratch: $0) }
        return TableWriter.Piece(
            chunks: columns.chunks(Array(schema.columns(ofMetric: piece - 1)), schema.parts, layout), found: columns.oracle)
    }

    /// The tally alone, without a table.
    func oracle(threads: Int, progress: (Double) -> Void) async throws -> [OracleTally] {
        var tallies = emptyTallies
        let total = groups * truths.count
        try await OrderedPieces.forEach(
            count: total, window: 3 * threads,
            make: { index in
                var columns = TruthMetricColumns(
                    truths[index % truths.count], components: nil, servers: servers(ofGroup: index / truths.count))
                scratch.withScratch { columns.fill(generator.directory, scratch: $0) }
                return columns.oracle
            },
            take: { index, tally in
                tallies[index % truths.count].merge(tally)
                progress(Double(index + 1) / Double(total))
            })
        return tallies
    }

    /// One per metric.
    var emptyTallies: [OracleTally] { generator.plan.spec.data.metrics.map { OracleTally($0) } }
}
