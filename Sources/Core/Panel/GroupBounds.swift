/// Which servers share a row group.
struct GroupBounds: Sendable {
    private let servers: Range<Int>
    /// Servers per group where all have the same number of rows.
    private let perGroup: Int
    /// The first server of each group and the end of the last, where servers have different numbers of rows; else empty.
    private let bounds: [Int]

    /// Row groups of the panel, at least one.
    var groups: Int { bounds.isEmpty ? (servers.count + perGroup - 1) / perGroup : bounds.count - 1 }

    /// - Parameter rowsPerGroup: Rows that a group aims at; it holds whole servers, at least one that has rows.
    init(_ plan: PanelPlan, _ all: PanelRows, rowsPerGroup: Int) {
        let (servers, steps) = (plan.servers, plan.rowSteps)
        self.servers = servers
        perGroup = max(1, min(servers.count, rowsPerGroup / steps.count))
        guard !all.arePlain else {
            bounds = []
            return
        }
        var bounds = [servers.lowerBound]
        var rows = 0
        all.forEachCount(servers) { server, own in
            if rows > 0, own > 0, rows + own > rowsPerGroup {
                bounds.append(server)
                rows = 0
            }
            rows += own
        }
        self.bounds = bounds + [servers.upperBound]
    }

    /// The servers of a group.
    func servers(ofGroup group: Int) -> Range<Int> {
        if !bounds.isEmpty { return bounds[group]..<bounds[group + 1] }
        let first = servers.lowerBound + group * perGroup
        return first..<min(first + perGroup, servers.upperBound)
    }
}
