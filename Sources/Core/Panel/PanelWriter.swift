import Parquet

/// Streams a whole panel as one Parquet file: chunks are made in parallel and handed on in order by the caller's thread.
///
/// ```
/// (group, column) tasks  ->  [ window of finished chunks ]  ->  in order  ->  sink(bytes)
/// ```
/// Memory: the window plus one row group, whatever the panel's size.
public struct PanelWriter: Sendable {
    private let generator: PanelGenerator
    private let threads: Int

    /// - Parameters:
    ///   - generator: What to write.
    ///   - threads: Chunks made at once, 1 or more; memory holds at most six times as many. Any number gives the same bytes.
    public init(_ generator: PanelGenerator, threads: Int) {
        precondition(threads >= 1, "at least one thread")
        self.generator = generator
        self.threads = threads
    }

    /// What the pass over the panel found.
    public struct Outcome: Sendable {
        /// Rows, columns and servers as they were written.
        public var facts = PanelFacts()
        /// One per metric, in order.
        public var tallies: [MetricTally]
        /// Bytes of the file.
        public var bytes = 0
    }

    /// The writer as the footer names it. It rises with the values only, so that a new release writes the same bytes.
    static let createdBy = "fleetsynth version \(PanelPlan.algorithmVersion).0.0 (build values)"

    private struct Made: Sendable {
        let chunk: EncodedChunk
        let tally: MetricTally?
    }

    /// - Parameters:
    ///   - metadata: Key-value pairs of the footer.
    ///   - sink: Takes the file's bytes, front to back, on the caller's thread.
    ///   - progress: Told the rows finished so far, after each row group's column.
    /// - Throws: What `sink` throws, or `CancellationError`.
    public func write(
        metadata: [(key: String, value: String)], sink: ([UInt8]) async throws -> Void, progress: (Int) -> Void = { _ in }
    ) async throws -> Outcome {
        let columns = generator.schema.contents.count
        let total = generator.groups * columns
        var file = ParquetFile(
            columns: generator.schema.columns, metadata: metadata, createdBy: Self.createdBy,
            sortingColumns: [ParquetFile.SortingColumn(column: 0), ParquetFile.SortingColumn(column: 1)])
        var outcome = Outcome(tallies: generator.signals.map { MetricTally($0) })
        outcome.facts.columns = generator.schema.names
        try await emit(file.header(), to: sink, &outcome)

        var group: [EncodedChunk] = []
        try await OrderedPieces.forEach(
            count: total, window: 6 * threads,
            make: { [generator] index in
                let made = generator.chunk(column: index % columns, group: index / columns)
                return Made(chunk: made.chunk, tally: made.tally)
            },
            take: { emitted, made in
                try await emit(made.chunk.bytes, to: sink, &outcome)
                if let tally = made.tally, case .metric(let metric) = generator.schema.contents[emitted % columns] {
                    outcome.tallies[metric].merge(tally)
                }
                group.append(made.chunk)
                if group.count == columns {
                    count(group: emitted / columns, rows: group[0].rows, in: &outcome.facts)
                    file.append(group)
                    group.removeAll(keepingCapacity: true)
                }
                progress(generator.plan.rows * (emitted + 1) / total)
            })
        try await emit(file.footer(), to: sink, &outcome)
        return outcome
    }

    private func emit(_ bytes: [UInt8], to sink: ([UInt8]) async throws -> Void, _ outcome: inout Outcome) async throws {
        try Task.checkCancellation()
        outcome.bytes += bytes.count
        try await sink(bytes)
    }

    private func count(group: Int, rows: Int, in facts: inout PanelFacts) {
        let servers = generator.servers(ofGroup: group)
        // Rows that the chunks hold, shared out over the servers in order: a short chunk leaves its last server short.
        var left = rows
        generator.rows.forEachCount(servers) { server, wanted in
            if wanted == 0 { return }
            let own = min(wanted, left)
            facts.add(id: generator.directory.id(server), rows: own, of: wanted)
            left -= own
        }
    }
}
