import Parquet

/// Knows what happened: incidents, outages and lasting changes, to the servers that exist while they last.
package protocol TruthEventSource: Sendable {
    /// The events that meet the run's steps, as they are whatever the steps are.
    ///
    /// - Throws: `PlanError` where there are more than can be listed.
    func truthEvents(_ data: DataSpec, _ directory: ServerDirectory) throws(PlanError) -> [TruthEvent]
}

/// The table of events, one row each, sorted by start and id. Without events it has columns and no rows.
struct EventTable {
    private static let rowsPerGroup = 1 << 18

    let events: [TruthEvent]
    private let columns: [Column]
    private let directory: ServerDirectory
    private let layout: PageLayout

    init(_ events: [TruthEvent], _ spec: DatasetSpec, directory: ServerDirectory) {
        self.events = events.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
        self.directory = directory
        layout = TableWriter.layout(spec.output)
        // The panel's own kind of times, but never days: an outage of hours is told in hours.
        let time: ColumnType = spec.data.granularity.isDaily ? .timestampMicros : .instantMicros
        columns = [
            Column(name: "event_id", type: .utf8), Column(name: "kind", type: .utf8), Column(name: "cause", type: .utf8),
            Column(name: "scope_column", type: .utf8), Column(name: "scope_label", type: .utf8), Column(name: "servers", type: .int32),
            Column(name: "server_ids", type: .utf8), Column(name: "metrics", type: .utf8), Column(name: "start", type: time),
            Column(name: "end", type: time, nullable: true), Column(name: "magnitude", type: .double, nullable: true),
            Column(name: "parent", type: .utf8),
        ]
    }

    var writer: TableWriter {
        TableWriter(
            columns: columns, sortedBy: 0, groups: (events.count + Self.rowsPerGroup - 1) / Self.rowsPerGroup, pieces: 1, threads: 1)
    }

    func piece(group: Int, piece: Int) -> TableWriter.Piece<Void> {
        let rows = events[group * Self.rowsPerGroup..<min((group + 1) * Self.rowsPerGroup, events.count)]
        var next = columns[...]
        func texts(_ text: (TruthEvent) -> String) -> EncodedChunk { TableWriter.texts(rows.map(text), next.removeFirst(), layout) }
        func integers(_ value: (TruthEvent) -> Int64?) -> EncodedChunk { TableWriter.integers(rows.map(value), next.removeFirst(), layout) }
        let chunks = [
            texts(\.id), texts(\.kind), texts(\.cause), texts { $0.scopeColumn ?? "" }, texts { $0.scopeLabel ?? "" },
            integers { Int64($0.servers.count) }, texts(serverIDs), texts { $0.metrics.joined(separator: " ") },
            integers { $0.start * 1_000_000 }, integers { $0.end.map { $0 * 1_000_000 } },
            TableWriter.numbers(rows.map(\.magnitude), next.removeFirst(), layout), texts { $0.parent ?? "" },
        ]
        return TableWriter.Piece(chunks: chunks, found: ())
    }

    private func serverIDs(_ event: TruthEvent) -> String { event.servers.listed?.map(directory.id).joined(separator: " ") ?? "" }
}

extension PanelGenerator {
    /// What happens in the plan's steps, beside outliers and cells that are missing at random.
    func events() throws(PlanError) -> [TruthEvent] {
        var events = try rows.lifetimes.truth(plan.spec.data, directory, steps: plan.steps)
        for case let source as any TruthEventSource in changes { events += try source.truthEvents(plan.spec.data, directory) }
        return events
    }
}
