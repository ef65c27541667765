/// A slow wave that the servers of a label share in one metric: a factor of mean 1.
///
/// ```
/// node k     g(k) = sum over j of phi^j * e(k - j), normalised to variance 1         phi = 1/2, e standard normal, addressed by k
/// between    the straight line from node to node, divided by its standard deviation, so that every step has variance 1
/// factor     1 + deviation * g, at least 0
/// ```
/// Nodes are `duration` apart and absolute, so the wave forgets half of what it was over that time and never depends on the window.
package struct SharedFactor: Sendable {
    /// How much of a node is left at the next.
    static let memory = 0.5
    /// Innovations that a node remembers: what is older has less than 2^-23 of its weight.
    private static let terms = 24

    /// - Parameters:
    ///   - stream: Of the incident, label and metric.
    ///   - spacing: Steps from node to node, at least 1.
    ///   - steps: Absolute.
    /// - Returns: The wave, of mean 0 and variance 1, one number per step.
    package static func wave(_ stream: DrawStream, spacing: Int, steps: Range<Int>) -> [Double] {
        let first = floorDivide(steps.lowerBound, spacing)
        let last = floorDivide(steps.upperBound - 1, spacing) + 1
        let innovations = (first - terms + 1...last).map { node -> Double in
            let words = stream.words(server: 0, block: UInt32(truncatingIfNeeded: node))
            return Double(StandardNormal.pair(word: words[0], angle: UInt16(truncatingIfNeeded: words[1])).cosine)
        }
        let weights = (0..<terms).reduce(into: [Double]()) { list, _ in list.append((list.last ?? 2) * memory) }
        let norm = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let nodes = (0...last - first).map { node in
            (0..<terms).reduce(0.0) { $0 + weights[$1] * innovations[node + terms - 1 - $1] } / norm
        }
        return steps.map { step in
            let place = floorDivide(step, spacing)
            let u = Double(step - place * spacing) / Double(spacing)
            let (left, right) = (nodes[place - first], nodes[place - first + 1])
            let deviation = ((1 - u) * (1 - u) + u * u + 2 * u * (1 - u) * memory).squareRoot()
            return ((1 - u) * left + u * right) / deviation
        }
    }
}

/// The shared factors of a run: one wave for each incident, label and metric.
package struct SharedFactors: Sendable {
    private struct Own: Sendable {
        let spec: IncidentSpec
        /// Factor per step, by label and metric; nil where the metric has none, empty where the label has none.
        let waves: [[[Double]?]]
        let draws: DrawStream
    }

    private let all: [Own]
    let isEmpty: Bool

    /// The waves of each factor by label and metric; nil and empty as above.
    var waves: [(spec: IncidentSpec, byLabel: [[[Double]?]])] { all.map { ($0.spec, $0.waves) } }

    package init(_ data: DataSpec, steps: StepRange) {
        all = data.incidents.filter { !$0.kind.hasEvents }.map { spec in
            let labels = spec.scope.column.map { data.labelShares($0).0 } ?? [""]
            let waves = labels.map { label -> [[Double]?] in
                guard spec.labels.isEmpty || spec.labels.contains(label) else { return [] }
                return data.metrics.map { metric in
                    guard case .factor(let deviation)? = spec.metrics.first(where: { $0.metric == metric.name })?.effect else { return nil }
                    let stream = DrawStream(seed: data.seed, purpose: .sharedFactor, metric: "\(spec.name)\n\(label)\n\(metric.name)")
                    let spacing = SpellRate.steps(spec.duration, data.granularity)
                    return SharedFactor.wave(stream, spacing: spacing, steps: steps.absolute).map { max(0, 1 + deviation * $0) }
                }
            }
            return Own(
                spec: spec, waves: waves, draws: DrawStream(seed: data.seed, purpose: .incidentServer, metric: spec.name))
        }
        isEmpty = all.isEmpty
    }

    /// Calls `body` with each factor that a server has in a metric, one number per step.
    func forEach(metric: Int, server: Int, label: (ServerDirectory.Label) -> Int, _ body: ([Double]) -> Void) {
        for own in all {
            let place = own.spec.scope.column.map(label) ?? 0
            guard !own.waves[place].isEmpty, let wave = own.waves[place][metric] else { continue }
            if own.spec.share < 1, own.draws.uniform(server: UInt32(server)) >= own.spec.share { continue }
            body(wave)
        }
    }
}
