/// What lasting changes and lifetimes ask of the rest of the config.
extension Contradictions {
    mutating func life() {
        changes()
        lifetimes()
    }

    private mutating func changes() {
        let key = ConfigTable.changesPath
        guard case .changes(let changes) = settings.value(key) else { return }
        let names = metrics.compactMap(\.name)
        let isSure = metrics.allSatisfy { $0.name != nil }
        for change in changes {
            let path = ConfigPlace.path(key, change.name)
            for own in change.metrics where isSure && !names.contains(own.metric) {
                unknown(own.metric, "metric", names, at: [ConfigPlace.path(ConfigPlace.path(path, "metrics"), own.metric), path, key])
            }
            for choice in change.servers {
                guard let known = labels(choice.column) else { continue }
                for label in choice.labels where !known.contains(label) {
                    let column = ConfigPlace.path(ConfigPlace.path(path, "servers"), choice.column.rawValue)
                    unknown(
                        label, choice.column.rawValue.replacing("_", with: " "), known,
                        at: [ConfigPlace.path(column, label), column, path, key])
                }
            }
        }
    }

    /// The labels of a column, nil where they are in doubt.
    func labels(_ column: ServerDirectory.Label) -> [String]? {
        switch column {
        case .businessUnit: settings.labels("data_generation.metadata.business_units")?.labels
        case .region: settings.labels("data_generation.metadata.regions")?.labels
        case .criticality: settings.labels("data_generation.metadata.criticality_levels")?.labels
        case .archetype: settings.value("data_generation.archetypes").map { _ in archetypes.map(\.name) }
        }
    }

    private mutating func lifetimes() {
        let path = ConfigTable.lifetimePath
        guard case .fleetGrowth(let growth) = settings.value(path + ".growth") else { return }
        if case .commissioning = settings.value(path + ".commissioned") {
            add(
                "growth and commissioned both say when servers begin", remedy: "keep one of them",
                at: [path + ".commissioned", path + ".growth"])
        }
        guard let servers = settings.integer("data_generation.num_servers"), let last = growth.last, last.servers != servers else { return }
        add(
            "the fleet grows to \(last.servers) servers, and num_servers is \(servers)", expected: "the same number",
            remedy: "write servers: \(servers) for \(last.date), or num_servers: \(last.servers)",
            at: [path + ".growth", "data_generation.num_servers"])
    }
}
