/// The tables of the ground truth that a config asks for.
package struct TruthTables {
    private let generator: PanelGenerator
    private let threads: Int
    private let rowsPerGroup: Int
    private var spec: DatasetSpec { generator.plan.spec }

    /// - Parameters:
    ///   - threads: Pieces made at once. Any number gives the same bytes.
    ///   - rowsPerGroup: Rows that a row group of the table of cells aims at. Any number gives the same table.
    package init(_ generator: PanelGenerator, threads: Int, rowsPerGroup: Int = TruthCells.rowsPerGroup) {
        self.generator = generator
        self.threads = threads
        self.rowsPerGroup = rowsPerGroup
    }

    /// What a table's pass found.
    package struct Written {
        package var rows = 0
        /// One per metric, where cells were worked out.
        var oracle: [OracleTally] = []
    }

    /// Writes the table of a role.
    ///
    /// - Parameters:
    ///   - metadata: Key-value pairs of the panel's footer; what is the table's own is added.
    ///   - sink: Takes the file's bytes, front to back, where the caller runs.
    ///   - progress: Told the share done, 0...1.
    /// - Throws: What `sink` throws, `PlanError` where there are too many events, or `CancellationError`.
    package func write(
        _ role: Artifact.Role, metadata: [(key: String, value: String)], sink: ([UInt8]) async throws -> Void,
        progress: (Double) -> Void = { _ in }
    ) async throws -> Written {
        let metadata = metadata + [("fleetsynth.table", role.rawValue)]
        var written = Written()
        switch role {
        case .truth:
            let cells = TruthCells(generator, rowsPerGroup: rowsPerGroup)
            var tallies = cells.emptyTallies
            written.rows = try await cells.writer(threads: threads).write(
                metadata: metadata + [("fleetsynth.flags", CellFlags.legend)], make: { cells.piece(group: $0, piece: $1) }, sink: sink,
                take: { piece, done, tally in
                    if let tally { tallies[piece - 1].merge(tally) }
                    progress(done)
                })
            written.oracle = tallies
        case .events:
            let events = EventTable(try generator.events(), spec, directory: generator.directory)
            written.rows = try await events.writer.write(
                metadata: metadata, make: { events.piece(group: $0, piece: $1) }, sink: sink, take: { _, done, _ in progress(done) })
        case .covariates:
            let table = CovariateTable(generator.plan, time: generator.schema.columns[1], horizon: spec.truth.horizon ?? 0)
            written.rows = try await table.writer(threads: threads).write(
                metadata: metadata, make: { table.piece(group: $0, piece: $1) }, sink: sink, take: { _, done, _ in progress(done) })
        case .panel, .part, .truthPart, .summary, .sample, .report: preconditionFailure("\(role) is no table of the ground truth")
        }
        return written
    }

    /// The tallies of the oracle, without a table.
    func oracle(progress: (Double) -> Void) async throws -> [OracleTally] {
        try await TruthCells(generator, rowsPerGroup: rowsPerGroup).oracle(threads: threads, progress: progress)
    }
}
