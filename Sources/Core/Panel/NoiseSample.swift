/// The judged cells of a few servers, for checks of what shows in single servers: memory, tails and correlation of noise.
///
/// Bounded: of each archetype at most 64 servers and as many cells of each metric as make about a megabyte, and of a panel of several archetypes
/// not more than about half, because the sample is made once more.
public struct NoiseSample: Sendable {
    /// One metric of one server.
    struct Row: Sendable {
        let server: Int
        let metric: Int
        /// Per step, in the metric's unit; not a number where the cell is missing or an outlier.
        let values: [Float]
    }

    /// Rows by archetype (one entry where there are none), then by server and metric.
    let rows: [[Row]]

    static let mostServers = 64
    private static let mostCells = 200_000
    /// Cells of each archetype and metric that are looked at in any case, where there are so many.
    private static let sureCells = 65_536
    /// Servers looked at in search of those of each archetype.
    private static let mostVisits = 100_000

    /// How many steps of each row are kept.
    static func steps(_ all: Int) -> Int { min(all, mostCells) }

    /// The servers of each archetype that are sampled.
    fileprivate static func servers(_ directory: ServerDirectory, _ servers: Range<Int>, steps: Int) -> [[Int]] {
        let kinds = max(1, directory.classes.archetypes.count)
        let cells = min(mostCells, max(sureCells, servers.count * steps / (2 * kinds)))
        let most = max(1, min(mostServers, cells / steps))
        var found = [[Int]](repeating: [], count: kinds)
        for server in servers.prefix(mostVisits) {
            let kind = directory.classes.kind(of: directory.classIndex(server: server))
            guard found[kind].count < most else {
                if found.allSatisfy({ $0.count >= most }) { break }
                continue
            }
            found[kind].append(server)
        }
        return found
    }
}

extension PanelGenerator {
    /// The sample of the metrics whose noise is more than independent normal deviates of their own; nil where there are none.
    /// - Parameter metrics: Indices of the metrics to sample; nil for those.
    public func noiseSample(metrics wanted: [Int]? = nil) -> NoiseSample? {
        let metrics =
            wanted
            ?? signals.indices.filter { index in
                signals[index].classes.contains { $0.noise != nil } || noise.isCorrelated(signals[index].metric.name)
            }
        guard !metrics.isEmpty else { return nil }
        let steps = NoiseSample.steps(plan.steps.count)
        let servers = NoiseSample.servers(directory, plan.servers, steps: steps)
        let made = Self.inParallel(servers.flatMap { $0 }) { server in
            metrics.map { metric in
                NoiseSample.Row(server: server, metric: metric, values: judged(metric: metric, server: server, steps: steps))
            }
        }
        var first = 0
        return NoiseSample(
            rows: servers.map { own in
                defer { first += own.count }
                return made[first..<first + own.count].flatMap { $0 }
            })
    }

    /// The first steps of one server's cells as the gate judges them, without missing ones and outliers.
    private func judged(metric: Int, server: Int, steps: Int) -> [Float] {
        let signal = signals[metric]
        let cells = MetricCells(signal)
        let own = directory.classIndex(server: server)
        return withScratch { scratch in
            var values: [Float]
            scratch.span = 0..<signal.steps.count
            if signal.grid.isNarrow {
                scratch.reserveNarrow(row: cells.rowCount, classes: 1, cells: 0, counts: signal.grid.bins)
                let deviate = signal.bias.deviate(server: UInt32(server))
                let row = cells.fillNarrow(of: own, server: UInt32(server), deviate: deviate, scratch: scratch)
                let (origin, lowest, scale) = (signal.grid.origin, Double(signal.grid.range.lowerBound), signal.grid.scale)
                values = [Float](unsafeUninitializedCapacity: steps) { values, count in
                    for step in 0..<steps { values[step] = Float(origin + (lowest + Double(row[step])) / scale) }
                    count = steps
                }
            } else {
                let all = signal.steps.count
                scratch.reserve(noise: cells.noiseCount, whole: all, real: all, counts: 0)
                if signal.metric.decimals == nil {
                    cells.fillReal(scratch.real.baseAddress.unsafelyUnwrapped, of: own, server: UInt32(server), scratch: scratch)
                    values = (0..<steps).map { Float(scratch.real[$0]) }
                } else {
                    cells.fillWhole(scratch.whole.baseAddress.unsafelyUnwrapped, of: own, server: UInt32(server), scratch: scratch)
                    values = (0..<steps).map { Float(Double(scratch.whole[$0]) / signal.grid.scale) }
                }
            }
            for step in scratch.missing + scratch.outliers where Int(step) < steps { values[Int(step)] = .nan }
            return values
        }
    }
}
