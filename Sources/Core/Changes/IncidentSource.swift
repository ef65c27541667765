/// Incidents and shared factors as what happens to cells.
struct IncidentSource: CellChangeSource {
    let plan: IncidentPlan
    private let factors: SharedFactors
    private let directory: ServerDirectory
    private let touched: [Bool]
    /// Whether a power loss leaves cells without values.
    private let hasGaps: Bool

    /// Nil where the dataset has no incidents.
    init?(_ data: DataSpec, steps: StepRange, directory: ServerDirectory, hasGaps: Bool) {
        guard !data.incidents.isEmpty else { return nil }
        plan = IncidentPlan(data, steps: steps)
        factors = SharedFactors(data, steps: steps)
        self.directory = directory
        self.hasGaps = hasGaps
        let loses = hasGaps && data.incidents.contains { $0.kind == .powerLoss }
        touched = data.metrics.map { metric in
            loses || data.incidents.contains { $0.metrics.contains { $0.metric == metric.name } }
        }
    }

    func touches(metric: Int) -> Bool { touched[metric] }

    func add(to changes: inout CellChanges, metric: Int, server: Int) {
        let (directory, steps) = (directory, plan.steps)
        let label = { (column: ServerDirectory.Label) in directory.index(of: column, server: server) }
        factors.forEach(metric: metric, server: server, label: label) { wave in
            wave.withUnsafeBufferPointer { changes.multiply(0..<steps.count, .sharedFactor, by: $0) }
        }
        plan.forEachHit(server: server, metric: metric, label: label) { hit in
            let incident = plan.incidents[hit.incident]
            let start = hit.start - steps.absolute.lowerBound
            let end = start + incident.strengths.count
            let window = 0..<steps.count
            if hasGaps, incident.gap > 0, !hit.takesOver {
                let gap = (start..<start + incident.gap).clamped(to: window)
                if !gap.isEmpty { changes.gaps.append(.init(steps: gap, cause: .powerLoss)) }
            }
            guard let effect = incident.effect(metric, of: hit) else { return }
            changes.change((start + incident.gap..<end).clamped(to: window), .incident) { step in
                effect.affine(strength: hit.event.magnitude * incident.strengths[step - start])
            }
        }
    }
}
