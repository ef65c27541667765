package import Core

/// The cells of servers that are evenly spaced over the fleet: what a report looks at one by one.
///
/// ```
/// values[metric][place * steps + step]     not a number where a cell is missing, its row is not there yet, or the server does not exist
/// ```
/// Memory: at most `mostCells` numbers, or one server's cells where those are more.
package struct FleetSample: Sendable {
    /// Ordinals, ascending.
    let servers: [Int]
    /// Servers of the whole.
    let fleet: Int
    /// Steps of the window.
    let steps: Int
    /// Cells by metric.
    let values: [[Double]]
    /// When each server has rows.
    let spans: [Range<Int>]
    /// The steps of those spans whose rows are late and not in the file yet, by server.
    let waiting: [[Int]]

    package static let mostServers = 1000
    package static let mostCells = 1_000_000

    /// Whether it is the whole fleet.
    var isWhole: Bool { servers.count == fleet }

    /// One server's cells.
    func row(_ metric: Int, _ place: Int) -> ArraySlice<Double> { values[metric][place * steps..<(place + 1) * steps] }

    /// Whether a server is in the file at all: it exists in the window, and not all of its rows are late.
    func hasRows(_ place: Int) -> Bool { spans[place].count > waiting[place].count }

    /// Servers that are.
    var present: Int { servers.indices.count { hasRows($0) } }

    /// So many numbers of a range, evenly spaced from its first on.
    package static func spread(_ count: Int, over range: Range<Int>) -> [Int] {
        let kept = min(count, range.count)
        return (0..<kept).map { range.lowerBound + $0 * range.count / kept }
    }

    /// The servers that a report of a plan looks at.
    /// - Parameter chosen: Those to choose from; nil for all.
    package static func servers(of plan: PanelPlan, among chosen: [Int]? = nil) -> [Int] {
        let cells = plan.rowSteps.count * plan.spec.data.metrics.count
        let most = min(mostServers, max(1, mostCells / max(1, cells)))
        guard let chosen else { return spread(most, over: plan.servers) }
        return spread(most, over: chosen.indices).map { chosen[$0] }
    }

    /// Makes the cells again, servers and metrics in parallel.
    init(_ generator: PanelGenerator, servers: [Int]) async {
        let steps = generator.plan.rowSteps.count
        let parts = stride(from: 0, to: servers.count, by: 32).map { $0..<min($0 + 32, servers.count) }
        let metrics = generator.signals.count
        var values = [[Double]](repeating: [Double](repeating: .nan, count: servers.count * steps), count: metrics)
        await withTaskGroup(of: (metric: Int, first: Int, cells: [Double]).self) { tasks in
            for metric in 0..<metrics {
                for part in parts {
                    tasks.addTask {
                        var cells: [Double] = []
                        cells.reserveCapacity(part.count * steps)
                        for place in part {
                            for value in generator.values(metric: metric, server: servers[place]) {
                                cells.append(value ?? .nan)
                            }
                        }
                        return (metric, part.lowerBound * steps, cells)
                    }
                }
            }
            for await made in tasks {
                made.cells.withUnsafeBufferPointer { cells in
                    values[made.metric].withUnsafeMutableBufferPointer { all in
                        for index in cells.indices { all[made.first + index] = cells[index] }
                    }
                }
            }
        }
        let waiting =
            generator.plan.spec.data.mess.rows.lateRate > 0 ? servers.map { generator.waitingRows(of: $0) } : servers.map { _ in [] }
        for metric in values.indices {
            for (place, own) in waiting.enumerated() { for step in own { values[metric][place * steps + step] = .nan } }
        }
        (self.servers, self.steps, self.values, self.waiting) = (servers, steps, values, waiting)
        fleet = generator.plan.servers.count
        spans = servers.map { generator.existence(of: $0) }
    }
}
