/// What was written, counted as it went into the file.
public struct PanelFacts: Sendable, Equatable {
    /// Rows over all row groups.
    public var rows = 0
    /// Columns in file order.
    public var columns: [String] = []
    /// Servers seen, by their ids.
    public var servers = 0
    /// The first id that was not greater than the one before: ids that rise are unique.
    public var unsortedID: String?
    /// The first server that has not exactly the rows that it should have.
    public var incompleteServer: String?
    /// The id of the first server.
    private(set) var firstID: String?
    private var lastID: [UInt8] = []

    /// Nothing written yet.
    public init() {}

    /// Counts one server's rows.
    ///
    /// - Parameter wanted: Rows that it should have.
    mutating func add(id: String, rows count: Int, of wanted: Int) {
        let bytes = [UInt8](id.utf8)
        if servers > 0, !lastID.lexicographicallyPrecedes(bytes), unsortedID == nil { unsortedID = id }
        if count != wanted, incompleteServer == nil { incompleteServer = id }
        if servers == 0 { firstID = id }
        lastID = bytes
        servers += 1
        rows += count
    }

    /// The id of the last server; nil where there is none.
    var last: String? { servers == 0 ? nil : String(decoding: lastID, as: UTF8.self) }

    /// What another process counted.
    init(rows: Int, servers: Int, first: String?, last: String?, unsortedID: String?, incompleteServer: String?) {
        (self.rows, self.servers, firstID) = (rows, servers, first)
        (self.unsortedID, self.incompleteServer) = (unsortedID, incompleteServer)
        lastID = last.map { Array($0.utf8) } ?? []
    }

    /// Adds the servers of the next part: one pass over both would have counted the same.
    mutating func append(_ next: PanelFacts) {
        guard let first = next.firstID, next.servers > 0 else { return }
        if servers == 0 { firstID = first }
        if servers > 0, !lastID.lexicographicallyPrecedes(first.utf8), unsortedID == nil { unsortedID = first }
        if unsortedID == nil { unsortedID = next.unsortedID }
        if incompleteServer == nil { incompleteServer = next.incompleteServer }
        lastID = next.lastID
        let (sum, overflow) = rows.addingReportingOverflow(next.rows)
        rows = overflow ? .max : sum
        servers += next.servers
    }

    func checks(_ plan: PanelPlan) -> [QualityCheck] {
        let names = PanelSchema(plan.spec).names
        let expected = plan.rows
        let isRagged = !plan.spec.data.lifetime.isUnbounded
        let odd = plan.spec.data.mess.rows.words
        let (steps, step) = plan.spec.data.rowGranularity.isDaily ? (plan.days.count, "day") : (plan.rowSteps.count, "step")
        return [
            .limit(
                "row_count", nil, passes: rows == expected, requested: Double(expected), realised: Double(rows),
                isRagged
                    ? "\(rows) rows, \(expected) requested: \(step)s of \(plan.presentServers) servers from their beginnings to their ends\(odd)"
                    : odd.isEmpty
                        ? "\(rows) rows, \(plan.servers.count) servers x \(steps) \(step)s = \(expected) requested"
                        : "\(rows) rows, \(expected) requested: \(plan.servers.count) servers x \(steps) \(step)s\(odd)"),
            .limit(
                "columns", nil, passes: columns == names, requested: nil, realised: nil,
                columns == names ? "\(columns.count) columns as configured" : "columns are \(columns), requested \(names)"),
            .limit(
                "server_ids", nil, passes: unsortedID == nil && servers == plan.presentServers, requested: Double(plan.presentServers),
                realised: Double(servers), unsortedID.map { "server id \($0) is out of order or twice" } ?? "\(servers) unique server ids"),
            .limit(
                "dates_complete", nil, passes: incompleteServer == nil, requested: nil, realised: nil,
                incompleteServer.map { "server \($0) does not have one row per \(step)\(odd)" }
                    ?? "every server has one row per \(step)\(isRagged ? " of its life" : "")\(odd)"),
        ]
    }
}

/// The gate's verdict.
public struct QualityReport: Sendable, Equatable, Codable {
    /// Every question and its answer, in the order asked.
    public let checks: [QualityCheck]

    /// Whether nothing failed.
    public var passed: Bool { failures.isEmpty }
    /// The checks that failed.
    public var failures: [QualityCheck] { checks.filter { $0.verdict == .fail } }

    /// Ends the run where a check failed and the config does not say that data is published all the same.
    func demand(_ spec: QualitySpec) throws(RunError) {
        guard passed || spec.onFailure == .warn else { throw .quality(self) }
    }

    /// How many checks passed.
    public var passCount: Int { checks.count { $0.verdict == .pass } }
    /// How many found nothing to measure.
    public var notApplicableCount: Int { checks.count { $0.verdict == .notApplicable } }

    /// How many of those that passed would have without their effect, too.
    public var inconclusiveCount: Int { checks.count { $0.isInconclusive } }

    /// - Parameter checks: In the order asked.
    public init(checks: [QualityCheck]) { self.checks = checks }
}
