import Kernels
import Synchronization

/// The judged cells of a few servers, for checks of what shows in single servers only: memory, tails and correlation of noise.
///
/// Bounded: of each archetype at most 64 servers and as many cells of each metric as make about half a megabyte, and of a panel of several archetypes
/// not more than about a quarter.
public struct NoiseSample: Sendable, Equatable {
    /// One metric of one server.
    struct Row: Sendable, Equatable {
        let server: Int
        let metric: Int
        let cells: Cells
    }

    /// One per step.
    enum Cells: Sendable, Equatable {
        /// Numbers above the grid's lowest, and the steps that are missing or outliers.
        case narrow([UInt16], gaps: [Int32])
        /// In the metric's unit; not a number where the cell is missing or an outlier.
        case wide([Float])

        var count: Int {
            switch self {
            case .narrow(let numbers, _): numbers.count
            case .wide(let values): values.count
            }
        }

        /// Writes them in the metric's unit, not a number for gaps.
        func fill(_ out: UnsafeMutableBufferPointer<Float>, _ grid: ValueGrid) {
            precondition(out.count == count, "room for all")
            switch self {
            case .narrow(let numbers, let gaps):
                let lowest = grid.value(Double(grid.range.lowerBound))
                fleetsynth_widen(numbers, Int32(numbers.count), lowest, 1 / grid.scale, out.baseAddress)
                for step in gaps { out[Int(step)] = .nan }
            case .wide(let values): _ = out.update(fromContentsOf: values)
            }
        }
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
    static func servers(_ directory: ServerDirectory, _ servers: Range<Int>, steps: Int) -> [[Int]] {
        let kinds = max(1, directory.classes.archetypes.count)
        let cells = min(mostCells, max(sureCells, servers.count * steps / (4 * kinds)))
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

/// Takes the cells of a sample's servers from the pass that makes them, on any thread.
final class NoiseSampler: Sendable {
    /// The metrics that are sampled, and the servers of each archetype.
    let metrics: [Int]
    let servers: [[Int]]
    private let wanted: Set<Int>
    private let steps: Int
    private let kept: Mutex<[Key: NoiseSample.Cells]>

    private struct Key: Hashable {
        let server: Int
        let metric: Int
    }

    init(metrics: [Int], servers: [[Int]], steps: Int) {
        (self.metrics, self.servers, self.steps) = (metrics, servers, steps)
        wanted = Set(servers.joined())
        kept = Mutex([:])
    }

    /// Whether a server's cells are to be kept.
    func wants(_ server: Int) -> Bool { wanted.contains(server) }

    /// - Parameters:
    ///   - row: Judged cells by step.
    ///   - missing: Steps that are missing at random.
    ///   - outliers: Steps that are outliers.
    @inline(never)
    func noiseSampled(_ row: UnsafePointer<UInt16>, server: Int, metric: Int, missing: [Int32], outliers: [Int32]) {
        let numbers = [UInt16](UnsafeBufferPointer(start: row, count: steps))
        let cells = NoiseSample.Cells.narrow(numbers, gaps: (missing + outliers).filter { $0 < steps })
        kept.withLock { $0[Key(server: server, metric: metric)] = cells }
    }

    /// Rows kept so far.
    var count: Int { kept.withLock { $0.count } }

    func cells(server: Int, metric: Int) -> NoiseSample.Cells? { kept.withLock { $0[Key(server: server, metric: metric)] } }
}

extension PanelGenerator {
    /// Keeps what `noiseSample` needs; nil where noise is plain.
    static func noiseSampler(_ plan: PanelPlan, _ directory: ServerDirectory, _ signals: [MetricSignal], _ noise: FleetNoise)
        -> NoiseSampler?
    {
        let (metrics, steps) = (noiseSampledMetrics(signals, noise), NoiseSample.steps(plan.steps.count))
        if metrics.isEmpty { return nil }
        return NoiseSampler(metrics: metrics, servers: NoiseSample.servers(directory, plan.servers, steps: steps), steps: steps)
    }

    /// Rows of the sample that the pass over the cells has kept.
    package var sampledRows: Int { sampler?.count ?? 0 }

    /// The metrics whose noise is more than independent normal deviates of their own.
    static func noiseSampledMetrics(_ signals: [MetricSignal], _ noise: FleetNoise) -> [Int] {
        signals.indices.filter { index in
            signals[index].classes.contains { $0.noise != nil } || noise.isCorrelated(signals[index].metric.name)
        }
    }

    /// The sample of the metrics whose noise is more than independent normal deviates of their own; nil where there are none. What the pass over the
    /// cells has not kept is made once more: the same cells.
    /// - Parameter metrics: Indices of the metrics to sample; nil for those.
    public func noiseSample(metrics wanted: [Int]? = nil) -> NoiseSample? {
        let metrics = wanted ?? sampler?.metrics ?? Self.noiseSampledMetrics(signals, noise)
        guard !metrics.isEmpty else { return nil }
        let steps = NoiseSample.steps(plan.steps.count)
        let servers = sampler?.servers ?? NoiseSample.servers(directory, plan.servers, steps: steps)
        let made = Self.inParallel(servers.flatMap { $0 }) { server in
            metrics.map { metric in
                let cells = sampler?.cells(server: server, metric: metric) ?? judged(metric: metric, server: server, steps: steps)
                return NoiseSample.Row(server: server, metric: metric, cells: cells)
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
    private func judged(metric: Int, server: Int, steps: Int) -> NoiseSample.Cells {
        let signal = signals[metric]
        let cells = MetricCells(signal)
        let own = directory.classIndex(server: server)
        return withScratch { scratch in
            scratch.span = cellSpan(server: server)
            if signal.grid.isNarrow {
                scratch.reserveNarrow(row: cells.rowCount, classes: 1, cells: 0, counts: signal.grid.bins)
                let deviate = signal.bias.deviate(server: UInt32(server))
                let row = cells.fillNarrow(of: own, server: UInt32(server), deviate: deviate, scratch: scratch)
                return .narrow(
                    [UInt16](UnsafeBufferPointer(start: row, count: steps)),
                    gaps: (scratch.missing + scratch.outliers).filter { $0 < steps })
            }
            let all = signal.steps.count
            scratch.reserve(noise: cells.noiseCount, whole: all, real: all, counts: 0)
            var values: [Float]
            if signal.metric.decimals == nil {
                cells.fillReal(scratch.real.baseAddress.unsafelyUnwrapped, of: own, server: UInt32(server), scratch: scratch)
                values = (0..<steps).map { Float(scratch.real[$0]) }
            } else {
                cells.fillWhole(scratch.whole.baseAddress.unsafelyUnwrapped, of: own, server: UInt32(server), scratch: scratch)
                values = (0..<steps).map { Float(Double(scratch.whole[$0]) / signal.grid.scale) }
            }
            for step in scratch.missing + scratch.outliers where Int(step) < steps { values[Int(step)] = .nan }
            return .wide(values)
        }
    }
}
