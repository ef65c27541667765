// What happens to cells, as the table of events tells it.

extension LastingPlan: TruthEventSource {
    package func truthEvents(_ data: DataSpec, _ directory: ServerDirectory) throws(PlanError) -> [TruthEvent] {
        let most = IncidentPlan.mostListed
        guard let events = truth(data, atMost: most, inForce: true) else { throw .tooManyEvents(most) }
        return events
    }
}

extension IncidentSource: TruthEventSource {
    package func truthEvents(_ data: DataSpec, _ directory: ServerDirectory) throws(PlanError) -> [TruthEvent] {
        try plan.truth(data, directory)
    }
}

extension MessSource: TruthEventSource {
    package func truthEvents(_ data: DataSpec, _ directory: ServerDirectory) throws(PlanError) -> [TruthEvent] {
        try plan.truth(data, directory)
    }
}
