import Synchronization

/// The rows of the row groups at hand: found once for all columns of a group.
final class RowSpanCache: Sendable {
    let rows: PanelRows
    private let recent = Mutex<[(servers: Range<Int>, spans: RowSpans)]>([])
    /// Groups that are made at once are next to each other.
    private static let most = 4

    init(_ rows: PanelRows) { self.rows = rows }

    /// The rows of some servers.
    func spans(_ servers: Range<Int>) -> RowSpans {
        if rows.arePlain { return RowSpans(rows, servers: servers) }
        // Whoever wants the same waits for it.
        return recent.withLock { recent in
            if let known = recent.first(where: { $0.servers == servers }) { return known.spans }
            let spans = RowSpans(rows, servers: servers)
            if recent.count == Self.most { recent.removeFirst() }
            recent.append((servers, spans))
            return spans
        }
    }
}
