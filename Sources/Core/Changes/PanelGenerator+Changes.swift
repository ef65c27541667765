extension PanelGenerator {
    /// What happens to a plan's cells beside signal and noise, in the order in which it acts.
    ///
    /// - Parameter hasGaps: Whether cells can be missing for what happens to them; without, they have the values that nobody saw.
    static func changes(of plan: PanelPlan, hasGaps: Bool = true) -> [any CellChangeSource] {
        let directory = ServerDirectory(plan.spec.data)
        let lasting = LastingPlan(plan.spec.data, steps: plan.steps, directory: directory)
        let incidents = IncidentSource(plan.spec.data, steps: plan.steps, directory: directory, hasGaps: hasGaps)
        let mess = hasGaps ? MessSource(plan, directory: directory) : nil
        let sources: [(any CellChangeSource)?] = [lasting, incidents, mess]
        return sources.compactMap(\.self)
    }
}
